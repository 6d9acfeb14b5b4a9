/* SPDX-License-Identifier: MIT
 *
 * container PROGRAM ARG...: runs it under a seccomp filter as a container
 * has one from its start: what the list does not name fails with ERROR.
 * Compiled by container.sh, which makes the list.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef ERROR
#	define ERROR EPERM
#endif

/* Every CLONE_NEW* but CLONE_NEWTIME, which clone() has not. */
enum { NAMESPACES = 0x7e020000, VSOCK = 40 };

static const int allowed[] = {
#include "allowed.h"
};

enum { ALLOWED = sizeof(allowed) / sizeof(*allowed) };

static struct sock_filter code[2 * ALLOWED + 64];
static unsigned short used;

static void add(unsigned what, unsigned k, unsigned char yes, unsigned char no)
{
	code[used++] = (struct sock_filter){(unsigned short)what, yes, no, k};
}

static void load(size_t from)
{
	add(BPF_LD | BPF_W | BPF_ABS, (unsigned)from, 0, 0);
}

static void answer(unsigned action)
{
	add(BPF_RET | BPF_K, action, 0, 0);
}

/* The next `n` statements are for the call `nr` alone. */
static void only_for(int nr, unsigned char n)
{
	add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, n);
}

/* The first argument decides. */
static void by_argument(void)
{
	static const unsigned personas[] = {0, 8, 0x20000, 0x20008, ~0U};
	const size_t first = offsetof(struct seccomp_data, args);
	const unsigned refused = SECCOMP_RET_ERRNO | EPERM;

	only_for(SYS_clone, 4);
	load(first);
	add(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1);
	answer(refused);
	answer(SECCOMP_RET_ALLOW);
	only_for(SYS_socket, 4);
	load(first);
	add(BPF_JMP | BPF_JEQ | BPF_K, VSOCK, 0, 1);
	answer(refused);
	answer(SECCOMP_RET_ALLOW);
	only_for(SYS_personality, 12);
	load(first);
	for (int i = 0; i < 5; i++) {
		add(BPF_JMP | BPF_JEQ | BPF_K, personas[i], 0, 1);
		answer(SECCOMP_RET_ALLOW);
	}
	answer(refused);
	only_for(SYS_clone3, 1);
	answer(SECCOMP_RET_ERRNO | ENOSYS);
}

int main(int argc, char **argv)
{
	struct sock_fprog filter = {.filter = code};

	load(offsetof(struct seccomp_data, nr));
	by_argument();
	for (int i = 0; i < ALLOWED; i++) {
		only_for(allowed[i], 1);
		answer(SECCOMP_RET_ALLOW);
	}
	answer(SECCOMP_RET_ERRNO | ERROR);
	filter.len = used;
	/* Root needs no promise, and then makes none. */
	if (geteuid())
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (argc < 2 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)) {
		perror("seccomp");
		return 77;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}

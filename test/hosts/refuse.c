/* SPDX-License-Identifier: MIT
 *
 * refuse WHAT ERROR COMMAND...: runs it with a seccomp filter that fails one
 * thing: clone3; "reading", which is process_vm_readv; or "dispatch", which is
 * to switch Syscall User Dispatch on, as a kernel without it (EINVAL) or with a
 * sysctl against it (EPERM) does.
 * Exits with 77 if there can be no filter.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_clone3
#	define SYS_clone3 435
#endif

#define LOW(n)                                           \
	(offsetof(struct seccomp_data, args) + 8 * (n) + \
	 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define LOAD(at)	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

int main(int argc, char **argv)
{
	int error = argc > 3 && !strcmp(argv[2], "EPERM")    ? EPERM
		    : argc > 3 && !strcmp(argv[2], "EINVAL") ? EINVAL
							     : ENOSYS;
	bool reading = argc > 3 && !strcmp(argv[1], "reading");
	struct sock_filter one[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		UNLESS(reading ? SYS_process_vm_readv : SYS_clone3, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	/* PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON. */
	struct sock_filter dispatch[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		UNLESS(SYS_prctl, 5),
		LOAD(LOW(0)),
		UNLESS(59, 3),
		LOAD(LOW(1)),
		UNLESS(1, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {4, one};

	if (argc < 4)
		return 2;
	if (!strcmp(argv[1], "dispatch"))
		filter = (struct sock_fprog){8, dispatch};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 77;
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 127;
}

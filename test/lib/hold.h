/* SPDX-License-Identifier: MIT
 *
 * A program whose system calls are shown to this process, which lets them go on
 * when it likes (seccomp's user notification, Linux 5.5): threads in slow
 * motion. The filter is there before the program, as a container's is.
 */
#ifndef TEST_HOLD_H
#define TEST_HOLD_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>

#include "util.h"

#ifndef SYS_pidfd_getfd
#	define SYS_pidfd_getfd (VS_FIRST_NUMBER + 438)
#endif

struct watched {
	pid_t pid;
	int listener;
};

struct shown {
	uint64_t id;
	pid_t tid;
	int nr;
	uint64_t at_ms;
};

static UNUSED uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A descriptor, or -1: from now on these two calls are shown to whoever has
 * it. */
static int show_calls(int nr, int other)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)other, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {LENGTH(code), code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* False where there is no such thing. */
static UNUSED bool watch(struct watched *w, int nr, int other, char **argv)
{
	int up[2], down[2], theirs = -1, pidfd;

	ck_assert_int_eq(pipe2(up, O_CLOEXEC) | pipe2(down, O_CLOEXEC), 0);
	w->pid = fork();
	if (!w->pid) {
		theirs = show_calls(nr, other);
		(void)!write(up[1], &theirs, sizeof(theirs));
		if (theirs >= 0 && read(down[0], &theirs, 1) == 1)
			execv(argv[0], argv);
		_exit(99);
	}
	(void)!read(up[0], &theirs, sizeof(theirs));
	pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	w->listener = (int)syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
	if (w->listener >= 0)
		(void)!write(down[1], "x", 1);
	else
		kill(w->pid, SIGKILL);
	close(pidfd);
	for (int i = 0; i < 2; i++) {
		close(up[i]);
		close(down[i]);
	}
	if (w->listener < 0)
		wait_for(w->pid);
	return w->listener >= 0;
}

/* The next call, or false if there is none in this time. */
static UNUSED bool next_call(const struct watched *w, struct shown *call,
			     int ms)
{
	struct pollfd p = {.fd = w->listener, .events = POLLIN};
	union {
		struct seccomp_notif notif;
		char room[256];
	} u = {.room = ""};

	memset(&u, 0, sizeof(u));
	if (poll(&p, 1, ms) != 1 || !(p.revents & POLLIN) ||
	    ioctl(w->listener, SECCOMP_IOCTL_NOTIF_RECV, &u))
		return false;
	call->id = u.notif.id;
	call->tid = (pid_t)u.notif.pid;
	call->nr = u.notif.data.nr;
	call->at_ms = now_ms();
	return true;
}

/* Who is gone needs no answer. */
static UNUSED void let_go_on(const struct watched *w, struct shown *call)
{
	struct seccomp_notif_resp answer = {
		.id = call->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

	ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	call->id = 0;
}

/* It is a thread of the program with this name. */
static UNUSED bool is_thread(const struct watched *w, pid_t tid,
			     const char *name)
{
	char path[64], *text;
	bool is;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/comm", w->pid, tid);
	text = slurp(path);
	is = !strncmp(text, name, strlen(name));
	free(text);
	return is;
}

#endif

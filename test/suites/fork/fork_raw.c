/* SPDX-License-Identifier: MIT
 *
 * Forks by the system call's number, as Qt's forkfd and many container tools
 * make them: no handlers of pthread_atfork(), one child, and a descriptor of it
 * if that was asked for.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#include "around.h"

#ifndef CLONE_PIDFD
#	define CLONE_PIDFD 0x1000
#endif
#ifndef P_PIDFD
#	define P_PIDFD 3
#endif

static int handled;

static void handler(void)
{
	handled++;
}

static long raw_clone(long flags, int *third)
{
	long args[3] = {0, 0, (long)third};

	args[VS_CLONE_FLAGS] = flags;
	return syscall(SYS_clone, args[0], args[1], args[2], 0, 0);
}

static long by_fork_number(void)
{
#ifdef SYS_fork
	return syscall(SYS_fork);
#else
	return raw_clone(SIGCHLD, NULL);
#endif
}

static void plain(void)
{
	pthread_atfork(handler, handler, handler);
	for (int i = 0; i < 5; i++) {
		long pid = i % 2 ? by_fork_number() : raw_clone(SIGCHLD, NULL);

		if (!pid) {
			if (heap[123456] != heap_word(123456) || handled)
				_exit(50);
			become_program();
		}
		exits_with((pid_t)pid, 4);
		ck_assert_int_eq(handled, 0);
	}
}

/* The variable of the child is as it was. */
static void with_descriptor_in(int *fd, bool execs)
{
	int before = open_fds();
	siginfo_t info = {0};
	long pid;

	*fd = -7;
	pid = raw_clone(SIGCHLD | CLONE_PIDFD, fd);
	if (!pid) {
		if (*fd != -7 || open_fds() != before)
			_exit(50);
		if (execs)
			become_program();
		_exit(4);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(open_fds(), before + 1);
	ck_assert_int_eq(fcntl(*fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(vs_sys(SYS_waitid, P_PIDFD, *fd, &info, WEXITED, NULL),
			 0);
	ck_assert_int_eq(info.si_pid, pid);
	ck_assert_int_eq(info.si_status, 4);
	close(*fd);
	ck_assert_int_eq(open_fds(), before);
}

static void with_descriptor(void)
{
	int fd;

	for (int i = 0; i < 4; i++) {
		with_descriptor_in(&fd, true);
		with_descriptor_in((int *)&heap[700000], true);
		heap[700000] = heap_word(700000);
	}
}

static void without_exec(void)
{
	int fd;

	for (int i = 0; i < 4; i++) {
		with_descriptor_in(&fd, false);
		with_descriptor_in((int *)&heap[700000], false);
		heap[700000] = heap_word(700000);
	}
}

/* Of a child that others have killed it says so, too. */
static void killed(void)
{
	for (int i = 0; i < 4; i++) {
		siginfo_t info = {0};
		int fd = -1;
		long pid = raw_clone(SIGCHLD | CLONE_PIDFD, &fd);

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, 0);
			kill(getpid(), SIGKILL);
			_exit(99);
		}
		ck_assert_int_eq(
			vs_sys(SYS_waitid, P_PIDFD, fd, &info, WEXITED, NULL),
			0);
		ck_assert_int_eq(info.si_pid, pid);
		ck_assert_int_eq(info.si_code, CLD_KILLED);
		ck_assert_int_eq(info.si_status, SIGKILL);
		close(fd);
	}
}

static void with_id(void)
{
	for (int i = 0; i < 4; i++) {
		int id = -7;
		long pid = raw_clone(SIGCHLD | CLONE_PARENT_SETTID, &id);

		if (!pid) {
			if (id != -7)
				_exit(50);
			become_program();
		}
		exits_with((pid_t)pid, 4);
		ck_assert_int_eq(id, pid);
	}
}

static void refused(void)
{
	ck_assert_int_eq(raw_clone(SIGCHLD | CLONE_THREAD, NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(raw_clone(SIGCHLD | CLONE_PIDFD | CLONE_PARENT_SETTID,
				   (int *)16),
			 -1);
	ck_assert_int_eq(raw_clone(SIGCHLD | CLONE_PIDFD, (int *)16), -1);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(commit)
{
	static void (*const scenes[])(void) = {plain, with_descriptor, with_id};

	commits(scenes[_i]);
}
END_TEST

START_TEST(others)
{
	static void (*const scenes[])(void) = {without_exec, killed, refused};

	works(scenes[_i]);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("raw");

	tcase_add_loop_test(tcase, commit, 0, 3);
	tcase_add_loop_test(tcase, others, 0, 3);
	return run_scenes("fork: raw", tcase, argv);
}

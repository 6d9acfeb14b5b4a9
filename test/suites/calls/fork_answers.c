/* SPDX-License-Identifier: MIT
 *
 * What a child is told before it execs is what a child by the system call is
 * told: each of these was not, once.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "util.h"

/* The least that the kernel takes, less than that, and none. */
static int alternate_stacks(void)
{
	static const size_t sizes[] = {2048, 2047, 100, 8192};
	static char room[8192];
	int answer = 0;

	for (int i = 0; i < LENGTH(sizes); i++) {
		stack_t set = {.ss_sp = room, .ss_size = sizes[i]}, now;

		answer = answer * 2 + !!vs_sys(SYS_sigaltstack, &set, NULL);
		set.ss_flags = SS_DISABLE;
		vs_sys(SYS_sigaltstack, &set, NULL);
		vs_sys(SYS_sigaltstack, NULL, &now);
		answer += now.ss_sp || now.ss_size ? 32 : 0;
	}
	return answer;
}

/* As the kernel has it: it keeps neither all flags nor all of the mask. */
struct action {
	void *handler;
	unsigned long flags;
#if VS_SIGACTION_RESTORER
	void *restorer;
#endif
	uint64_t mask;
};

static int dispositions(void)
{
	static const int signals[] = {SIGSYS, SIGSEGV, SIGTRAP, SIGUSR1};
	uint64_t sum = 0;

	for (int i = 0; i < LENGTH(signals); i++) {
		struct action set = {.flags = ~0UL, .mask = ~0UL}, now;

		vs_sys(SYS_rt_sigaction, signals[i], &set, NULL, 8);
		vs_sys(SYS_rt_sigaction, signals[i], NULL, &now, 8);
		sum = sum * 31 + now.flags + now.mask;
	}
	return (int)(sum % 127);
}

static int libc_dispositions(void)
{
	struct sigaction old = {.sa_flags = 0};
	int sum = 0;

	for (int sig = 1; sig < 32; sig++) {
		signal(sig, SIG_IGN);
		sigaction(sig, NULL, &old);
		sum = (sum * 31 + (old.sa_flags >> 24) + 1) % 127;
	}
	return sum;
}

/* None of these descriptors is open; the library has one of its own. */
static int descriptors(void)
{
	struct statfs fs;
	struct stat st;
	char text[8], *const none[] = {NULL};
	int sum = 0;

	for (int fd = 90; fd < 120; fd++) {
		int told = fchdir(fd) ? errno : 0;

		told += fstatfs(fd, &fs) ? errno : 0;
		told += fstatat(fd, "x", &st, 0) ? errno : 0;
		told += fstatat(fd, "", &st, AT_EMPTY_PATH) ? errno : 0;
		told += faccessat(fd, "x", R_OK, 0) ? errno : 0;
		told += readlinkat(fd, "x", text, 8) < 0 ? errno : 0;
		told += openat(fd, "x", O_RDONLY) < 0 ? errno : 0;
		told += fstatat(fd, "/", &st, 0) ? errno : 0;
		told += execveat(fd, "x", none, none, 0) ? errno : 0;
		sum = (sum * 3 + told) % 127;
	}
	return sum;
}

static int (*const asked[])(void) = {alternate_stacks, dispositions,
				     libc_dispositions, descriptors};

START_TEST(same_answers)
{
	pid_t pid = raw_fork();
	int status;

	if (!pid)
		_exit(asked[_i]());
	status = wait_for(pid);
	ck_assert(WIFEXITED(status));
	pid = fork();
	if (!pid)
		exec_exit_static(asked[_i]());
	exits_with(pid, WEXITSTATUS(status));
}
END_TEST

static void *fork_in_thread(void *arg)
{
	pid_t pid = fork();

	if (!pid)
		exec_exit(4);
	exits_with(pid, 4);
	return arg;
}

/* One that waits for the process is borrowed by a fork in any thread, and must
 * be given back. */
START_TEST(pending_in_process)
{
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGSYS);
	ck_assert_int_eq(pthread_create(&thread, NULL, fork_in_thread, NULL),
			 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	fork_in_thread(NULL);
	sigpending(&set);
	ck_assert(sigismember(&set, SIGSYS));
}
END_TEST

/* Of a thread that does not fork, where it is ignored as well. */
START_TEST(pending_in_thread)
{
	pthread_t thread;
	sigset_t set;

	signal(SIGSYS, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pthread_kill(pthread_self(), SIGSYS);
	ck_assert_int_eq(pthread_create(&thread, NULL, fork_in_thread, NULL),
			 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	sigpending(&set);
	ck_assert(sigismember(&set, SIGSYS));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("answers");

	tcase_add_loop_test(tcase, same_answers, 0, LENGTH(asked));
	tcase_add_test(tcase, pending_in_process);
	tcase_add_test(tcase, pending_in_thread);
	return run_suite("fork: answers", tcase);
}

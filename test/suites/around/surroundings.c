/* SPDX-License-Identifier: MIT
 *
 * Places where a transaction is impossible or unwise: fork() works there as it
 * does without the library.
 */
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

#include "forks_work.h"
#include "context.h"

/* /proc is somewhere else, or something else. */
START_TEST(no_proc)
{
	program = shared_host("state");
	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	if (_i)
		ck_assert_int_eq(mount("x", "/proc", "tmpfs", 0, NULL), 0);
	else
		ck_assert_int_eq(umount2("/proc", MNT_DETACH), 0);
	forks_work();
}
END_TEST

START_TEST(no_timers)
{
	struct rlimit none = {0};

	program = shared_host("state");
	setrlimit(RLIMIT_SIGPENDING, &none);
	forks_work();
}
END_TEST

/* Whoever reads the processor's counter dies, as libc's clock_gettime() does.
 */
START_TEST(no_counter)
{
	int status = 0;
	pid_t pid;

	program = shared_host("state");
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0))
		return;
	for (int i = 0; i < 4; i++) {
		pid = fork();
		if (!pid && i % 2)
			execl(program, "state", NULL);
		if (!pid)
			_exit(3);
		ck_assert_int_gt(pid, 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		if (i % 2 == 0)
			ck_assert_int_eq(WEXITSTATUS(status), 3);
	}
	prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
}
END_TEST

/* Lets the traced processes run as they would; the exit code of `first`. */
static int trace(pid_t first)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	int status, code = -1;
	pid_t pid;

	ck_assert_int_eq(waitpid(first, &status, 0), first);
	ck_assert(WIFSTOPPED(status));
	ptrace(PTRACE_SETOPTIONS, first, 0, options);
	ptrace(PTRACE_CONT, first, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		long sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (pid == first && WIFEXITED(status))
			code = WEXITSTATUS(status);
		if (sig == SIGTRAP || sig == SIGSTOP)
			sig = 0;
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, 0, sig);
	}
	return code;
}

START_TEST(traced)
{
	pid_t pid;

	program = shared_host("state");
	pid = fork();
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(50);
		raise(SIGSTOP);
		forks_work();
		_exit(4);
	}
	ck_assert_int_eq(trace(pid), 4);
}
END_TEST

/* The first child is the namespace's init: must be the application's, and
 * the following have the numbers they would have. */
START_TEST(pid_namespace)
{
	int fds[2], status;
	pid_t first;

	ck_assert_int_eq(pipe(fds), 0);
	if (unshare(CLONE_NEWPID))
		return;
	first = fork();
	if (!first) {
		dup2(fds[0], 0);
		close_range(3, ~0U, 0);
		execl("/bin/sh", "sh", "-c", "read line; exit $$", NULL);
		_exit(99);
	}
	for (int n = 2; n < 8; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 3)
				execl("/bin/sh", "sh", "-c", "exit $$", NULL);
			_exit(getpid());
		}
		exits_with(pid, n);
	}
	close(fds[0]);
	close(fds[1]);
	ck_assert_int_eq(waitpid(first, &status, 0), first);
	ck_assert_int_eq(WEXITSTATUS(status), 1);
}
END_TEST

/* The application dispatches system calls itself. */
static volatile char selector;
static volatile sig_atomic_t trapped;

static void on_sys(int sig UNUSED)
{
	selector = 0;
	trapped++;
}

START_TEST(own_dispatch)
{
	struct sigaction sa = {.sa_handler = on_sys};

	program = shared_host("state");
	sigaction(SIGSYS, &sa, NULL);
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0,
		  &selector))
		return;
	for (int n = 1; n < 4; n++) {
		forks_work();
		selector = 1;
		getppid();
		ck_assert_int_eq(selector, 0);
		ck_assert_int_eq(trapped, n);
	}
}
END_TEST

/* A filter that makes signals of system calls, as sandboxes have: its handler
 * answers some of them, before, in and after a fork(). */
#if VS_ARCH_TXN
static void answer(int sig UNUSED, siginfo_t *info, void *context)
{
	trapped++;
	vs_ctx_result(context, info->si_syscall == SYS_getpgid ? 4242 : -EPERM);
}

static void asks(void)
{
	if (getpgid(1) != 4242)
		_exit(50);
	if (trapped < 1)
		_exit(51);
	execs();
}

START_TEST(trapping_filter)
{
	struct sigaction sa = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog filter = {.len = LENGTH(code), .filter = code};

	program = shared_host("state");
	sigaction(SIGSYS, &sa, NULL);
	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter),
			 0);
	for (int n = 1; n < 5; n++) {
		ck_assert_int_eq(getpgid(1), 4242);
		ck_assert_int_eq(trapped, n);
		both_exit(asks, 4);
	}
}
END_TEST
#endif

int main(void)
{
	TCase *tcase = tcase_create("surroundings");

	tcase_add_loop_test(tcase, no_proc, 0, 2);
	tcase_add_test(tcase, no_timers);
	tcase_add_test(tcase, no_counter);
	tcase_add_test(tcase, traced);
	tcase_add_test(tcase, pid_namespace);
	tcase_add_test(tcase, own_dispatch);
#if VS_ARCH_TXN
	tcase_add_test(tcase, trapping_filter);
#endif
	return run_suite("surroundings", tcase);
}

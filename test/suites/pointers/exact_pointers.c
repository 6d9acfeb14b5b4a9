/* SPDX-License-Identifier: MIT
 *
 * Arguments that point nowhere, for calls that a library might look into before
 * the kernel does: the answer is the kernel's.
 */
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "bad.h"

/* ---- clone3 ---- */

static const size_t sizes[] = {0,  1,  8,  63,	 64,   71,	  72,
			       80, 88, 96, 4096, 4097, 1UL << 30, -1UL};

static void try_sizes(int n, const void *args)
{
	for (int i = 0; i < LENGTH(sizes); i++)
		SAME_SYSCALL(n, SYS_clone3, args, sizes[i]);
}

/* What can be read is refused: flags that there are not, or an exit signal. */
static int clone3_args(int argc UNUSED, char **argv UNUSED)
{
	find_bad();
	for (int n = 0; n < bads; n++)
		try_sizes(n, bad[n]);
	for (int i = 0; i < LENGTH(sizes); i++) {
		size_t size = sizes[i] < PAGE ? sizes[i] : PAGE;
		struct clone_args *args = last_bytes(size, 0xff);

		try_sizes(100 + i, args);
		if (size >= sizeof(args->flags))
			args->flags = 0;
		try_sizes(200 + i, args);
		if (size >= sizeof(args->flags))
			args->flags = CLONE_VM | CLONE_VFORK;
		try_sizes(300 + i, args);
	}
	MUST(waitpid(-1, NULL, __WALL) == -1 && errno == ECHILD);
	return 0;
}

/* ---- clone ---- */

/* Where its number cannot be written there is a child all the same. */
static int clone_args(int argc UNUSED, char **argv UNUSED)
{
	find_bad();
	for (int n = 0; n < bads; n++) {
		long args[2] = {0, 0};
		int status = -1;
		pid_t pid;

		args[VS_CLONE_FLAGS] = SIGCHLD | CLONE_PARENT_SETTID |
				       CLONE_CHILD_SETTID |
				       CLONE_CHILD_CLEARTID;
		pid = (pid_t)syscall(SYS_clone, args[0], args[1], bad[n],
				     bad[n], 0);
		if (!pid)
			_exit(4);
		MUST(pid > 0);
		MUST(waitpid(pid, &status, 0) == pid && status == 4 << 8);
	}
	return 0;
}

/* ---- memory ---- */

static const int advices[] = {MADV_DONTFORK,   MADV_DOFORK, MADV_WIPEONFORK,
			      MADV_KEEPONFORK, MADV_NORMAL, 999};

/* Pages of nothing are no error for some of them. */
static void try_memory(int n, void *at, size_t size)
{
	for (int i = 0; i < LENGTH(advices); i++) {
		long kernel = vs_sys(SYS_madvise, at, size, advices[i]);

		same_answer("madvise()", n, madvise(at, size, advices[i]),
			    kernel);
		SAME_SYSCALL(n, SYS_madvise, at, size, advices[i]);
	}
	SAME_SYSCALL(n, SYS_mremap, at, size, size + PAGE, 0, 0);
	SAME_SYSCALL(n, SYS_mremap, at, size, 0, MREMAP_MAYMOVE, 0);
	SAME_SYSCALL(n, SYS_mremap, at, size, PAGE, MREMAP_FIXED, 1);
	SAME_SYSCALL(n, SYS_mremap, at, size, PAGE, 1 << 20, 1);
	SAME_SYSCALL(n, SYS_munmap, (char *)at + 1, size);
	SAME_SYSCALL(n, SYS_munmap, at, 0);
	SAME_SYSCALL(n, SYS_munmap, at, -1UL);
}

static int memory_args(int argc UNUSED, char **argv UNUSED)
{
	find_bad();
	for (int n = 0; n < bads; n++) {
		try_memory(n, bad[n], 0);
		try_memory(n, bad[n], UINTPTR_MAX / 2);
		try_memory(n, bad[n], -1UL);
		try_memory(n, bad[n], -4096UL);
	}
	return 0;
}

/* ---- the others that are watched ---- */

static int watched_args(int argc UNUSED, char **argv UNUSED)
{
	find_bad();
	for (int n = 0; n < bads; n++) {
		long kernel = vs_sys(SYS_prctl, PR_SET_NAME, bad[n], 0, 0, 0);

		if (kernel < 0)
			same_answer("prctl()", n, prctl(PR_SET_NAME, bad[n]),
				    kernel);
		SAME_SYSCALL(n, SYS_prctl, PR_GET_PDEATHSIG, bad[n], 0, 0, 0);
		SAME_SYSCALL(n, SYS_prctl, PR_SET_SECCOMP, 2, bad[n], 0, 0);
		SAME_SYSCALL(n, SYS_seccomp, 1, 0, bad[n]);
		SAME_SYSCALL(n, SYS_seccomp, 2, 0, bad[n]);
		SAME_SYSCALL(n, SYS_setns, bad[n], bad[n]);
		SAME_SYSCALL(n, SYS_unshare, 1L << 31);
	}
	return 0;
}

/* ---- signals, and where they may be seen to by a child's supervisor ---- */

static void try_signals(int n, int sig)
{
	enum { SET = 8 };

	if (!bad[n])
		return;
	SAME_SYSCALL(n, SYS_rt_sigaction, sig, bad[n], NULL, SET);
	SAME_SYSCALL(n, SYS_rt_sigaction, sig, NULL, bad[n], SET);
	SAME_SYSCALL(n, SYS_rt_sigaction, sig, NULL, NULL, SET + 1);
	SAME_SYSCALL(n, SYS_rt_sigprocmask, SIG_BLOCK, bad[n], NULL, SET);
	SAME_SYSCALL(n, SYS_rt_sigprocmask, SIG_BLOCK, NULL, bad[n], SET);
	SAME_SYSCALL(n, SYS_rt_sigprocmask, 77, NULL, NULL, SET + 1);
	SAME_SYSCALL(n, SYS_rt_sigpending, bad[n], SET);
	SAME_SYSCALL(n, SYS_sigaltstack, bad[n], NULL);
	SAME_SYSCALL(n, SYS_sigaltstack, NULL, bad[n]);
}

static void all_signals(void)
{
	for (int n = 0; n < bads; n++) {
		try_signals(n, SIGSYS);
		try_signals(n, SIGSEGV);
		try_signals(n, SIGUSR1);
	}
}

static int signal_args(int argc UNUSED, char **argv UNUSED)
{
	int status = -1;
	pid_t pid;

	grow(32 << 20);
	find_bad();
	all_signals();
	pid = fork();
	if (!pid) {
		all_signals();
		exec_exit_static(4);
	}
	MUST(waitpid(pid, &status, 0) == pid && status == 4 << 8);
	return 0;
}

/* libc looks itself: who asks so dies. */
static int crashes(int argc UNUSED, char **argv UNUSED)
{
	static const struct rlimit none = {0, 0};

	grow(32 << 20);
	find_bad();
	setrlimit(RLIMIT_CORE, &none);
	for (int n = 1; n < bads; n++) {
		pid_t pid = fork();
		int status = -1;

		if (!pid) {
			sigaction(SIGSYS, bad[n], NULL);
			exec_exit_static(4);
		}
		MUST(waitpid(pid, &status, 0) == pid);
		if (WIFSIGNALED(status) &&
		    (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS))
			continue;
		printf("%p: wait status %#x\n", bad[n], status);
		return 1;
	}
	return 0;
}

/* ---- the tests ---- */

static const struct part parts[] = {
	{"clone3", clone3_args},  {"clone", clone_args},
	{"memory", memory_args},  {"watched", watched_args},
	{"signals", signal_args}, {"crashes", crashes}};
static const char *const settings[] = {"", "VSPAWN=off"};

START_TEST(as_the_kernel)
{
	char *argv[] = {"exact_pointers",
			(char *)parts[_i / LENGTH(settings)].name, NULL};
	int status = run_again(argv, settings[_i % LENGTH(settings)]);

	ck_assert_msg(!status, "%s %s: wait status %#x", argv[1],
		      settings[_i % LENGTH(settings)], status);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("pointers");

	again(argc, argv, parts, LENGTH(parts));
	tcase_add_loop_test(tcase, as_the_kernel, 0,
			    LENGTH(parts) * LENGTH(settings));
	return run_suite("exact: pointers to nowhere", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A seccomp filter of the program's own that kills for what not even libc's
 * fork needs, or its exec: the program lives, and so do its children.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "again.h"

#ifdef __GLIBC__
#	include <gnu/libc-version.h>
#endif

enum { FORKS = 4 };

/* What glibc's fork() is made of, until 2.40 in a program of one thread, leaves
 * signals and futexes alone, and so does a child that ends at once; execve() is
 * one call. */
static void load_strictly(void)
{
	static const int killed[] = {SYS_futex, SYS_rt_sigprocmask, SYS_gettid};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)killed[0], 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)killed[1], 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)killed[2], 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {LENGTH(code), code};

	vs_sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	MUST(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0));
}

static bool leaves_signals_alone(void)
{
#ifdef __GLIBC__
	return atoi(gnu_get_libc_version() + 2) < 41;
#else
	return false;
#endif
}

static int strict(int argc UNUSED, char **argv UNUSED)
{
	grow(32 << 20);
	load_strictly();
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = fork();
		int status = -1;

		if (!pid)
			_exit(0);
		MUST(waitpid(pid, &status, 0) == pid && status == 0);
	}
	return 0;
}

static void *sleeps(void *unused)
{
	pause();
	return unused;
}

static int execs(int argc UNUSED, char **argv)
{
	pthread_t thread;

	MUST(!pthread_create(&thread, NULL, sleeps, NULL));
	load_strictly();
	execve(host("nop"), argv, NULL);
	return 1;
}

/* Beside another thread, which might fork. */
START_TEST(may_exec)
{
	char *argv[] = {"exact_filters_strict", "execs", NULL};

	ck_assert_int_eq(run_again(argv, "VSPAWN_STATS"), 0);
}
END_TEST

START_TEST(lives_with_less)
{
	char *argv[] = {"exact_filters_strict", "strict", NULL};

	if (leaves_signals_alone())
		ck_assert_int_eq(run_again(argv, "VSPAWN_STATS"), 0);
}
END_TEST

int main(int argc, char **argv)
{
	static const struct part parts[] = {{"strict", strict},
					    {"execs", execs}};
	TCase *tcase = tcase_create("filters");

	again(argc, argv, parts, LENGTH(parts));
	tcase_add_test(tcase, lives_with_less);
	tcase_add_test(tcase, may_exec);
	return run_suite("exact: a strict filter of the program's own", tcase);
}

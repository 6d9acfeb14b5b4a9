/* SPDX-License-Identifier: MIT
 * posix_spawn() and pidfd_spawn() where clone3 is needed, unknown or forbidden.
 */
#include "show.h"
#include "storm.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>

#ifndef SYS_clone3
#	define SYS_clone3 435
#endif

#ifndef P_PIDFD
#	define P_PIDFD 3
#endif

START_TEST(pidfd)
{
	spawn_fn *spawn = (spawn_fn *)dlsym(RTLD_DEFAULT, "pidfd_spawn");
	spawn_fn *spawnp = (spawn_fn *)dlsym(RTLD_DEFAULT, "pidfd_spawnp");
	char *args[] = {"show", NULL};
	siginfo_t info;
	actions_t actions;
	int fd = -1, next;

	if (!spawn || !spawnp || (!active() && !real("pidfd_spawn")))
		return skip("glibc before 2.39");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, 1, 40);
	ck_assert_int_eq(spawn(&fd, show, &actions, NULL, args, environ), 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)fd, &info, WEXITED), 0);
	ck_assert_int_eq(info.si_status, 99);
	close(fd);
	/* A failure leaves neither child nor descriptor. */
	next = dup(1);
	close(next);
	ck_assert_int_eq(spawn(&fd, "/none", NULL, NULL, args, environ),
			 ENOENT);
	ck_assert_int_eq(spawnp(&fd, "none", NULL, NULL, args, environ),
			 ENOENT);
	ck_assert_int_eq(dup(1), next);
	no_child();
	ck_assert_int_eq(spawnp(&fd, "true", NULL, NULL, args, environ), 0);
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)fd, &info, WEXITED), 0);
	posix_spawn_file_actions_destroy(&actions);
}
END_TEST

/* From here on, clone3 fails with `error`, and with `clone_too` clone for a
 * child that shares memory. */
static bool refuse(int error, bool clone_too)
{
	unsigned flags = offsetof(struct seccomp_data, args[0]);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_clone3, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, clone_too ? SYS_clone : SYS_clone3,
			 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
		BPF_JUMP(BPF_JMP | BPF_JSET, CLONE_VM, 1, 0),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | (unsigned)error),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		skip("no seccomp");
		return false;
	}
	/* glibc from 2.38 on takes the filter's word for it. */
	if (!clone_too && error != ENOSYS && !active() &&
	    run_show() == -error) {
		skip("without the library this libc fails here");
		return false;
	}
	return true;
}

static void everything_works(void)
{
	posix_spawnattr_t attr;
	sigset_t set;

	signal(SIGHUP, on_signal);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	must_show(NULL, NULL);
	ck_assert_uint_eq(seen_signals("SigBlk"), bit(SIGUSR2));
	ck_assert_uint_eq(seen_signals("SigIgn"), bit(SIGQUIT) | bit(SIGUSR2));
	ck_assert_uint_eq(seen_signals("SigCgt"), 0);
	ck_assert_ptr_eq(signal(SIGHUP, SIG_DFL), on_signal);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &set);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	must_show(NULL, &attr);
	ck_assert_uint_eq(seen_signals("SigBlk"), bit(SIGTERM));
	ck_assert_uint_eq(seen_signals("SigIgn"), bit(SIGQUIT));
	posix_spawnattr_destroy(&attr);
	sigprocmask(SIG_SETMASK, NULL, &set);
	ck_assert_int_eq(sigismember(&set, SIGUSR2), 1);
	ck_assert_int_eq(sigismember(&set, SIGTERM), 0);
	ck_assert_int_eq(posix_spawn(&self, "/none", NULL, NULL,
				     (char *[]){"x", NULL}, environ),
			 ENOENT);
	no_child();
	sigdelset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

START_TEST(clone3_unknown)
{
	if (!refuse(ENOSYS, false))
		return;
	everything_works();
	storm();
}
END_TEST

START_TEST(clone3_forbidden)
{
	if (!refuse(EPERM, false))
		return;
	everything_works(); /* threads cannot be created, though */
}
END_TEST

START_TEST(clone3_without_the_flag)
{
	if (!refuse(EINVAL, false))
		return;
	everything_works();
}
END_TEST

START_TEST(clone_forbidden)
{
	if (!refuse(EPERM, true))
		return;
	ck_assert_int_eq(run_show(), -EPERM);
	no_child();
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("clone3");

	tcase_add_test(t, pidfd);
	tcase_add_test(t, clone3_unknown);
	tcase_add_test(t, clone3_forbidden);
	tcase_add_test(t, clone3_without_the_flag);
	tcase_add_test(t, clone_forbidden);
	return run_suite("clone3", t);
}

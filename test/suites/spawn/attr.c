/* SPDX-License-Identifier: MIT
 * The attributes of posix_spawn(), each by what the child then finds. */
#include "attr_test.h"

#include <pty.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

START_TEST(no_flags)
{
	char group[16];

	must_show(NULL, &attr);
	snprintf(group, sizeof(group), "%d", getpgrp());
	saw("pgid", group);
}
END_TEST

START_TEST(new_group)
{
	set_flags(POSIX_SPAWN_SETPGROUP);
	must_show(NULL, &attr);
	saw("pgid", "own 0");
}
END_TEST

START_TEST(group_of_another)
{
	char *args[] = {"cat", NULL}, group[16];
	int fds[2];
	pid_t leader;

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	set_flags(POSIX_SPAWN_SETPGROUP);
	dup2(fds[0], 0);
	ck_assert_int_eq(
		posix_spawnp(&leader, "cat", NULL, &attr, args, environ), 0);
	posix_spawnattr_setpgroup(&attr, leader);
	must_show(NULL, &attr);
	snprintf(group, sizeof(group), "%d", leader);
	saw("pgid", group);
	kill(leader, SIGKILL);
	wait_for(leader);
	ck_assert_int_eq(try_show(posix_spawn, NULL, &attr), EPERM);
	posix_spawnattr_setpgroup(&attr, -5);
	ck_assert_int_eq(try_show(posix_spawn, NULL, &attr), EINVAL);
}
END_TEST

START_TEST(new_session)
{
	set_flags(POSIX_SPAWN_SETSID);
	must_show(NULL, &attr);
	saw("sid", "own 0");
	saw("pgid", "own 0");
	/* The leader of a session cannot make itself one of a group. */
	set_flags(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETPGROUP);
	ck_assert_int_eq(try_show(posix_spawn, NULL, &attr), EPERM);
}
END_TEST

START_TEST(scheduler)
{
	struct sched_param param = {0};

	ck_assert_int_eq(sched_setscheduler(0, SCHED_BATCH, &param), 0);
	must_show(NULL, &attr);
	saw("policy", "3");
	ck_assert_int_eq(posix_spawnattr_setschedpolicy(&attr, SCHED_OTHER), 0);
	posix_spawnattr_setschedparam(&attr, &param);
	set_flags(POSIX_SPAWN_SETSCHEDPARAM);
	must_show(NULL, &attr);
	saw("policy", "3");
	set_flags(POSIX_SPAWN_SETSCHEDULER);
	must_show(NULL, &attr);
	saw("policy", "0");
	ck_assert_int_eq(sched_getscheduler(0), SCHED_BATCH);
	param.sched_priority = 5; /* neither policy knows any */
	posix_spawnattr_setschedparam(&attr, &param);
	ck_assert_int_eq(try_show(posix_spawn, NULL, &attr), EINVAL);
	set_flags(POSIX_SPAWN_SETSCHEDPARAM);
	ck_assert_int_eq(try_show(posix_spawn, NULL, &attr), EINVAL);
}
END_TEST

START_TEST(real_time)
{
	struct sched_param param = {.sched_priority = 7};

	posix_spawnattr_setschedpolicy(&attr, SCHED_FIFO);
	posix_spawnattr_setschedparam(&attr, &param);
	set_flags(POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETSCHEDPARAM);
	if (try_show(posix_spawn, NULL, &attr) == EPERM)
		return skip("may not use real-time scheduling");
	saw("policy", "1");
	saw("priority", "7");
}
END_TEST

START_TEST(same_ids)
{
	set_flags(POSIX_SPAWN_RESETIDS);
	must_show(NULL, &attr);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
}
END_TEST

/* With every kind of file action, because the library leaves this one to
 * libc, in whose terms it has to put them. */
START_TEST(reset_ids)
{
	actions_t actions;

	if (getuid())
		return skip("only root has ids to reset");
	chmod(folder, 0777);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 40, "/usr", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, 40, 41);
	posix_spawn_file_actions_addclose(&actions, 40);
	posix_spawn_file_actions_addchdir_np(&actions, "/etc");
	posix_spawn_file_actions_addfchdir_np(&actions, 41);
	ck_assert_int_eq(setresgid(12, 34, 34), 0);
	ck_assert_int_eq(setresuid(0, 56, 0), 0);
	set_flags(POSIX_SPAWN_RESETIDS);
	ck_assert_int_eq(try_show(posix_spawn, &actions, &attr), 0);
	saw("uid", "0");
	saw("euid", "0");
	saw("gid", "12");
	saw("egid", "12");
	saw("cwd", "/usr");
	saw("fd41", "/usr ");
	ck_assert_ptr_null(seen("fd40"));
	ck_assert_int_eq(geteuid(), 56);
	ck_assert_int_eq(getegid(), 34);
	posix_spawn_file_actions_adddup2(&actions, 99, 98);
	ck_assert_int_eq(try_show(posix_spawn, &actions, &attr), EBADF);
	posix_spawn_file_actions_destroy(&actions);
	set_flags(0);
	must_show(NULL, &attr);
	saw("euid", "56");
}
END_TEST

START_TEST(use_vfork)
{
	set_flags(POSIX_SPAWN_USEVFORK);
	must_show(NULL, &attr);
	ck_assert_int_eq(posix_spawnattr_setflags(&attr, 0x4000), EINVAL);
}
END_TEST

#ifdef POSIX_SPAWN_SETCGROUP
START_TEST(bad_cgroup)
{
	int fd = open("/dev/null", O_RDONLY);

	posix_spawnattr_setcgroup_np(&attr, fd);
	set_flags(POSIX_SPAWN_SETCGROUP);
	ck_assert_int_eq(try_show(posix_spawn, NULL, &attr), EBADF);
}
END_TEST
#endif

#ifdef __GLIBC_PREREQ
#	if __GLIBC_PREREQ(2, 35)
#		define HAVE_TCSETPGRP 1
#	endif
#endif

#ifdef HAVE_TCSETPGRP
/* In a session of its own with a terminal. The child is in the background:
 * SIGTTOU must not stop it. */
static void take_terminal(int tty)
{
	actions_t actions;

	signal(SIGHUP, SIG_IGN);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addtcsetpgrp_np(&actions, tty);
	set_flags(POSIX_SPAWN_SETPGROUP);
	must_show(&actions, &attr);
	ck_assert_uint_eq(seen_signals("SigBlk"), 0);
	ck_assert_int_ne(tcgetpgrp(tty), getpgrp());
	ck_assert_int_gt(tcgetpgrp(tty), 0);
	/* Without a group of its own: back into the foreground. */
	set_flags(0);
	signal(SIGTTOU, handler);
	must_show(&actions, &attr);
	ck_assert_int_eq(tcgetpgrp(tty), getpgrp());
	posix_spawn_file_actions_destroy(&actions);
	/* Not a terminal. */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 9, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_addtcsetpgrp_np(&actions, 9);
	ck_assert_int_eq(try_show(posix_spawn, &actions, &attr), ENOTTY);
	posix_spawn_file_actions_destroy(&actions);
}
#endif

START_TEST(foreground)
{
#ifdef HAVE_TCSETPGRP
	int master, tty;
	pid_t pid;

	if (openpty(&master, &tty, NULL, NULL, NULL))
		return skip("no pseudo-terminals");
	pid = fork();
	if (!pid) {
		if (setsid() < 0 || ioctl(tty, TIOCSCTTY, 0))
			_exit(1);
		take_terminal(tty);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(pid), 0);
#else
	skip("libc has no posix_spawn_file_actions_addtcsetpgrp_np");
#endif
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("attr");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, no_flags);
	tcase_add_test(t, new_group);
	tcase_add_test(t, group_of_another);
	tcase_add_test(t, new_session);
	tcase_add_test(t, scheduler);
	tcase_add_test(t, real_time);
	tcase_add_test(t, same_ids);
	tcase_add_test(t, reset_ids);
	tcase_add_test(t, use_vfork);
#ifdef POSIX_SPAWN_SETCGROUP
	tcase_add_test(t, bad_cgroup);
#endif
	tcase_add_test(t, foreground);
	return run_suite("attr", t);
}

/* SPDX-License-Identifier: MIT
 * Children that may not take a terminal: they are told so, and whoever has it
 * keeps it. */
#include "terminal.h"

/* By who is no leader, or of what is none. */
static void take_wrongly(int i UNUSED)
{
	if (!ioctl(slave, TIOCSCTTY, 0) || errno != EPERM)
		_exit(64);
	setsid();
	if (!ioctl(PIPE_BUF, TIOCSCTTY, 0) || errno != EBADF)
		_exit(65);
	become_program();
}

static void refused(void)
{
	each(4, take_wrongly, NULL);
}

/* Another session has it. */
static void somebodys(void)
{
	int ready[2], go[2];
	pid_t owner, pid;
	char byte;

	open_terminal();
	ck_assert_int_eq(pipe(ready) | pipe(go), 0);
	owner = raw_fork();
	if (!owner) {
		vs_sys(SYS_setsid);
		vs_sys(SYS_ioctl, slave, TIOCSCTTY, 0);
		vs_sys(SYS_write, ready[1], "x", 1);
		vs_sys(SYS_close, go[1]);
		vs_sys(SYS_read, go[0], &byte, 1);
		_exit(4);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	for (int i = 0; i < 4; i++) {
		pid = fork();
		if (!pid) {
			setsid();
			_exit(ioctl(slave, TIOCSCTTY, 0) && errno == EPERM
				      ? 4
				      : 66);
		}
		exits_with(pid, 4);
		pid = fork();
		if (!pid) {
			setsid();
			if (ioctl(slave, TIOCSCTTY, 0))
				become_program();
			become_asker();
		}
		exits_with(pid, 4);
	}
	ck_assert_int_eq(tcgetpgrp(master), owner);
	close(go[1]);
	exits_with(owner, 4);
}

static void (*const working[])(void) = {refused, somebodys};

START_TEST(others)
{
	works(working[_i]);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("terminal");

	tcase_add_loop_test(tcase, others, 0, LENGTH(working));
	return run_scenes("fork: a terminal is refused", tcase, argv);
}

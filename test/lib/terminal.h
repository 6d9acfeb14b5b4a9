/* SPDX-License-Identifier: MIT
 * Children that take a terminal, one after another, and shells that have one.
 */
#ifndef TEST_TERMINAL_H
#define TEST_TERMINAL_H

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <utmp.h>

#include "around.h"

static int master, slave;
static char slave_name[128];

static void open_terminal(void)
{
	struct winsize size = {.ws_row = 11, .ws_col = 22};

	if (openpty(&master, &slave, NULL, NULL, &size))
		skip("no terminals here");
	ck_assert_int_eq(ptsname_r(master, slave_name, sizeof(slave_name)), 0);
}

static void close_terminal(void)
{
	close(master);
	close(slave);
}

/* The session's and the foreground group's id are those of the child. */
static UNUSED void become_asker(void)
{
	execl("/bin/sh", "sh", "-c",
	      "tty -s && read a b c d tpg session tty fg rest "
	      "</proc/self/stat; "
	      "exec 3<>/dev/tty && [ \"$tty\" != 0 ] && "
	      "[ \"$session\" = $$ ] && exit 4; exit 50",
	      NULL);
	_exit(99);
}

/* Nothing is left of it in the terminal's ends. */
static void ends_well(pid_t pid, int code)
{
	exits_with(pid, code);
	ck_assert_int_eq(fcntl(slave, F_GETFL) & O_ACCMODE, O_RDWR);
	ck_assert_int_eq(write(slave, "x", 1), 1);
}

/* For each number below `rounds` a terminal, and a child that does `child` with
 * it and execs, or exits with 4; then `after` looks at what has come of it.
 * Inlined, because places are remembered: each scene forks at one of its own.
 */
static inline __attribute__((always_inline)) void
each(int rounds, void (*child)(int round), void (*after)(void))
{
	for (int i = 0; i < rounds; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
			child(i);
			become_asker();
		}
		ends_well(pid, 4);
		if (after)
			after();
		close_terminal();
	}
}

/* `does` in a process that has a terminal, as a shell; it exits by itself if
 * something is wrong. */
static inline __attribute__((always_inline)) void in_shell(void (*does)(void))
{
	pid_t shell;
	char byte;

	open_terminal();
	shell = fork();
	if (!shell) {
		close(master);
		login_tty(slave);
		does();
		exit(4);
	}
	close(slave);
	while (read(master, &byte, 1) > 0)
		;
	exits_with(shell, 4);
	close(master);
}

/* By transactions, none of which is rolled back. On a busy machine a call of a
 * terminal may take longer than a child may be in one: that is tried again. */
static UNUSED void all_commit(void (*scene)(void))
{
	int tries = 3;

	do
		commits(scene);
	while (preloaded() && summary_has("no exec within the time limit") &&
	       --tries);
	by_engines(!preloaded() || !possible || summary_has("rolled back 0") ||
		   too_slow());
}

/* Each test once for each of its scenes; main's exit status. */
static UNUSED int run_terminal(const char *name, char **argv,
			       const TTest *commit, int committing,
			       const TTest *others, int working)
{
	TCase *tcase = tcase_create(name);

	tcase_add_loop_test(tcase, commit, 0, committing);
	tcase_add_loop_test(tcase, others, 0, working);
	return run_scenes(name, tcase, argv);
}

#endif

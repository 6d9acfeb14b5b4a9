/* SPDX-License-Identifier: MIT
 *
 * Children that take a terminal: by forkpty(), and step by step. The program
 * that they become is its session's leader, and nobody has been hung up.
 */
#include "terminal.h"

/* ---- these commit ---- */

static void log_in(int i UNUSED)
{
	close(master);
	if (login_tty(slave) || !isatty(1))
		_exit(51);
}

static void logs_in(void)
{
	each(4, log_in, NULL);
}

static void by_forkpty(void)
{
	struct winsize size = {.ws_row = 11, .ws_col = 22}, got;
	char name[128], line[64];

	for (int i = 0; i < 4; i++) {
		pid_t pid = forkpty(&master, name, NULL, &size);
		int fds = open_fds();

		if (pid < 0)
			skip("no terminals here");
		if (!pid) {
			if (ioctl(0, TIOCGWINSZ, &got) || got.ws_col != 22)
				_exit(53);
			if (fcntl(master, F_GETFD) >= 0 && master > 2)
				_exit(54);
			become_asker();
		}
		ck_assert_str_eq(name, ptsname(master));
		while (read(master, line, sizeof(line)) > 0)
			;
		exits_with(pid, 4);
		close(master);
		ck_assert_int_eq(open_fds(), fds - 1);
	}
}

/* Asked twice, taken by the number that is left, after a failed exec. */
static void take_in_steps(int i)
{
	close(master);
	if (setsid() != getpid() || setsid() != -1)
		_exit(55);
	if (ioctl(slave, TIOCSCTTY, i % 2))
		_exit(56);
	if (ioctl(slave, TIOCSCTTY, 0))
		_exit(57);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	close(slave);
	if (i > 1)
		execl("/no/such/file", "x", NULL);
}

static void in_steps(void)
{
	each(4, take_in_steps, NULL);
}

/* By its name, as System V has it. */
static void open_it(int i)
{
	int fd, flags = i % 2 ? O_RDWR | O_NOCTTY : O_RDWR;

	setsid();
	fd = open(slave_name, flags);
	if (fd < 0 || (fcntl(fd, F_GETFL) & (O_ACCMODE | O_NOCTTY)) != O_RDWR)
		_exit(67);
	if (i % 2 && ioctl(fd, TIOCSCTTY, 0))
		_exit(68);
	dup2(fd, 0);
	close(fd);
	close_terminal();
}

static void by_opening(void)
{
	each(4, open_it, NULL);
}

/* There is none, and then there is. */
static void open_dev_tty(int i)
{
	if (i % 2)
		setsid();
	if (open("/dev/tty", O_RDWR) != -1 || errno != ENXIO)
		_exit(74);
	login_tty(slave);
}

static void by_its_common_name(void)
{
	setsid();
	each(4, open_dev_tty, NULL);
}

/* ---- these do not all ---- */

/* Nobody has it but who opens it; and it is closed again. */
static void alone(void)
{
	for (int i = 0; i < 4; i++) {
		pid_t pid;

		open_terminal();
		close(slave);
		pid = fork();
		if (!pid) {
			setsid();
			slave = open(slave_name, O_RDWR);
			dup2(slave, 0);
			if (i % 2)
				become_asker();
			_exit(tcgetpgrp(0) == getpid() ? 4 : 69);
		}
		exits_with(pid, 4);
		close(master);
	}
}

/* What it asks in between is answered as if it had it already. */
static void ask(int i)
{
	int fd = -1;

	close(master);
	setsid();
	if (i < 2 && tcgetpgrp(slave) != -1)
		_exit(58);
	if (ioctl(slave, TIOCSCTTY, 0))
		_exit(59);
	if (i % 3 == 0 && tcgetpgrp(slave) != getpid())
		_exit(60);
	if (i % 3 == 1 && (fd = open("/dev/tty", O_RDWR)) < 0)
		_exit(61);
	if (i % 3 == 2 && tcsetpgrp(slave, getpid()))
		_exit(62);
	close(fd);
	dup2(slave, 0);
}

static void asks(void)
{
	each(6, ask, NULL);
}

/* It has it, by exec, and is thrown away nevertheless; then it leaves. */
static void fail_to_exec(int i UNUSED)
{
	pid_t told;

	login_tty(dup(slave));
	execl("/no/such/file", "x", NULL);
	told = tcgetpgrp(0);
	_exit(told == getpid() && tcgetsid(0) == told ? 4 : 63);
}

static void is_free(void)
{
	ck_assert_int_eq(tcgetpgrp(master), 0);
}

static void in_vain(void)
{
	each(4, fail_to_exec, is_free);
}

static void (*const committing[])(void) = {logs_in, by_forkpty, by_opening,
					   in_steps, by_its_common_name};
static void (*const working[])(void) = {asks, alone, in_vain};

START_TEST(commit)
{
	if (committing[_i] == in_steps)
		commits(in_steps);
	else
		all_commit(committing[_i]);
}
END_TEST

START_TEST(others)
{
	works(working[_i]);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	return run_terminal("fork: terminal", argv, commit, LENGTH(committing),
			    others, LENGTH(working));
}

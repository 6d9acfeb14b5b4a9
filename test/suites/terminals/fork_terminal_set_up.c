/* SPDX-License-Identifier: MIT
 * Children that set up a terminal, before they take it or after; and what they
 * cannot do to one that is not theirs. */
#include "terminal.h"

static volatile int noted;

static void note(int sig UNUSED)
{
	noted++;
}

static const struct winsize large = {.ws_row = 33, .ws_col = 44};

/* ---- these commit ---- */

static void has_been_set_up(void)
{
	struct winsize got;
	struct termios how;

	ck_assert_int_eq(ioctl(master, TIOCGWINSZ, &got), 0);
	ck_assert_int_eq(got.ws_col, 44);
	ck_assert_int_eq(tcgetattr(slave, &how), 0);
	ck_assert_int_eq(how.c_cc[VERASE], 'e');
}

static void is_silent(void)
{
	struct termios how;

	has_been_set_up();
	ck_assert_int_eq(tcgetattr(slave, &how), 0);
	ck_assert(!(how.c_lflag & ECHO));
}

/* Its size and attributes, of a terminal that the parent sees only then. */
static void set_up_after(int i)
{
	struct termios how;
	struct winsize got;
	pid_t told = 0;

	close(master);
	if (login_tty(slave) || tcgetattr(0, &how))
		_exit(70);
	how.c_cc[VERASE] = 'e';
	if (ioctl(0, TIOCSWINSZ, &large) || ioctl(1, TIOCGWINSZ, &got) ||
	    got.ws_col != 44 || got.ws_row != 33)
		_exit(71);
	if (tcsetattr(0, TCSANOW, &how))
		_exit(72);
	if (tcgetpgrp(0) != getpid() || tcgetsid(1) != getpid() ||
	    tcsetpgrp(2, getpid()) || ioctl(2, TIOCGPGRP, &told) ||
	    told != getpid())
		_exit(73);
	if (i > 1)
		execl("/no/such/file", "x", NULL);
}

static void sets_up(void)
{
	each(4, set_up_after, has_been_set_up);
}

/* Before it is taken, or without; after an exec that has failed late, too. */
static void set_up_before(int i)
{
	struct termios how;
	struct winsize got;

	tcgetattr(slave, &how);
	how.c_cc[VERASE] = 'e';
	how.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(slave, TCSANOW, &how) ||
	    ioctl(slave, TIOCSWINSZ, &large) ||
	    ioctl(slave, TIOCGWINSZ, &got) || got.ws_col != 44)
		_exit(78);
	if (tcgetpgrp(slave) != -1 || errno != ENOTTY)
		_exit(79);
	if (i > 3)
		execl("/", "x", NULL);
	if (i % 2)
		become_program();
	login_tty(slave);
}

static void sets_up_first(void)
{
	setsid();
	each(6, set_up_before, is_silent);
}

/* What is no terminal, or not its own, is not to be had; and which it is, the
 * other side says. */
static void ask_in_vain(int i UNUSED)
{
	int ends[2], null = open("/dev/null", O_RDWR), number = -1;
	struct termios how;

	tcgetattr(slave, &how);
	setsid();
	if (pipe(ends) || ioctl(master, TIOCGPTN, &number) || number < 0 ||
	    strcmp(ptsname(master), slave_name) != 0)
		_exit(80);
	if (tcsetpgrp(slave, getpid()) != -1 || errno != ENOTTY)
		_exit(81);
	if (tcsetpgrp(null, getpid()) != -1 || errno != ENOTTY ||
	    tcsetpgrp(ends[0], getpid()) != -1 || errno != ENOTTY)
		_exit(82);
	if (tcsetattr(null, TCSANOW, &how) != -1 || errno != ENOTTY ||
	    ioctl(ends[1], TIOCSWINSZ, &large) != -1 || errno != ENOTTY ||
	    ioctl(null, TIOCSCTTY, 0) != -1 || errno != ENOTTY)
		_exit(83);
	close(master);
	login_tty(slave);
}

static void asks_in_vain(void)
{
	each(4, ask_in_vain, NULL);
}

/* ---- this one does not always ---- */

/* What the kernel makes of attributes, and who hears of a size. */
static void ask_for_more(int i)
{
	struct termios how, got;

	if (i % 2)
		signal(SIGWINCH, note);
	login_tty(slave);
	tcgetattr(0, &how);
	how.c_cflag &= ~(tcflag_t)CREAD;
	tcsetattr(0, TCSANOW, &how);
	if (tcgetattr(0, &got) || !(got.c_cflag & CREAD))
		_exit(95);
	if (ioctl(0, TIOCSWINSZ, &large) || noted != i % 2)
		_exit(96);
}

static void wants_to_know(void)
{
	each(4, ask_for_more, NULL);
}

static void (*const committing[])(void) = {sets_up, sets_up_first,
					   asks_in_vain};
static void (*const working[])(void) = {wants_to_know};

START_TEST(commit)
{
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
	return run_terminal("fork: setting up a terminal", argv, commit,
			    LENGTH(committing), others, LENGTH(working));
}

/* SPDX-License-Identifier: MIT
 * Children that set up a terminal, or come to the foreground of the one that
 * their parent has, too. */
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

/* What a shell does when its child has exited with 4 in the foreground. */
static void takes_it_back(pid_t pid, int code)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status != 4 << 8 ||
	    tcgetpgrp(0) != pid || tcsetpgrp(0, getpid()))
		_exit(code);
}

/* Its child puts itself into the foreground; by itself, or because it may not
 * be stopped for it. */
static void come_to_the_fore(void)
{
	signal(SIGTTOU, SIG_IGN);
	for (int i = 0; i < 6; i++) {
		pid_t pid = fork();

		if (!pid) {
			pid_t told = -1;
			int tty = i % 2 ? open("/dev/tty", O_RDWR) : dup(0);

			setpgid(0, 0);
			if (tcsetpgrp(tty, getpid()) ||
			    tcgetpgrp(0) != getpid())
				_exit(75);
			if (ioctl(1, TIOCGPGRP, &told) || told != getpid() ||
			    tcsetpgrp(1, getpid()) || tcgetsid(0) != getppid())
				_exit(76);
			close(tty);
			signal(SIGTTOU, SIG_DFL);
			if (i > 1)
				execl("/no/such/file", "x", NULL);
			if (i > 3)
				execl("/", "x", NULL);
			execl("/bin/sh", "sh", "-c",
			      "read a b c d pg session tty fg rest "
			      "</proc/self/stat; [ $pg = $fg ] && exit 4",
			      NULL);
		}
		takes_it_back(pid, 77 + i);
	}
}

static void comes_to_the_fore(void)
{
	in_shell(come_to_the_fore);
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

/* ---- these do not all ---- */

/* It may not, unless it can do without SIGTTOU. */
static void be_stopped(void)
{
	int status;

	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		if (!pid) {
			setpgid(0, 0);
			tcsetpgrp(0, getpid());
			become_program();
		}
		if (waitpid(pid, &status, WUNTRACED) != pid ||
		    !WIFSTOPPED(status) || tcgetpgrp(0) != getpid() ||
		    kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid)
			_exit(85 + i);
	}
}

static void is_stopped(void)
{
	in_shell(be_stopped);
}

/* It execs too late, or fails to: the turn is its parent's again. */
static void lose_the_turn(void)
{
	signal(SIGTTOU, SIG_IGN);
	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		if (!pid) {
			int tty = dup(0);

			setpgid(0, 0);
			tcsetpgrp(tty, getpid());
			execl("/", "x", NULL);
			if (i % 2)
				for (int fd = 0; fd < 99; fd++)
					close(fd);
			_exit(i % 2 || tcgetpgrp(0) == getpid() ? 4 : 90);
		}
		takes_it_back(pid, 91 + i);
	}
}

static void loses_its_turn(void)
{
	in_shell(lose_the_turn);
}

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
					   comes_to_the_fore, asks_in_vain};
static void (*const working[])(void) = {is_stopped, loses_its_turn,
					wants_to_know};

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
	return run_terminal("fork: foreground", argv, commit,
			    LENGTH(committing), others, LENGTH(working));
}

/* SPDX-License-Identifier: MIT
 *
 * Children that take a terminal: by forkpty(), and step by step. The program
 * that they become is its session's leader, and nobody has been hung up.
 */
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <utmp.h>

#include "around.h"

static int master, slave;
static volatile int noted;

static void note(int sig UNUSED)
{
	noted++;
}

static void open_terminal(void)
{
	struct winsize size = {.ws_row = 11, .ws_col = 22};

	if (openpty(&master, &slave, NULL, NULL, &size))
		skip("no terminals here");
}

/* The session's and the foreground group's id are those of the child. */
static void become_asker(void)
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

static void close_terminal(void)
{
	close(master);
	close(slave);
}

/* ---- these commit ---- */

static void logs_in(void)
{
	for (int i = 0; i < 4; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
			close(master);
			if (login_tty(slave) || !isatty(1))
				_exit(51);
			become_asker();
		}
		ends_well(pid, 4);
		close_terminal();
	}
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
static void in_steps(void)
{
	for (int i = 0; i < 4; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
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
			become_asker();
		}
		ends_well(pid, 4);
		close_terminal();
	}
}

/* By its name, as System V has it. */
static void by_opening(void)
{
	for (int i = 0; i < 4; i++) {
		char name[128];
		pid_t pid;

		open_terminal();
		ck_assert_int_eq(ptsname_r(master, name, sizeof(name)), 0);
		pid = fork();
		if (!pid) {
			int fd, flags = i % 2 ? O_RDWR | O_NOCTTY : O_RDWR;

			setsid();
			fd = open(name, flags);
			if (fd < 0 || (fcntl(fd, F_GETFL) &
				       (O_ACCMODE | O_NOCTTY)) != O_RDWR)
				_exit(67);
			if (i % 2 && ioctl(fd, TIOCSCTTY, 0))
				_exit(68);
			dup2(fd, 0);
			close(fd);
			close(slave);
			close(master);
			become_asker();
		}
		ends_well(pid, 4);
		close_terminal();
	}
}

/* Its size and attributes, of a terminal that the parent sees only then. */
static void sets_up(void)
{
	struct winsize size = {.ws_row = 33, .ws_col = 44}, got;
	struct termios how;

	for (int i = 0; i < 4; i++) {
		pid_t pid, told = 0;

		open_terminal();
		pid = fork();
		if (!pid) {
			close(master);
			if (login_tty(slave) || tcgetattr(0, &how))
				_exit(70);
			how.c_cc[VERASE] = 'e';
			if (ioctl(0, TIOCSWINSZ, &size) ||
			    ioctl(1, TIOCGWINSZ, &got) || got.ws_col != 44 ||
			    got.ws_row != 33)
				_exit(71);
			if (tcsetattr(0, TCSANOW, &how))
				_exit(72);
			if (tcgetpgrp(0) != getpid() ||
			    tcgetsid(1) != getpid() || tcsetpgrp(2, getpid()) ||
			    ioctl(2, TIOCGPGRP, &told) || told != getpid())
				_exit(73);
			if (i > 1)
				execl("/no/such/file", "x", NULL);
			become_asker();
		}
		ends_well(pid, 4);
		ck_assert_int_eq(ioctl(master, TIOCGWINSZ, &got), 0);
		ck_assert_int_eq(got.ws_col, 44);
		ck_assert_int_eq(tcgetattr(slave, &how), 0);
		ck_assert_int_eq(how.c_cc[VERASE], 'e');
		close_terminal();
	}
}

/* Before it is taken, or without; after an exec that has failed late, too. */
static void sets_up_first(void)
{
	struct winsize size = {.ws_row = 33, .ws_col = 44}, got;
	struct termios how;

	setsid();
	for (int i = 0; i < 6; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
			tcgetattr(slave, &how);
			how.c_cc[VERASE] = 'e';
			how.c_lflag &= ~(tcflag_t)ECHO;
			if (tcsetattr(slave, TCSANOW, &how) ||
			    ioctl(slave, TIOCSWINSZ, &size) ||
			    ioctl(slave, TIOCGWINSZ, &got) || got.ws_col != 44)
				_exit(78);
			if (tcgetpgrp(slave) != -1 || errno != ENOTTY)
				_exit(79);
			if (i > 3)
				execl("/", "x", NULL);
			if (i % 2)
				become_program();
			login_tty(slave);
			become_asker();
		}
		ends_well(pid, 4);
		ck_assert_int_eq(ioctl(master, TIOCGWINSZ, &got), 0);
		ck_assert_int_eq(got.ws_col, 44);
		ck_assert_int_eq(tcgetattr(slave, &how), 0);
		ck_assert_int_eq(how.c_cc[VERASE], 'e');
		ck_assert(!(how.c_lflag & ECHO));
		close_terminal();
	}
}

/* There is none, and then there is. */
static void by_its_common_name(void)
{
	setsid();
	for (int i = 0; i < 4; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
			if (i % 2)
				setsid();
			if (open("/dev/tty", O_RDWR) != -1 || errno != ENXIO)
				_exit(74);
			login_tty(slave);
			become_asker();
		}
		ends_well(pid, 4);
		close_terminal();
	}
}

/* A shell's child, which puts itself into the foreground of the terminal that
 * its parent has, too; by itself, or because it may not be stopped for it. */
static void comes_to_the_fore(void)
{
	int status;
	pid_t shell, pid;

	open_terminal();
	shell = fork();
	if (shell) {
		close(slave);
		while (read(master, &status, sizeof(status)) > 0)
			;
		exits_with(shell, 4);
		close(master);
		return;
	}
	close(master);
	login_tty(slave);
	signal(SIGTTOU, SIG_IGN);
	for (int i = 0; i < 6; i++) {
		pid = fork();
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
		if (waitpid(pid, &status, 0) != pid || status != 4 << 8 ||
		    tcgetpgrp(0) != pid || tcsetpgrp(0, getpid()))
			_exit(77 + i);
	}
	exit(4);
}

/* ---- these do not all ---- */

/* It may not, unless it can do without SIGTTOU. */
static void is_stopped(void)
{
	int status;
	pid_t shell, pid;

	open_terminal();
	shell = fork();
	if (shell) {
		close(slave);
		while (read(master, &status, sizeof(status)) > 0)
			;
		exits_with(shell, 4);
		close(master);
		return;
	}
	close(master);
	login_tty(slave);
	for (int i = 0; i < 4; i++) {
		pid = fork();
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
	exit(4);
}

/* It execs too late, or fails to: the turn is its parent's again. */
static void loses_its_turn(void)
{
	int status;
	pid_t shell, pid;

	open_terminal();
	shell = fork();
	if (shell) {
		close(slave);
		while (read(master, &status, sizeof(status)) > 0)
			;
		exits_with(shell, 4);
		close(master);
		return;
	}
	close(master);
	login_tty(slave);
	signal(SIGTTOU, SIG_IGN);
	for (int i = 0; i < 4; i++) {
		pid = fork();
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
		if (waitpid(pid, &status, 0) != pid || status != 4 << 8 ||
		    tcgetpgrp(0) != pid || tcsetpgrp(0, getpid()))
			_exit(91 + i);
	}
	exit(4);
}

/* What the kernel makes of attributes, and who hears of a size. */
static void wants_to_know(void)
{
	struct winsize size = {.ws_row = 33, .ws_col = 44};
	struct termios how, got;

	for (int i = 0; i < 4; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
			if (i % 2)
				signal(SIGWINCH, note);
			login_tty(slave);
			tcgetattr(0, &how);
			how.c_cflag &= ~(tcflag_t)CREAD;
			tcsetattr(0, TCSANOW, &how);
			if (tcgetattr(0, &got) || !(got.c_cflag & CREAD))
				_exit(95);
			if (ioctl(0, TIOCSWINSZ, &size) || noted != i % 2)
				_exit(96);
			become_asker();
		}
		ends_well(pid, 4);
		close_terminal();
	}
}

/* Nobody has it but who opens it; and it is closed again. */
static void alone(void)
{
	for (int i = 0; i < 4; i++) {
		char name[128];
		pid_t pid;

		open_terminal();
		ck_assert_int_eq(ptsname_r(master, name, sizeof(name)), 0);
		close(slave);
		pid = fork();
		if (!pid) {
			setsid();
			slave = open(name, O_RDWR);
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
static void asks(void)
{
	for (int i = 0; i < 6; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
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
			become_asker();
		}
		ends_well(pid, 4);
		close_terminal();
	}
}

/* It has it, by exec, and is thrown away nevertheless; then it leaves. */
static void in_vain(void)
{
	for (int i = 0; i < 4; i++) {
		pid_t pid, told = 0;

		open_terminal();
		pid = fork();
		if (!pid) {
			login_tty(dup(slave));
			execl("/no/such/file", "x", NULL);
			told = tcgetpgrp(0);
			_exit(told == getpid() && tcgetsid(0) == told ? 4 : 63);
		}
		ends_well(pid, 4);
		ck_assert_int_eq(tcgetpgrp(master), 0);
		close_terminal();
	}
}

/* By who is no leader, or of what is none. */
static void refused(void)
{
	for (int i = 0; i < 4; i++) {
		pid_t pid;

		open_terminal();
		pid = fork();
		if (!pid) {
			if (!ioctl(slave, TIOCSCTTY, 0) || errno != EPERM)
				_exit(64);
			setsid();
			if (!ioctl(PIPE_BUF, TIOCSCTTY, 0) || errno != EBADF)
				_exit(65);
			become_program();
		}
		ends_well(pid, 4);
		close_terminal();
	}
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

static void (*const committing[])(void) = {
	logs_in, by_forkpty,	by_opening,	    in_steps,
	sets_up, sets_up_first, by_its_common_name, comes_to_the_fore};
static void (*const working[])(void) = {
	asks,	   alone,      in_vain,	       refused,
	somebodys, is_stopped, loses_its_turn, wants_to_know};

START_TEST(commit)
{
	commits(committing[_i]);
	by_engines(!preloaded() || !possible || _i == 3 ||
		   summary_has("rolled back 0") || too_slow());
}
END_TEST

START_TEST(others)
{
	works(working[_i]);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("terminal");

	tcase_add_loop_test(tcase, commit, 0, LENGTH(committing));
	tcase_add_loop_test(tcase, others, 0, LENGTH(working));
	return run_scenes("fork: terminal", tcase, argv);
}

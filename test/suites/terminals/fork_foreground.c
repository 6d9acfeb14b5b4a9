/* SPDX-License-Identifier: MIT
 * Children that come to the foreground of the terminal that their parent has,
 * too. */
#include "terminal.h"

/* ---- these commit ---- */

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

static void (*const committing[])(void) = {comes_to_the_fore};
static void (*const working[])(void) = {is_stopped, loses_its_turn};

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

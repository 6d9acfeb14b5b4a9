/* SPDX-License-Identifier: MIT
 *
 * O_NONBLOCK of open files that a child has from its parent, which sees what
 * the child has set: once it has exec'd, and not if it could not. And what the
 * child is told of it, by any number of the same file.
 */
#include <sys/ioctl.h>

#include "call/flags.h"

static void set_by_ioctl(int fd, int on)
{
	*(int *)AT(TO_OUT) = on;
	ioctl(fd, FIONBIO, AT(TO_OUT));
}

/* ---- what children do: these commit ---- */

static void toggles(char *text)
{
	set(PIPE_IN, true);
	set(PIPE_OUT, false);
	text = say(text);
	set(FILE_FD, true);
	set(DIR_FD, true);
	set(DIR_FD, false);
	set(DIR_FD, false);
	say(text);
}

static void by_other_numbers(char *text)
{
	dup2(PIPE_IN, 60);
	set(60, true);
	text = say(text);
	close(60);
	text = say(text);
	dup2(PIPE_OUT, 60);
	set(60, false);
	close(PIPE_OUT);
	dup2(PIPE_IN, 61);
	set(61, true);
	dup2(PIPE_OUT, 61);
	dup2(FILE_FD, 62);
	set(FILE_FD, true);
	close_range(50, 50, 0);
	say(text);
}

static void with_ioctl(char *text)
{
	set_by_ioctl(PIPE_IN, 7);
	set_by_ioctl(PIPE_OUT, 0);
	set_by_ioctl(PROGRAM_FD, 1);
	text += sprintf(text, "%d ", ioctl(OURS, FIONBIO, AT(TO_OUT)));
	say(text);
}

/* Of a name, and of none. */
static void refused(char *text)
{
	static const int numbers[] = {PROGRAM_FD, OURS, CLOSED, -1};

	set(PIPE_IN, true);
	for (int i = 0; i < LENGTH(numbers); i++) {
		text += sprintf(text, "%d ", fcntl(numbers[i], F_SETFL, 0));
		text += sprintf(text, "%d ", errno);
		text += sprintf(text, "%d ", nonblocking(numbers[i]));
	}
}

static void after_a_failure(char *text)
{
	set(PIPE_IN, true);
	fails_to_exec();
	text = say(text);
	set(PIPE_OUT, false);
	fails_to_exec();
	set(PIPE_IN, false);
	set(FILE_FD, true);
	say(text);
}

static void own_as_well(char *text)
{
	set(OWN_IN, true);
	text += sprintf(text, "%ld ",
			vs_sys(SYS_read, OWN_IN, AT(TO_OUT), 100));
	sprintf(text, "%ld", vs_sys(SYS_read, OWN_IN, AT(TO_OUT), 100));
}

/* ---- these do not ---- */

/* Nobody would have it any more. */
static void leaves(char *text)
{
	set(PIPE_OUT, false);
	close(PIPE_OUT);
	say(text);
}

static void is_replaced(char *text)
{
	set(PIPE_OUT, false);
	dup2(PIPE_IN, PIPE_OUT);
	say(text);
}

static void leaves_by_range(char *text)
{
	set(PIPE_OUT, false);
	dup2(PIPE_OUT, PIPE_IN);
	close_range(PIPE_IN, PIPE_OUT, 0);
	say(text);
}

static void appends(char *text)
{
	fcntl(FILE_FD, F_SETFL, O_APPEND);
	sprintf(text, "%d", fcntl(FILE_FD, F_GETFL));
}

static void undone_after_exec(char *text)
{
	set(PIPE_IN, true);
	set(PIPE_OUT, false);
	fails_to_exec();
	syscall(SYS_tgkill, getpid(), getpid(), SIGURG);
	say(text);
}

static void too_many(char *text)
{
	for (int i = 0; i < 12; i++)
		set(70 + i, true);
	say(text);
}

static const struct trial trials[] = {
	{toggles, false}, {by_other_numbers, false}, {with_ioctl, false},
	{refused, false}, {after_a_failure, false},  {own_as_well, false},
	{leaves, true},	  {is_replaced, true},	     {leaves_by_range, true},
	{appends, true},  {undone_after_exec, true}, {too_many, true},
};

static void scene(void)
{
	play_flags(trials, LENGTH(trials));
}

START_TEST(flags)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("flags");

	make_counts();
	tcase_add_test(tcase, flags);
	return run_scenes("fork: flags", tcase, argv);
}

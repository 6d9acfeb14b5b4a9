/* SPDX-License-Identifier: MIT
 *
 * O_NONBLOCK of open files that a child has from its parent, which sees what
 * the child has set: once it has exec'd, and not if it could not. And what the
 * child is told of it, by any number of the same file. The same of the place
 * that is read from.
 */
#include <sys/ioctl.h>

#include "call_outcome.h"

static int nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -errno : !!(flags & O_NONBLOCK);
}

static void set(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static void set_by_ioctl(int fd, int on)
{
	*(int *)AT(TO_OUT) = on;
	ioctl(fd, FIONBIO, AT(TO_OUT));
}

static char *say(char *text)
{
	static const int numbers[] = {PIPE_IN, PIPE_OUT, FILE_FD, DIR_FD, 60};

	for (int i = 0; i < LENGTH(numbers); i++)
		text += sprintf(text, "%d ", nonblocking(numbers[i]));
	return text;
}

/* For want of the file, and later. */
static void fails_to_exec(void)
{
	vs_sys(SYS_execve, "/no/such/file", NULL, NULL);
	vs_sys(SYS_execve, "/", NULL, NULL);
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

static char *say_place(char *text)
{
	return text + sprintf(text, "%d %d ", (int)lseek(FILE_FD, 0, SEEK_CUR),
			      (int)lseek(60, 0, SEEK_CUR));
}

static void seeks(char *text)
{
	lseek(FILE_FD, 5, SEEK_SET);
	text = say_place(text);
	dup2(FILE_FD, 60);
	text = say_place(text);
	lseek(60, 3, SEEK_SET);
	text = say_place(text);
	text += sprintf(text, "%d ", (int)lseek(PIPE_IN, 3, SEEK_SET));
	fails_to_exec();
	close(60);
	say_place(text);
}

static void seeks_and_sets(char *text)
{
	lseek(FILE_FD, 5, SEEK_SET);
	text = say(text);
	set(FILE_FD, true);
	text = say_place(say(text));
	lseek(FILE_FD, 0, SEEK_SET);
	lseek(FILE_FD, 7, SEEK_SET);
	set(FILE_FD, false);
	set(FILE_FD, true);
	fails_to_exec();
	say_place(say(text));
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
	syscall(SYS_tgkill, getpid(), getpid(), 0);
	say(text);
}

static void too_many(char *text)
{
	for (int i = 0; i < 12; i++)
		set(70 + i, true);
	say(text);
}

static void seeks_and_reads(char *text)
{
	char c = '-';

	lseek(FILE_FD, 2, SEEK_SET);
	text += sprintf(text, "%d %c ", (int)read(FILE_FD, &c, 1), c);
	say_place(text);
}

static void seeks_and_leaves(char *text)
{
	lseek(FILE_FD, 2, SEEK_SET);
	close(FILE_FD);
	say_place(text);
}

static void seeks_in_vain(char *text)
{
	lseek(FILE_FD, 4, SEEK_SET);
	fails_to_exec();
	lseek(FILE_FD, 1, SEEK_CUR);
	say_place(text);
}

static const struct trial trials[] = {
	{toggles, false},
	{by_other_numbers, false},
	{with_ioctl, false},
	{refused, false},
	{after_a_failure, false},
	{own_as_well, false},
	{leaves, true},
	{is_replaced, true},
	{leaves_by_range, true},
	{appends, true},
	{undone_after_exec, true},
	{too_many, true},
	{seeks, false},
	{seeks_and_sets, false},
	{seeks_and_reads, true},
	{seeks_and_leaves, true},
	{seeks_in_vain, true},
};

/* What it has told, and what the parent has then. */
static void tried(const struct trial *trial, bool natively, char *text)
{
	lseek(FILE_FD, 1, SEEK_SET);
	set(PIPE_IN, false);
	set(PIPE_OUT, true);
	for (int i = 0; i < 12; i++)
		set(70 + i, false);
	outcome(trial->child, natively, text);
	text = say_place(say(text + strlen(text)));
	for (int i = 0; i < 12; i++)
		text += sprintf(text, "%d", nonblocking(70 + i));
	fcntl(FILE_FD, F_SETFL, 0);
	fcntl(DIR_FD, F_SETFL, 0);
}

/* On CPUs of 32 bits, where that is done by the true child. */
#ifdef SYS__llseek
static const bool places_by_llseek = true;
#else
static const bool places_by_llseek;
#endif

static void scene(void)
{
	static char expected[2 * TEXT], got[2 * TEXT];

	set_scene();
	for (int i = 0; i < 6; i++) {
		int fds[2];

		ck_assert_int_eq(pipe(fds), 0);
		at_number(fds[0], 70 + 2 * i);
		at_number(fds[1], 71 + 2 * i);
	}
	for (int i = 0; i < LENGTH(trials); i++) {
		tried(&trials[i], true, expected);
		tried(&trials[i], false, got);
		ck_assert_msg(!strcmp(got, expected),
			      "trial %d: \"%s\", not \"%s\"", i, got, expected);
		counts->may += !trials[i].rolls;
		counts->must += !trials[i].rolls && !places_by_llseek;
	}
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

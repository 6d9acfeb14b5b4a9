/* SPDX-License-Identifier: MIT
 *
 * The place in open files that a child has from its parent, which sees where
 * the child has put it: once it has exec'd, and not if it could not.
 */
#include <sys/ioctl.h>

#include "call/flags.h"

/* ---- these commit ---- */

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

static void counts_on(char *text)
{
	lseek(FILE_FD, 5, SEEK_CUR);
	text = say_place(text);
	lseek(FILE_FD, -2, SEEK_CUR);
	text = say_place(text);
	lseek(FILE_FD, 0, SEEK_END);
	text = say_place(text);
	lseek(FILE_FD, -9, SEEK_CUR);
	text = say_place(text);
	fails_to_exec();
	lseek(FILE_FD, -5, SEEK_END);
	say_place(text);
}

/* ---- these do not ---- */

static void leaves_the_file(char *text)
{
	text += sprintf(text, "%d ", (int)lseek(FILE_FD, 9, SEEK_END) > 0);
	text += sprintf(text, "%d ", (int)lseek(FILE_FD, -9, SEEK_SET));
	lseek(FILE_FD, 1, SEEK_SET);
	say_place(text);
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
	lseek(FILE_FD, -100, SEEK_CUR);
	say_place(text);
}

/* A lock is counted from there, and so is what is left to be read. */
static void asks_from_there(char *text)
{
	struct flock lock = {.l_whence = SEEK_CUR, .l_start = -3};

	lseek(FILE_FD, 5, SEEK_SET);
	text += sprintf(text, "%d ", fcntl(FILE_FD, F_GETLK, &lock));
	say_place(text);
}

static void asks_what_is_left(char *text)
{
	int left = -1;

	lseek(FILE_FD, 5, SEEK_SET);
	text += sprintf(text, "%d ", ioctl(FILE_FD, FIONREAD, &left));
	say_place(text + sprintf(text, "%d ", left));
}

/* Who sees the file could see the place. */
static void seeks_and_makes(char *text)
{
	lseek(FILE_FD, 5, SEEK_SET);
	text += sprintf(text, "%d ", open(in_folder("new"), O_CREAT, 0600));
	say_place(text);
}

static void seeks_and_truncates(char *text)
{
	lseek(FILE_FD, 5, SEEK_SET);
	text += sprintf(text, "%d ",
			open(in_folder("short"), O_WRONLY | O_TRUNC));
	say_place(text);
}

/* What the kernel makes up has no end. */
static void goes_to_no_end(char *text)
{
	text += sprintf(text, "%d ", (int)lseek(61, 0, SEEK_END));
	sprintf(text, "%d ", errno);
}

static const struct trial trials[] = {
	{seeks, false},
	{seeks_and_sets, false},
	{counts_on, false},
	{leaves_the_file, true},
	{seeks_and_reads, true},
	{seeks_and_leaves, true},
	{seeks_in_vain, true},
	{asks_from_there, true},
	{asks_what_is_left, true},
	{goes_to_no_end, true},
	{seeks_and_makes, true},
	{seeks_and_truncates, true},
};

static void scene(void)
{
	at_number(open("/proc/self/maps", O_RDONLY), 61);
	play_flags(trials, LENGTH(trials));
}

START_TEST(places)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("seeks");

	make_counts();
	tcase_add_test(tcase, places);
	return run_scenes("fork: seeks", tcase, argv);
}

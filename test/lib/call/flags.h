/* SPDX-License-Identifier: MIT
 *
 * Open files that a child has from its parent: what is told of their flags and
 * of the place that is read from, there and here.
 */
#ifndef TEST_CALL_FLAGS_H
#define TEST_CALL_FLAGS_H

#include "outcome.h"

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

static char *say_place(char *text)
{
	return text + sprintf(text, "%d %d ", (int)lseek(FILE_FD, 0, SEEK_CUR),
			      (int)lseek(60, 0, SEEK_CUR));
}

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

static void play_flags(const struct trial *trials, int n)
{
	static char expected[2 * TEXT], got[2 * TEXT];

	set_scene();
	for (int i = 0; i < 6; i++) {
		int fds[2];

		ck_assert_int_eq(pipe(fds), 0);
		at_number(fds[0], 70 + 2 * i);
		at_number(fds[1], 71 + 2 * i);
	}
	for (int i = 0; i < n; i++) {
		tried(&trials[i], true, expected);
		tried(&trials[i], false, got);
		ck_assert_msg(!strcmp(got, expected),
			      "trial %d: \"%s\", not \"%s\"", i, got, expected);
		counts->may += !trials[i].rolls;
		counts->must += !trials[i].rolls && !places_by_llseek;
	}
}

#endif

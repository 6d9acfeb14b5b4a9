/* SPDX-License-Identifier: MIT
 *
 * For suites of what a child of fork() does to a file: it happens once, whether
 * the child execs in the end or not. An action, made before any of the endings,
 * leaves "once" in the file.
 */
#ifndef TEST_FILES_H
#define TEST_FILES_H

#include "util.h"

/* What the action works on; it opens it as 9. 8 is inherited. */
static char *file;

static UNUSED void must_open(int flags)
{
	int fd = open(file, flags, 0644);

	if (fd < 0)
		_exit(50);
	if (fd != 9)
		dup2(fd, 9), close(fd);
}

static UNUSED void put(const char *text)
{
	if (write(9, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(51);
}

/* ---- how the child goes on ---- */

static void nothing_more(void)
{
}

static void sleeps(void)
{
	usleep(1000);
}

static void fails_to_exec(void)
{
	execl("/no/such/program", "program", NULL);
}

static void finds_its_program(void)
{
	exec_exit(4);
}

static UNUSED void (*const endings[])(void) = {
	nothing_more, sleeps, fails_to_exec, finds_its_program};

/* ---- a test ---- */

/* The file, with a text in it, and 8. */
static UNUSED void make_file(const char *text)
{
	ssize_t length = (ssize_t)strlen(text);

	file = in_folder("file");
	unlink(file);
	dup2(open(file, O_WRONLY | O_CREAT | O_APPEND, 0600), 8);
	ck_assert_int_eq(write(8, text, (size_t)length), length);
}

/* The child that did, which is gone. */
static UNUSED pid_t child_acts(void (*action)(void), void (*ending)(void))
{
	pid_t pid = fork();

	if (!pid) {
		action();
		ending();
		_exit(4);
	}
	exits_with(pid, 4);
	return pid;
}

static UNUSED void has_happened_once(void)
{
	char *text = slurp(file);

	ck_assert_str_eq(text, "once");
	free(text);
}

#endif

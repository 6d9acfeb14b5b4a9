/* SPDX-License-Identifier: MIT
 *
 * A log that several have open: what others write to a file that a child of
 * fork() has made is not lost, whatever becomes of that child.
 */
#include <sys/mman.h>

#include "files.h"

/* Shared; the other process has the file open, or has written there. */
static volatile bool *there;

/* As soon as there is one. */
static void writes_there(int told)
{
	char c;
	int fd;

	while ((fd = open(file, O_WRONLY | O_APPEND)) < 0)
		;
	if (told >= 0) {
		*there = true;
		read(told, &c, 1);
	}
	if (write(fd, "other", 5) != 5)
		_exit(1);
	close(fd);
	*there = true;
	_exit(0);
}

/* For milliseconds, for the other one. */
static void creates_and_waits(void)
{
	must_open(O_WRONLY | O_CREAT | O_APPEND);
	for (long i = 0; i < 30000000 && !*there; i++)
		;
	put("child");
}

/* At once, or later. */
START_TEST(others_keep_it)
{
	int told[2];
	pid_t other, pid;
	char *text;

	there = mmap(NULL, sizeof(*there), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	file = in_folder("log");
	for (int n = 0; n < 8; n++) {
		unlink(file);
		*there = false;
		ck_assert_int_eq(pipe(told), 0);
		other = raw_fork();
		if (!other)
			writes_there(n % 2 ? told[0] : -1);
		pid = fork();
		if (!pid) {
			creates_and_waits();
			_exit(4);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(write(told[1], "x", 1), 1);
		exits_with(other, 0);
		text = slurp(file);
		ck_assert_ptr_nonnull(strstr(text, "child"));
		ck_assert_ptr_nonnull(strstr(text, "other"));
		free(text);
		close(told[0]);
		close(told[1]);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("log");

	tcase_add_test(tcase, others_keep_it);
	return run_suite("fork: a log", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A child of fork() that empties a file when it has looked at it, in whatever
 * way: what was in there is what it sees, although it may have to do both
 * again.
 */
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "files.h"

/* Saves what was there before it empties the file. */
static void truncates(void)
{
	char text[8] = "";

	must_open(O_RDONLY);
	if (read(9, text, sizeof(text)) != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

/* Looks at it without its name, which libc's fstat() has since glibc 2.33. The
 * kernel's struct is another one on CPUs of 32 bits. */
static void truncates_by_size(void)
{
	int fd = open(file, O_RDONLY);
	struct stat st;
	long r = sizeof(long) < sizeof(int64_t) ? fstat(fd, &st)
						: vs_sys(SYS_fstat, fd, &st);

	if (r || st.st_size != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

static void truncates_by_what_is_left(void)
{
	int fd = open(file, O_RDONLY), n = 0;

	if (ioctl(fd, FIONREAD, &n) || n != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

/* 8 is inherited. */
static void truncates_by_its_end(void)
{
	if (lseek(8, 0, SEEK_END) != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

static void truncates_what_it_maps(void)
{
	int fd = open(file, O_RDONLY);
	char *text = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	if (text == MAP_FAILED || memcmp(text, "old", 4) != 0)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

static void (*const actions[])(void) = {
	truncates, truncates_by_size, truncates_by_what_is_left,
	truncates_by_its_end, truncates_what_it_maps};

/* Every action before every ending, in a first child and in one whose fork
 * has been called before. */
START_TEST(happens_once)
{
	for (int n = 0; n < 4; n++) {
		make_file("old");
		child_acts(actions[_i / LENGTH(endings)],
			   endings[_i % LENGTH(endings)]);
		has_happened_once();
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("emptied");

	tcase_add_loop_test(tcase, happens_once, 0,
			    LENGTH(actions) * LENGTH(endings));
	return run_suite("fork: files that are emptied", tcase);
}

/* SPDX-License-Identifier: MIT
 * Descriptors, as a child finds them that tries every number: what is not open
 * in the parent is not open in the child, whichever call asks. */
#include <sys/vfs.h>

#include "util.h"

enum { NUMBERS = 256 };

static bool is_open[NUMBERS];

#define EXPECT_SAME(call)                                          \
	do {                                                       \
		errno = 0;                                         \
		if ((call) >= 0 ? !is_open[fd]                     \
				: (errno == EBADF) == is_open[fd]) \
			_exit(__LINE__ % 100 + 100);               \
	} while (0)

static void probe(void)
{
	struct statfs fs;
	struct statx stx;
	struct stat st;
	char buf[8];

	for (int fd = 3; fd < NUMBERS; fd++) {
		EXPECT_SAME(fcntl(fd, F_GETFD));
		EXPECT_SAME(fstat(fd, &st));
		EXPECT_SAME(fstatat(fd, "", &st, AT_EMPTY_PATH));
		EXPECT_SAME(fstatat(fd, "none", &st, 0));
		EXPECT_SAME(statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &stx));
		EXPECT_SAME(faccessat(fd, "none", F_OK, 0));
		EXPECT_SAME(readlinkat(fd, "none", buf, sizeof(buf)));
		EXPECT_SAME(openat(fd, "none", O_RDONLY));
		EXPECT_SAME(fstatfs(fd, &fs));
		EXPECT_SAME(fchdir(fd));
	}
	exec_exit_static(4);
}

START_TEST(no_other)
{
	dup2(open("/dev/null", O_RDONLY), 70);
	for (int fd = 0; fd < NUMBERS; fd++)
		is_open[fd] = fcntl(fd, F_GETFD) >= 0;
	for (int i = 0; i < 3; i++)
		both_exit(probe, 4);
}
END_TEST

/* A name from the root needs no folder, whatever the descriptor. */
static void probe_absolute(void)
{
	struct stat st;

	for (int fd = 3; fd < NUMBERS; fd++) {
		if (fstatat(fd, "/", &st, 0) || faccessat(fd, "/", F_OK, 0))
			_exit(99);
	}
	exec_exit_static(4);
}

START_TEST(absolute)
{
	both_exit(probe_absolute, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("probe");

	tcase_add_test(tcase, no_other);
	tcase_add_test(tcase, absolute);
	return run_suite("fork: probe", tcase);
}

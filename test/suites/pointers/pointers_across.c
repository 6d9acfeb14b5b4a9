/* SPDX-License-Identifier: MIT
 *
 * What the kernel writes in one call to memory of two kinds is all there: for
 * the child of a transaction each of them is another matter.
 */
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "util.h"

/* Private, and shared from the second page on. */
static char *both;

static void make_both(void)
{
	enum { RW = PROT_READ | PROT_WRITE };

	both = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(both, MAP_FAILED);
	ck_assert_ptr_ne(mmap(both + PAGE, PAGE, RW,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 MAP_FAILED);
}

/* What the kernel writes begins in the one and ends in the other. */
static long write_across(int call)
{
	enum { BEFORE = 16, POLLED = 3 };
	struct pollfd *polled = (struct pollfd *)(both + PAGE) - POLLED;
	char *at = both + PAGE - BEFORE;

	switch (call) {
	case 0:
		return syscall(SYS_uname, at);
	case 1:
		return syscall(SYS_sysinfo, at);
	case 2:
		return syscall(SYS_getrusage, RUSAGE_SELF, at);
	case 3:
		return syscall(SYS_statfs, "/", at);
	default:
		return syscall(SYS_ppoll, polled, 2 * POLLED, (long[]){0, 0}, 0,
			       0);
	}
}

START_TEST(across)
{
	for (int n = 0; n < 3; n++) {
		pid_t pid;

		make_both();
		for (int i = 0; i < 2 * PAGE / (int)sizeof(struct pollfd); i++)
			((struct pollfd *)both)[i].fd = -1;
		pid = fork();
		if (!pid) {
			exec_exit(write_across(_i) == 0 ? 4 : 5);
			_exit(50);
		}
		exits_with(pid, 4);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("across");

	tcase_add_loop_test(tcase, across, 0, 5);
	return run_suite("pointers: memory of two kinds", tcase);
}

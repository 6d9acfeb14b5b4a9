/* SPDX-License-Identifier: MIT
 *
 * Another thread unmaps what the parent is about to hand to its child: the
 * parent finds it there, or does not, and goes on.
 */
#include <errno.h>

#include "served.h"

enum { CHILDREN = 300, AREA = 4 << 20, HANDED = 16384 };

static char *area;
/* What the next child asks for: each time another, so that none is known. */
static char *volatile asked;

/* Of what is handed over at once: most of it is copied before. */
static char *last_page(unsigned chunk)
{
	return area + (size_t)(chunk + 1) * HANDED - PAGE;
}

static void dawdle(void)
{
	for (volatile int n = 0; n < 1000; n++)
		;
}

static void *unmaps(void *unused)
{
	for (;;) {
		char *at = asked;

		munmap(at, PAGE);
		dawdle();
		mmap(at, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		dawdle();
	}
	return unused;
}

/* By the kernel, for it may not be there: the empty name, or none. */
static bool looks(void)
{
	return access(asked, F_OK) && (errno == EFAULT || errno == ENOENT);
}

static void beside(void)
{
	close_memory();
	area = mmap(NULL, AREA, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
	asked = last_page(0);
	add_thread(unmaps);
	for (unsigned n = 0; n < CHILDREN; n++) {
		pid_t pid;
		int status;

		asked = last_page((unsigned)n * 37 % (AREA / HANDED));
		pid = fork();
		if (!pid && looks())
			execl(program, "state", "exit", "4", NULL);
		if (!pid)
			_exit(50);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 4 << 8);
	}
}

START_TEST(unmapped_meanwhile)
{
	works(beside);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("unmapped");

	tcase_add_test(tcase, unmapped_meanwhile);
	return run_scenes("fork: unmapped", tcase, argv);
}

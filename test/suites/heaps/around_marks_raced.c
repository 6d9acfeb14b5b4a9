/* SPDX-License-Identifier: MIT
 *
 * While another thread has children, of both kinds, one registers memory and
 * releases it, as libraries for RDMA do: none of its marks is lost.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "marks.h"

/* While another thread has children, of both kinds, one registers memory and
 * releases it. */
static atomic_bool stop;

static void *has_children(void *argument)
{
	while (!stop) {
		exits_with(by_fork(), 4);
		exits_with(by_fork_alone(), 4);
	}
	return argument;
}

/* In a list of marks(). What is beside it may be marked, too, as long as a
 * transaction lasts, and is the same mapping then. */
static bool is_marked(const char *text, unsigned long at)
{
	unsigned long lo, hi;
	char mark[16];

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (sscanf(text, "%lx-%lx %15s", &lo, &hi, mark) == 3 &&
		    lo <= at && at < hi && !strcmp(mark, "dontfork"))
			return true;
	}
	return false;
}

static void all_marked(void)
{
	static char text[1 << 20];

	marks(text, sizeof(text));
	for (int i = 0; i < MARKS; i++) {
		unsigned long at = (unsigned long)area + 2UL * i * CHUNK;

		ck_assert_msg(is_marked(text, at), "%lx is lost", at);
	}
}

static void registers(void)
{
	pthread_t ids[2];

	map_area();
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			pthread_create(&ids[i], NULL, has_children, NULL), 0);
	for (int n = 0; n < 200; n++) {
		for (int i = 0; i < MARKS; i++)
			adviser(area + 2L * i * CHUNK, PAGE, MADV_DONTFORK);
		all_marked();
		if (n % 10 == 0)
			child_lacks(area);
		adviser(area, SIZE, MADV_DOFORK);
		if (n % 10 == 0)
			child_has(area);
	}
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(ids[i], NULL);
}

START_TEST(while_others_fork)
{
	adviser = advisers[_i];
	commits(registers);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("marks, raced");

	tcase_add_loop_test(tcase, while_others_fork, 0, LENGTH(advisers));
	return run_scenes("around: marks, raced", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 * Handlers of pthread_atfork(), which may fork themselves. */
#include <pthread.h>

#include "three.h"

/* Handlers run in the order POSIX says, once per fork() in parent and child;
 * not for _Fork(). */
static char order[256], *order_end = order;
static bool nested;

static void note(char what)
{
	*order_end++ = what;
	*order_end = '\0';
}

static void prepare_1(void)
{
	note('1');
}

static void prepare_2(void)
{
	note('2');
	if (nested) {
		nested = false;
		three_children();
		nested = true;
	}
}

static void parent_1(void)
{
	note('a');
}

static void parent_2(void)
{
	note('b');
}

static void child_1(void)
{
	heap[1000] = 1;
	note('A');
}

static void child_2(void)
{
	heap[2000] = 2;
	note('B');
}

START_TEST(atfork)
{
	char *expected[] = {"21AB", "21ab"};

	pthread_atfork(prepare_1, parent_1, child_1);
	pthread_atfork(prepare_2, parent_2, child_2);
	for (int n = 0; n < 4; n++) {
		pid_t pid;

		order_end = order;
		pid = fork();
		if (!pid) {
			if (heap[1000] != 1 || heap[2000] != 2 ||
			    strcmp(order, expected[0]))
				_exit(50);
			if (n % 2)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_str_eq(order, expected[1]);
		exits_with(pid, 4);
		ck_assert(heap[1000] == heap_word(1000));
		order_end = order;
		*order = '\0';
		if (!HAS__FORK)
			continue;
		pid = _Fork();
		if (!pid)
			_exit(*order ? 50 : 4);
		ck_assert_str_eq(order, "");
		exits_with(pid, 4);
	}
	nested = true;
	order_end = order;
	three_children();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("atfork");

	tcase_add_test(tcase, atfork);
	return run_suite("fork: handlers of pthread_atfork()", tcase);
}

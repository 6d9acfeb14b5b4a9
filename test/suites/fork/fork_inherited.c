/* SPDX-License-Identifier: MIT
 *
 * What libc keeps in memory at a fork, a child of it uses on as its own: a
 * stream's buffer, where to jump to, another thread's arena.
 */
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>

#include "util.h"

static jmp_buf before;

static void jumps(void)
{
	longjmp(before, 4);
}

START_TEST(longjmp_in_child)
{
	for (volatile int n = 0; n < 3; n++) {
		if (setjmp(before) == 4)
			exec_exit(4);
		both_exit(jumps, 4);
	}
}
END_TEST

/* What is in a buffer at the fork is written by everyone who flushes it. */
START_TEST(buffers)
{
	int fds[2];
	char text[100] = "";

	ck_assert_int_eq(pipe(fds), 0);
	for (int n = 0; n < 4; n++) {
		FILE *out = fdopen(dup(fds[1]), "w");
		pid_t pid;

		fputs("buffered ", out);
		pid = fork();
		if (!pid) {
			fputs("child ", out);
			if (n % 2)
				exec_exit(4);
			exit(4);
		}
		exits_with(pid, 4);
		fputs("parent", out);
		fclose(out);
		memset(text, 0, sizeof(text));
		ck_assert_int_gt(read(fds[0], text, sizeof(text)), 0);
		ck_assert_str_eq(text, n % 2 ? "buffered parent"
					     : "buffered child "
					       "buffered parent");
	}
}
END_TEST

/* An arena of another thread, used on by the child of that thread. */
static void *in_arena(void *unused)
{
	char *block = malloc(100000);
	pid_t pid;

	memset(block, 'b', 100000);
	pid = fork();
	if (!pid) {
		block = realloc(block, 10 << 20);
		if (block[99999] != 'b')
			_exit(50);
		free(block);
		free(malloc(100));
		exec_exit(4);
	}
	exits_with(pid, 4);
	free(block);
	return unused;
}

START_TEST(arenas)
{
	pthread_t ids[4];

	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	for (int i = 0; i < LENGTH(ids); i++)
		pthread_create(&ids[i], NULL, in_arena, NULL);
	for (int i = 0; i < LENGTH(ids); i++)
		pthread_join(ids[i], NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("inherited");

	tcase_add_test(tcase, longjmp_in_child);
	tcase_add_test(tcase, buffers);
	tcase_add_test(tcase, arenas);
	return run_suite("fork: inherited", tcase);
}

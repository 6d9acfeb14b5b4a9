/* SPDX-License-Identifier: MIT
 *
 * More threads that fork at once than there are stacks for: they wait for each
 * other, as they do for libc's lock, and none becomes a native fork, which
 * would keep all others from being transactions for as long as it takes.
 */
#include <pthread.h>

#include "around.h"

enum { THREADS = 24, EACH = 8 };

static pthread_barrier_t together;

static void *forks(void *unused)
{
	pthread_barrier_wait(&together);
	for (int i = 0; i < EACH; i++)
		exits_with(by_fork(), 4);
	return unused;
}

static void a_crowd(void)
{
	pthread_t thread[THREADS];

	pthread_barrier_init(&together, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, forks, NULL),
				 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

START_TEST(they_wait_for_each_other)
{
	commits(a_crowd);
	if (preloaded() && possible) {
		by_engines(!summary_has("out of memory or file descriptors"));
		by_engines(strcmp(getenv("VSPAWN_FORK"), "txn") != 0 ||
			   !summary_has("a native fork of another thread"));
	}
}
END_TEST

/* And with native forks between them, of children that go on. */
static void *forks_natively(void *unused)
{
	pthread_barrier_wait(&together);
	for (int i = 0; i < EACH; i++) {
		pid_t pid = fork();

		if (!pid) {
			close(dup(1));
			_exit(kill(getppid(), 0) ? 50 : 4);
		}
		exits_with(pid, 4);
	}
	return unused;
}

static void a_mixed_crowd(void)
{
	pthread_t thread[THREADS];

	pthread_barrier_init(&together, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL,
						i % 8 ? forks : forks_natively,
						NULL),
				 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

START_TEST(with_native_forks)
{
	commits(a_mixed_crowd);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("crowd");

	(void)argc;
	tcase_add_test(tcase, they_wait_for_each_other);
	tcase_add_test(tcase, with_native_forks);
	tcase_set_timeout(tcase, 120);
	return run_scenes("around: a crowd", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 *
 * A garbage collector that stops all threads, as those of Boehm's library and
 * of Mono do: it holds a lock, sends each a signal, and waits for their
 * answers; fork() waits for that lock, in a handler.
 */
#include <pthread.h>
#include <semaphore.h>

#include "util.h"

static pthread_mutex_t collecting = PTHREAD_MUTEX_INITIALIZER;
static pthread_t mutator[2];
static sem_t answers;
static _Atomic int world, collected, allocated;

static void answer(int sig)
{
	int saved = errno, now = world;

	(void)sig;
	sem_post(&answers);
	while (world == now)
		usleep(10);
	errno = saved;
}

/* All threads are stopped, wherever they are: one in malloc(), which the other
 * may wait for in fork(), and that one perhaps in a handler, for this lock. */
static void *collects(void *unused)
{
	while (!collected) {
		pthread_mutex_lock(&collecting);
		for (int i = 0; i < 2; i++)
			pthread_kill(mutator[i], SIGUSR1);
		for (int i = 0; i < 2; i++) {
			while (sem_wait(&answers))
				ck_assert_int_eq(errno, EINTR);
		}
		world++;
		pthread_mutex_unlock(&collecting);
		usleep(20);
	}
	return unused;
}

static void *allocates(void *unused)
{
	void *volatile at;

	while (!allocated) {
		at = malloc(100);
		free(at);
		fclose(fopen("/dev/null", "re"));
	}
	return unused;
}

static void stop_collecting(void)
{
	pthread_mutex_lock(&collecting);
}

static void go_on_collecting(void)
{
	pthread_mutex_unlock(&collecting);
}

START_TEST(collector)
{
	const struct sigaction act = {.sa_handler = answer,
				      .sa_flags = SA_RESTART};
	pthread_t thread;

	sem_init(&answers, 0, 0);
	sigaction(SIGUSR1, &act, NULL);
	pthread_atfork(stop_collecting, go_on_collecting, go_on_collecting);
	mutator[0] = pthread_self();
	ck_assert(!pthread_create(&mutator[1], NULL, allocates, NULL));
	ck_assert(!pthread_create(&thread, NULL, collects, NULL));
	for (int i = 0; i < 250; i++) {
		pid_t pid = fork();

		if (!pid)
			exec_exit_static(4);
		exits_with(pid, 4);
	}
	collected = true;
	pthread_join(thread, NULL);
	allocated = true;
	pthread_join(mutator[1], NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("collector");

	tcase_add_test(tcase, collector);
	return run_suite("fork: beside a garbage collector", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Threads that fork at the same time, and threads that change the memory
 * under a fork.
 */
#include <malloc.h>
#include <pthread.h>

#include "util.h"

enum { SECONDS = 2 };

static _Atomic bool stop;
static _Atomic int children;

/* A child of either kind. In it only what POSIX allows in the child of a
 * process with threads. */
static pid_t child(pid_t (*forker)(void), int n)
{
	uint64_t at = ((uint64_t)n * 7919 * 512) % (HEAP / 8);
	pid_t pid = forker();

	if (pid)
		return pid;
	if (heap[at] != heap_word(at))
		_exit(50);
	heap[at] = 0;
	if (n % 4)
		exec_exit_static(4);
	_exit(4);
}

static void *forks(void *number)
{
	for (int n = (int)(intptr_t)number; !stop; n++) {
		exits_with(child(n % 7 ? fork : _Fork, n), 4);
		children++;
	}
	return NULL;
}

/* Children that need the whole heap, and those made in other ways. */
static void *forks_truly(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid) {
			/* Nothing of the heap may be missing. */
			for (size_t i = 0; i < HEAP / 8; i += 4096) {
				if (heap[i] != heap_word(i))
					_exit(51);
			}
			_exit(write(-1, "", 0) == -1 ? 4 : 52);
		}
		exits_with(pid, 4);
		pid = vfork();
		if (!pid)
			_exit(4);
		exits_with(pid, 4);
		ck_assert_int_eq(system("exit 4"), 4 << 8);
	}
	return unused;
}

static void *maps(void *unused)
{
	while (!stop) {
		char *at = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memset(at, 'm', 2 << 20);
		/* The hole may be another thread's at once. */
		munmap(at + (1 << 20), 2 << 20);
		munmap(at, 1 << 20);
		munmap(at + (3 << 20), 1 << 20);
	}
	return unused;
}

static void *allocates(void *unused)
{
	while (!stop) {
		char *block = malloc(3 << 20);

		memset(block, 'r', 3 << 20);
		block = realloc(block, 9 << 20);
		ck_assert_int_eq(block[(3 << 20) - 1], 'r');
		block[(9 << 20) - 1] = 1;
		block = realloc(block, 100);
		free(block);
	}
	return unused;
}

static void *does_nothing(void *unused)
{
	return unused;
}

static void *starts_threads(void *unused)
{
	pthread_t thread;

	while (!stop) {
		if (!pthread_create(&thread, NULL, does_nothing, NULL))
			pthread_join(thread, NULL);
	}
	return unused;
}

static void for_seconds(int seconds, void *(*const *bodies)(void *), int n)
{
	pthread_t threads[16];

	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, bodies[i],
						(void *)(intptr_t)(i * 1000)),
				 0);
	}
	sleep((unsigned)seconds);
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_gt(children, 0);
	ck_assert(heap_intact());
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

START_TEST(many_forkers)
{
	void *(*const bodies[])(void *) = {forks, forks, forks, forks,
					   forks, forks, forks, forks};

	for_seconds(SECONDS, bodies, LENGTH(bodies));
}
END_TEST

START_TEST(with_true_forks)
{
	void *(*const bodies[])(void *) = {forks, forks_truly, forks,
					   forks_truly};

	for_seconds(SECONDS, bodies, LENGTH(bodies));
}
END_TEST

START_TEST(with_changing_maps)
{
	void *(*const bodies[])(void *) = {forks, forks, maps, allocates,
					   starts_threads};

	for_seconds(2 * SECONDS, bodies, LENGTH(bodies));
}
END_TEST

/* The heap by sbrk() grows and shrinks as well. */
static void *breaks(void *unused)
{
	while (!stop) {
		char *at = sbrk(2 << 20);

		if (at == (char *)-1)
			break;
		memset(at, 'b', 2 << 20);
		sbrk(-(2 << 20));
	}
	return unused;
}

START_TEST(with_changing_break)
{
	void *(*const bodies[])(void *) = {forks, forks, breaks};

	/* malloc shall not use it meanwhile. */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	for_seconds(SECONDS, bodies, LENGTH(bodies));
}
END_TEST

/* A mutex that atfork handlers hold is held in no child. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

static void *locks(void *unused)
{
	while (!stop) {
		lock();
		free(malloc(1000));
		unlock();
	}
	return unused;
}

static void *forks_and_locks(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid) {
			lock();
			unlock();
			free(malloc(100000));
			exec_exit_static(4);
			_exit(50);
		}
		exits_with(pid, 4);
		children++;
	}
	return unused;
}

START_TEST(locks_and_handlers)
{
	void *(*const bodies[])(void *) = {forks_and_locks, locks, allocates,
					   forks_and_locks};

	pthread_atfork(lock, unlock, unlock);
	for_seconds(SECONDS, bodies, LENGTH(bodies));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("threads");

	tcase_add_test(tcase, many_forkers);
	tcase_add_test(tcase, with_true_forks);
	tcase_add_test(tcase, with_changing_maps);
	tcase_add_test(tcase, with_changing_break);
	tcase_add_test(tcase, locks_and_handlers);
	return run_suite("fork: threads", tcase);
}

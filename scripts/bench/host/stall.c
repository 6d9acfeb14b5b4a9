/* SPDX-License-Identifier: MIT
 * A second thread, and how long it is held up. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "host.h"

enum { MAPPED = 16 * PAGE };

/* What it is to do, when it was last seen, and the longest it was not, since a
 * sample began. */
static _Atomic int doing;
static _Atomic long seen, began, worst;
static _Atomic long stored;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;

static void map_some(void)
{
	char *mapped = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		return;
	mapped[0] = 1;
	munmap(mapped, MAPPED);
}

static void once(int what, size_t turn)
{
	if (what == STALL_TOUCH || what == STALL_ALL)
		memory_touch(turn);
	if (what == STALL_MMAP || what == STALL_ALL)
		map_some();
	if (what == STALL_STORE)
		stored++;
}

static int wait_for_work(void)
{
	int what;

	pthread_mutex_lock(&lock);
	while (!doing)
		pthread_cond_wait(&wake, &lock);
	what = doing;
	pthread_mutex_unlock(&lock);
	return what;
}

static long gap_until(long now)
{
	return now - (seen > began ? seen : began);
}

static void *second(void *unused)
{
	for (size_t turn = 0;; turn++) {
		int what = wait_for_work();

		seen = now_ns();
		for (; doing; turn++) {
			long now, gap;

			once(what, turn);
			now = now_ns();
			gap = gap_until(now);
			if (gap > worst)
				worst = gap;
			seen = now;
		}
	}
	return unused;
}

static void tell(int what)
{
	pthread_mutex_lock(&lock);
	doing = what;
	pthread_cond_signal(&wake);
	pthread_mutex_unlock(&lock);
}

/* A program that is not asked for this has no second thread. */
bool stall_begin(enum stall what)
{
	static bool made;
	pthread_t thread;

	if (what == STALL_NONE)
		return true;
	if (!made && pthread_create(&thread, NULL, second, NULL))
		return false;
	made = true;
	tell(what);
	return true;
}

void stall_sample(void)
{
	worst = 0;
	began = now_ns();
}

long stall_worst(void)
{
	long gap = gap_until(now_ns());

	return gap > worst ? gap : worst;
}

void stall_end(void)
{
	if (doing)
		tell(STALL_NONE);
}

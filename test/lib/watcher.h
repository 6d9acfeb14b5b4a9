/* SPDX-License-Identifier: MIT
 *
 * A second thread of a host, which opens a file over and over: where nobody
 * else opens any, its number is always the same one.
 */
#ifndef TEST_WATCHER_H
#define TEST_WATCHER_H

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

static _Atomic bool over;
static _Atomic long wrong;
static pthread_t watcher;
static int lowest;

static void *watch(void *arg)
{
	while (!over) {
		int fd = open("/dev/null", O_RDONLY);

		wrong += fd != lowest;
		close(fd);
	}
	return arg;
}

/* False if there can be no thread. */
static bool watch_numbers(void)
{
	lowest = open("/dev/null", O_RDONLY);
	close(lowest);
	return !pthread_create(&watcher, NULL, watch, NULL);
}

/* Until now; none without the thread, which ends. */
static long wrong_numbers(void)
{
	if (!watcher)
		return 0;
	over = true;
	pthread_join(watcher, NULL);
	return wrong;
}

#endif

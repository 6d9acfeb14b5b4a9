/* SPDX-License-Identifier: MIT
 * Threads: many that sleep, or some that start children at once. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

enum { MOST = 256, STACK = 256 << 10 };

static bool make(pthread_t *thread, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	int failed;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	failed = pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	return !failed;
}

static void *sleeps(void *unused)
{
	for (;;)
		pause();
	return unused;
}

bool crowd_idle(int threads)
{
	pthread_t thread;

	for (int i = 0; i < threads; i++) {
		if (!make(&thread, sleeps, NULL))
			return false;
	}
	return true;
}

struct rate {
	const struct method *method;
	long until;
	atomic_long children;
	atomic_bool failed;
};

static void *starts(void *arg)
{
	struct rate *rate = arg;

	while (!rate->failed && now_ns() < rate->until) {
		pid_t pid = rate->method->start();
		int status = 0;

		if (pid < 0 || (pid > 0 && waitpid(pid, &status, 0) != pid) ||
		    status)
			rate->failed = true;
		else
			rate->children++;
	}
	return NULL;
}

long crowd_rate(const struct method *method, int threads, long ms, long *ns)
{
	long began = now_ns();
	struct rate rate = {.method = method, .until = began + ms * 1000000};
	pthread_t thread[MOST];
	int made = 0;

	while (made < threads && made < MOST &&
	       make(&thread[made], starts, &rate))
		made++;
	for (int i = 0; i < made; i++)
		pthread_join(thread[i], NULL);
	*ns = now_ns() - began;
	return rate.failed || made < threads ? -1 : rate.children;
}

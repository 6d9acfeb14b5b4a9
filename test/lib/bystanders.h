/* SPDX-License-Identifier: MIT
 * Threads for concurrent.c that make no children: each does one thing until
 * `stop`. */
#ifndef TEST_BYSTANDERS_H
#define TEST_BYSTANDERS_H

#include <dlfcn.h>
#include <pthread.h>

#include "util.h"

enum { OWN = 4 << 20 };

static _Atomic bool stop;
static _Atomic long sent, received;

/* Known before there are threads. */
static char plugin[PATH_MAX];

static UNUSED void *maps(void *unused)
{
	while (!stop) {
		char *at = mmap(NULL, OWN, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memset(at, 'm', OWN);
		at = mremap(at, OWN, 2 * OWN, MREMAP_MAYMOVE);
		ck_assert(at != MAP_FAILED && at[OWN - 1] == 'm');
		mprotect(at + OWN, OWN, PROT_READ);
		/* The hole may be another thread's at once. */
		munmap(at + OWN / 2, OWN / 2);
		munmap(at, OWN / 2);
		munmap(at + OWN, OWN);
	}
	return unused;
}

static UNUSED void *breaks(void *unused)
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

static UNUSED void *advises(void *unused)
{
	char *at = mmap(NULL, OWN, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	while (!stop) {
		ck_assert(!madvise(at, OWN, MADV_DONTFORK));
		at[OWN / 2] = 'a';
		ck_assert(!madvise(at, OWN, MADV_DOFORK));
		ck_assert(!madvise(at, OWN, MADV_WIPEONFORK));
		ck_assert_int_eq(at[OWN / 2], 'a');
		ck_assert(!madvise(at, OWN, MADV_KEEPONFORK));
		ck_assert(!madvise(at, OWN, MADV_DONTNEED));
	}
	munmap(at, OWN);
	return unused;
}

static UNUSED void *loads(void *unused)
{
	while (!stop) {
		void *library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);

		ck_assert(library && dlsym(library, "cos"));
		dlclose(library);
		library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
		ck_assert(library != NULL);
		dlclose(library);
	}
	return unused;
}

static void never(int sig)
{
	(void)sig;
	abort();
}

/* What was set is what is found, whoever forks meanwhile. */
static UNUSED void *handles(void *unused)
{
	static const int signals[] = {SIGSYS, SIGSEGV, SIGBUS, SIGUSR1};
	sighandler_t was[] = {SIG_DFL, SIG_DFL, SIG_DFL, SIG_DFL};

	for (int i = 0; i < 4; i++)
		was[i] = signal(signals[i], SIG_DFL);
	for (int n = 0; !stop; n++) {
		int sig = signals[n % 4];
		sighandler_t to = n / 4 % 2 ? never : SIG_DFL;

		if (n >= 4)
			ck_assert(signal(sig, to) == (to ? SIG_DFL : never));
	}
	for (int i = 0; i < 4; i++)
		signal(signals[i], was[i]);
	return unused;
}

static void on_real_time(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	received += info->si_value.sival_int;
}

static UNUSED void *sends(void *unused)
{
	union sigval one = {.sival_int = 1};

	while (!stop) {
		if (!sigqueue(getpid(), SIGRTMIN + 1, one))
			sent++;
		usleep(100);
	}
	return unused;
}

#endif

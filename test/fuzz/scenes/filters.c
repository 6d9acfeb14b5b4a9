/* SPDX-License-Identifier: MIT
 *
 * A scene: seccomp filters, installed by libc or by system calls of the
 * program's own, in this thread or in another, before and between forks; and
 * attempts to install one that fail. Nobody makes a call that a filter kills
 * for. There is no summary of a program with such a filter, and no dynamic
 * child: it may need more calls.
 */
#include <sys/prctl.h>

#include "actors/bpf.h"

static bool kills, probes;

static void *install(void *arg)
{
	struct rng *r = arg;
	struct filter f;

	make_filter(r, &f);
	kills = kills || filter_kills(&f);
	say(" = %ld", install_filter(r, &f));
	return NULL;
}

static void child(struct rng *r)
{
	unsigned broken = broken_pages(r, below(r, 30));
	int how = (int)vs_sys(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
	char path[PATH_MAX], text[8];

	if (once_in(r, 2))
		dup2(1, 9);
	if (once_in(r, 2))
		setsid();
	if (once_in(r, 3))
		spin_us(below(r, 300));
	if (once_in(r, 6))
		_exit(3);
	snprintf(text, sizeof(text), "%d", (int)broken * 16 + how);
	snprintf(path, sizeof(path), "%s/w/image", folder);
	execv(path,
	      (char *[]){(char *)"fuzz-image", (char *)"exit", text, NULL});
	_exit(96);
}

static void *fork_one(void *arg)
{
	say(" status %x", (unsigned)end_of(begin(arg, child)));
	return NULL;
}

static void in_thread(void *(*run)(void *), struct rng *r)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, r))
		say(" no thread");
	else
		pthread_join(thread, NULL);
}

static void one_fork(struct rng *r, int number)
{
	(void)number;
	for (unsigned i = probes ? below(r, 3) : 0; i > 0; i--)
		probe_seccomp(r);
	if (once_in(r, 4)) {
		/* A thread needs what is not in the list. */
		if (once_in(r, 3) && !kills)
			in_thread(install, r);
		else
			install(r);
	}
	if (once_in(r, 4) && !kills)
		in_thread(fork_one, r);
	else
		fork_one(r);
}

void filters_scene(uint64_t seed)
{
	struct rng r = rng_of(seed, SETTING);

	make_heap(&r);
	manner = below(&r, MANNERS);
	probes = once_in(&r, 2);
	rounds(seed, 3 + below(&r, 8), one_fork);
	end_scene(kills);
}

/* SPDX-License-Identifier: MIT
 * Threads that map, move and unmap memory of their own, or that fork as well,
 * while another one forks: all calls succeed, and what is there stays. */
#include "actors/movers.h"

enum { MOVERS = 2, MB = 1 << 20, EVERY = 16 * PAGE };

static struct mover {
	pthread_t thread;
	struct rng r;
	char *at;
	size_t size;
	uint64_t seed;
	unsigned refused, broken;
	int how, why; /* the first refusal: a call, its error */
} movers[MOVERS];

static int count;

static void refused(struct mover *m, int how)
{
	if (!m->refused++) {
		m->how = how;
		m->why = errno;
	}
}

static void must(struct mover *m, int how, bool done)
{
	if (!done)
		refused(m, how);
}

static uint64_t *word_at(const struct mover *m, size_t offset)
{
	return (uint64_t *)(void *)(m->at + offset);
}

static void fill(struct mover *m, size_t from)
{
	for (; from < m->size; from += EVERY)
		*word_at(m, from) = m->seed + from;
}

static unsigned broken(const struct mover *m)
{
	unsigned n = 0;

	for (size_t at = 0; at < m->size; at += EVERY)
		n += *word_at(m, at) != m->seed + at;
	return n;
}

static void map(struct mover *m)
{
	m->size = MB + below(&m->r, 16) * EVERY;
	m->seed = next(&m->r);
	m->at = mmap(NULL, m->size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->at == MAP_FAILED)
		exit(3);
	fill(m, 0);
}

static void move(struct mover *m)
{
	size_t size = MB + below(&m->r, 48) * EVERY, before = m->size;
	char *to;

	if (once_in(&m->r, 2))
		to = mremap(m->at, m->size, size, MREMAP_MAYMOVE);
	else
		to = (char *)syscall(SYS_mremap, m->at, m->size, size,
				     MREMAP_MAYMOVE);
	if (to == MAP_FAILED) {
		refused(m, SYS_mremap);
		return;
	}
	m->at = to;
	m->size = size;
	if (size > before)
		fill(m, before);
}

static void protect(struct mover *m)
{
	must(m, SYS_mprotect, !mprotect(m->at, m->size, PROT_READ));
	m->broken += broken(m);
	must(m, SYS_mprotect,
	     !mprotect(m->at, m->size, PROT_READ | PROT_WRITE));
}

static void drop_pages(struct mover *m)
{
	must(m, SYS_madvise, !madvise(m->at, m->size, MADV_DONTNEED));
	for (size_t at = 0; at < m->size; at += EVERY)
		m->broken += *word_at(m, at) != 0;
	fill(m, 0);
}

/* Neither lasts. */
static void mark(struct mover *m)
{
	bool wipe = once_in(&m->r, 2);

	must(m, SYS_madvise,
	     !madvise(m->at, m->size, wipe ? MADV_WIPEONFORK : MADV_DONTFORK));
	m->broken += broken(m);
	must(m, SYS_madvise,
	     !madvise(m->at, m->size, wipe ? MADV_KEEPONFORK : MADV_DOFORK));
}

static void *move_memory(void *arg)
{
	struct mover *m = arg;

	while (!scene_over) {
		switch (below(&m->r, 8)) {
		case 0:
			must(m, SYS_munmap, !munmap(m->at, m->size));
			map(m);
			break;
		case 1:
			protect(m);
			break;
		case 2:
			drop_pages(m);
			break;
		case 3:
			mark(m);
			break;
		default:
			move(m);
		}
		m->broken += broken(m);
		if (once_in(&m->r, 4))
			usleep(below(&m->r, 200));
	}
	return NULL;
}

/* Its children, too, have all of the heap. */
static void *fork_too(void *arg)
{
	struct mover *m = arg;
	pid_t pid;

	while (!scene_over) {
		pid = once_in(&m->r, 2) ? fork() : (pid_t)syscall(SYS_fork);
		if (!pid)
			_exit(broken_pages(&m->r, 50) != 0);
		must(m, SYS_fork, pid > 0);
		m->broken += pid > 0 && end_of(pid);
		usleep(below(&m->r, 1000));
	}
	return NULL;
}

void start_movers(struct rng *r)
{
	count = (int)below(r, MOVERS + 1);
	say("movers");
	for (int i = 0; i < count; i++) {
		struct mover *m = &movers[i];
		bool forks = once_in(r, 4);

		m->r.state = next(r);
		map(m);
		say(" %s", forks ? "fork" : "move");
		start(&m->thread, forks ? fork_too : move_memory, m);
	}
	say("\n");
}

void end_movers(void)
{
	for (int i = 0; i < count; i++) {
		struct mover *m = &movers[i];

		pthread_join(m->thread, NULL);
		say("mover %d: refused %u (%d %d) broken %u\n", i, m->refused,
		    m->how, m->why, m->broken);
	}
}

unsigned broken_movers(void)
{
	unsigned n = 0;

	for (int i = 0; i < count; i++)
		n += broken(&movers[i]);
	return n;
}

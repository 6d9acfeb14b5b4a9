/* SPDX-License-Identifier: MIT
 * Steps that only the parent takes, before its children. */
#include <pthread.h>
#include <sys/prctl.h>

#include "fuzz.h"
#include "world.h"

/* ---- fork handlers ---- */

static int prepared, in_parent, in_child;

static void prepare(void)
{
	prepared++;
}

static void parent(void)
{
	in_parent++;
}

/* What libuv does: a pipe of its own, and a byte through it. */
static void child(void)
{
	int ends[2];
	char c = 'x';

	in_child++;
	if (pipe(ends))
		return;
	if (write(ends[1], &c, 1) != 1 || read(ends[0], &c, 1) != 1)
		in_child += 100;
	close(ends[0]);
	close(ends[1]);
}

static void note_handlers(struct rng *r)
{
	(void)r;
	/* One that shares memory runs none. */
	if (!model.clean)
		say(" %d %d %d", prepared, in_parent, in_child);
}

void register_atfork(struct rng *r)
{
	say(" = %d",
	    pthread_atfork(prepare, parent, once_in(r, 2) ? child : NULL));
}

/* ---- other threads ---- */

static volatile int stop_never;

static void *idle(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* Memory of its own, that nobody else looks at. */
static void *busy(void *arg)
{
	while (!stop_never) {
		char *at = malloc(1 << 12), *map;

		memset(at, 1, 1 << 12);
		map = mmap(NULL, 1 << 21, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		*map = 1;
		munmap(map, 1 << 21);
		free(at);
		usleep(20);
	}
	return arg;
}

static void start_threads(struct rng *r)
{
	unsigned n = 1 + below(r, 3);
	sigset_t all, old;
	pthread_t thread;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (unsigned i = 0; i < n; i++)
		error |= pthread_create(&thread, NULL,
					once_in(r, 2) ? busy : idle, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	model.threads = true;
	say(" %u = %d", n, error);
}

/* ---- memory ---- */

static void mark_heap(struct rng *r)
{
	static const int advice[] = {MADV_HUGEPAGE, MADV_MERGEABLE,
				     MADV_NOHUGEPAGE, MADV_DONTDUMP};
	char *at = (char *)0x100000000000 + below(r, 60) * (1 << 20);
	int what = PICK(r, advice);

	say(" %d = %d", what, madvise(at, (1 + below(r, 4)) << 20, what));
}

/* Many small mappings, and big ones between guards. */
static void split(struct rng *r)
{
	char *at = (char *)0x100000000000 + 0x80000000L;
	unsigned n = below(r, 200), size = (1 + below(r, 300)) * PAGE;
	int bad = 0;

	for (unsigned i = 0; i < n; i++) {
		bad |= mmap(at, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			    0) != at;
		*at = 1;
		at += size + PAGE * (i % 3);
	}
	say(" %u %u = %d", n, size, bad);
}

static void variables(struct rng *r)
{
	static const char *const names[] = {"FUZZ_A", "FUZZ_B", "HOME"};
	const char *name = PICK(r, names);

	if (once_in(r, 2))
		say(" %s = %d", name, setenv(name, "value", once_in(r, 2)));
	else
		say(" %s = %d", name, unsetenv(name));
}

/* Not itself root any more: /proc/self/mem is closed to it. */
static void drop_root(struct rng *r)
{
	if (!once_in(r, 4))
		return;
	say(" = %d", setresuid(1000, 1000, 1000));
}

/* What POSIX_SPAWN_RESETIDS undoes. */
static void change_effective(struct rng *r)
{
	static const int ids[] = {0, 1000, 65534};
	int group = PICK(r, ids), user = PICK(r, ids);

	if (once_in(r, 2))
		say(" group %d = %d", group, setegid((gid_t)group));
	if (once_in(r, 2))
		say(" user %d = %d", user, seteuid((uid_t)user));
}

const struct kind setup_kinds[] = {
	{"handlers", note_handlers, SETUP | LOCAL, 1},
	{"threads", start_threads, SETUP | OUTSIDE, 3},
	{"mark heap", mark_heap, SETUP, 2},
	{"split", split, SETUP, 2},
	{"setenv", variables, SETUP | LOCAL, 2},
	{"drop root", drop_root, SETUP | OUTSIDE, 1},
	{"effective ids", change_effective, SETUP | LATER, 1},
	{0},
};

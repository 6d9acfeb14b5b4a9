/* SPDX-License-Identifier: MIT
 * Steps that read, write, and allocate memory. */
#include <malloc.h>
#include <setjmp.h>

#include "fuzz.h"
#include "world.h"

static size_t some_size(struct rng *r)
{
	static const unsigned most[] = {8,	  100,	   PAGE,
					3 * PAGE, 1 << 16, 1 << 18};

	return 1 + below(r, PICK(r, most));
}

/* The whole of a big area, a byte here and there: many chunks. */
static void walk(struct rng *r)
{
	unsigned step = 1 + below(r, 1 << 17), n = 1 + below(r, 200);
	char *at = any_memory(r, 1 << 18);
	uint64_t h = 1;

	for (unsigned i = 0, off = 0; i < n; i++, off += step)
		h = hash(h, at + off % (1 << 18), 1);
	say(" %u by %u = %lx", n, step, h);
}

static void peek(struct rng *r)
{
	size_t n = some_size(r);

	say(" %zu = %lx", n, hash(1, any_memory(r, n), n));
}

static void poke(struct rng *r)
{
	size_t n = some_size(r);
	char *at = any_memory(r, n);

	memset(at, (int)next(r), n);
	say(" %zu", n);
}

static void copy(struct rng *r)
{
	size_t n = some_size(r);
	char *to = any_memory(r, n);

	memmove(to, any_memory(r, n), n);
	say(" %zu = %lx", n, hash(1, to, n));
}

/* The atomic kind of access, and one that straddles two pages. */
static void straddle(struct rng *r)
{
	char *at = any_memory(r, 2 * PAGE);
	uint64_t word, *p;

	at = (char *)(((uintptr_t)at + PAGE) & -(uintptr_t)PAGE) - 4;
	memcpy(&word, at, 8);
	word = word * 3 + 1;
	memcpy(at, &word, 8);
	p = (uint64_t *)(((uintptr_t)at + 64) & -(uintptr_t)64);
	say(" = %lx %lx", word, __atomic_add_fetch(p, 5, __ATOMIC_SEQ_CST));
}

static __attribute__((noinline)) uint64_t deep(unsigned depth)
{
	volatile char room[2000];
	uint64_t below_it;

	memset((char *)room, (int)depth, sizeof(room));
	below_it = depth ? deep(depth - 1) : 1;
	return below_it * 31 + (unsigned char)room[depth % 2000];
}

static void recurse(struct rng *r)
{
	/* The whole stack may be as small as a page or two. */
	unsigned depth = below(r, model.depth ? 4 : 20);

	say(" %u = %lx", depth, deep(depth));
}

static void whole(struct rng *r)
{
	(void)r;
	say(" = %lx", world_hash(false));
}

/* ---- malloc ---- */

static bool filled(int i)
{
	const unsigned char *at = model.block[i].at;
	size_t n = model.block[i].size;

	/* realloc() and calloc() do not fill what they add. */
	if (n > 300000)
		n = 300000;
	for (size_t j = 0; j < n; j++) {
		if (at[j] != model.block[i].fill)
			return false;
	}
	return true;
}

static void allocate(struct rng *r)
{
	int i = (int)below(r, BLOCKS);

	say(" %d %s", i, filled(i) ? "whole" : "broken");
	free(model.block[i].at);
	new_block(r, i);
	say(" %zu", model.block[i].size);
}

static void reallocate(struct rng *r)
{
	int i = (int)below(r, BLOCKS);
	size_t n = some_size(r), before = model.block[i].size;
	unsigned char *at = realloc(model.block[i].at, n);

	say(" %d %zu to %zu", i, before, n);
	model.block[i].at = at;
	model.block[i].size = n;
	if (n > before)
		memset(at + before, model.block[i].fill, n - before);
	say(" %s", filled(i) ? "whole" : "broken");
}

static void clear(struct rng *r)
{
	size_t n = some_size(r), sum = 0;
	int i = (int)below(r, BLOCKS);

	free(model.block[i].at);
	model.block[i].at = calloc(1, n);
	model.block[i].size = n;
	for (size_t j = 0; j < n; j++)
		sum += model.block[i].at[j];
	memset(model.block[i].at, model.block[i].fill, n);
	say(" %d %zu = %zu", i, n, sum);
}

static void aligned(struct rng *r)
{
	int i = (int)below(r, BLOCKS);
	size_t alignment = 16UL << below(r, 13), n = some_size(r);
	void *at = NULL;
	int error = posix_memalign(&at, alignment, n);

	say(" %zu %zu = %d %d", alignment, n, error,
	    (uintptr_t)at % alignment == 0);
	free(model.block[i].at);
	model.block[i].at = at;
	model.block[i].size = n;
	memset(at, model.block[i].fill, n);
}

/* Gives memory back to the kernel, where the heap is not a hole. */
static void trim(struct rng *r)
{
	(void)r;
	malloc_trim(0);
}

/* ---- where it must not ---- */

static sigjmp_buf fault;

static void on_signal(int sig)
{
	siglongjmp(fault, sig);
}

static void trespass(struct rng *r)
{
	struct sigaction catch = {.sa_handler = on_signal}, segv, bus;
	volatile char *at = bad_pointer(r, 8);
	volatile bool writes = once_in(r, 2);
	volatile int sig, value = 0;

	sigaction(SIGSEGV, &catch, &segv);
	sigaction(SIGBUS, &catch, &bus);
	sig = sigsetjmp(fault, 1);
	if (!sig) {
		value = *at;
		if (writes)
			*at = 77;
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	say(" %s = signal %d value %d", writes ? "write" : "read", sig, value);
}

const struct kind memory_kinds[] = {
	{"walk", walk, LOCAL, 2},
	{"peek", peek, LOCAL | CLEAN, 4},
	{"poke", poke, LOCAL | CLEAN, 4},
	{"copy", copy, LOCAL | CLEAN, 4},
	{"straddle", straddle, LOCAL | CLEAN, 2},
	{"recurse", recurse, LOCAL | CLEAN, 2},
	{"hash memory", whole, LOCAL, 1},
	{"malloc", allocate, LOCAL | SETUP, 6},
	{"realloc", reallocate, LOCAL | SETUP, 4},
	{"calloc", clear, LOCAL | SETUP, 2},
	{"memalign", aligned, LOCAL | SETUP, 2},
	{"malloc_trim", trim, LOCAL | SETUP, 1},
	{"trespass", trespass, OUTSIDE, 6},
	{0},
};

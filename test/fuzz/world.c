/* SPDX-License-Identifier: MIT
 *
 * The memory that a program finds, at the same addresses in every run and
 * with the same contents, and pointers into it.
 */
#include <setjmp.h>

#include "fuzz.h"
#include "world.h"

enum { MB = 1 << 20 };

static char data[PAGE * 4] __attribute__((aligned(PAGE))) = "data";
static char bss[3 * MB / 2] __attribute__((aligned(PAGE)));
/* At the same place of a page, whoever else has thread-local data. */
static __thread char tls[3000] __attribute__((aligned(PAGE)));
/* What steps that share memory with the parent may write to; not hashed. */
static char clean_room[1 << 18] __attribute__((aligned(PAGE)));

#define AT(n) ((char *)(0x100000000000 + (n)*0x10000000L))

/* One page in `every` is written to. */
static struct area {
	char *at;
	size_t size;
	int protection, flags;
	unsigned every;
} areas[] = {
	[HEAP] = {AT(0), 64 * MB, PROT_READ | PROT_WRITE, 0, 256},
	[DENSE] = {AT(1), 5 * MB / 4, PROT_READ | PROT_WRITE, 0, 4},
	[SMALL] = {AT(2), MB / 4, PROT_READ | PROT_WRITE, 0, 2},
	/* Neighbours, of which the first and the last can be written to. */
	[LOWER] = {AT(3), 9 * MB / 8, PROT_READ | PROT_WRITE, 0, 8},
	[FIXED] = {AT(3) + 9 * MB / 8, 9 * MB / 8, PROT_READ, 0, 8},
	[UPPER] = {AT(3) + 9 * MB / 4, 9 * MB / 8, PROT_READ | PROT_WRITE, 0,
		   8},
	[CLOSED] = {AT(4), 9 * MB / 8, PROT_NONE, 0, 32},
	[PUBLIC] = {AT(5), MB / 4, PROT_READ | PROT_WRITE, MAP_SHARED, 4},
	[VICTIM] = {AT(6), 4 * MB, PROT_READ | PROT_WRITE, 0, 16},
	[ALTERNATE] = {AT(7), 5 * MB / 4, PROT_READ | PROT_WRITE, 0, 512},
	[BSS] = {bss, sizeof(bss), 0, 0, 4},
	[DATA] = {data, sizeof(data), 0, 0, 1},
};

static uint64_t world_seed;
char *stack_room;

static bool written(int area, size_t page)
{
	struct rng r = {world_seed + (uint64_t)area * 1000003 + page};

	return once_in(&r, areas[area].every);
}

static void fill(char *at, size_t size, uint64_t seed)
{
	uint64_t *word = (void *)at;

	for (size_t i = 0; i < size / 8; i++)
		word[i] = seed = seed * 6364136223846793005 + 1;
}

void make_memory(uint64_t seed)
{
	world_seed = seed;
	for (int i = 0; i < LENGTH(areas); i++) {
		struct area *a = &areas[i];
		int how = a->flags ? a->flags : MAP_PRIVATE;

		if (a->protection || i == CLOSED)
			mmap(a->at, a->size, PROT_READ | PROT_WRITE,
			     how | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
			     -1, 0);
		for (size_t p = 0; p < a->size / PAGE; p++) {
			if (written(i, p))
				fill(a->at + p * PAGE, PAGE, seed + p);
		}
		if (a->protection != (PROT_READ | PROT_WRITE) &&
		    (a->protection || i == CLOSED))
			mprotect(a->at, a->size, a->protection);
	}
	memset(tls, (int)seed, sizeof(tls));
	for (int i = 0; i < BLOCKS; i++) {
		struct rng r = {seed + (uint64_t)i};

		new_block(&r, i);
	}
}

static uint64_t hash_words(uint64_t h, const char *at, size_t size)
{
	const uint64_t *word = (const void *)at;
	uint64_t lane[4] = {h, 2, 3, 4};

	for (size_t i = 0; i < size / 8; i++)
		lane[i % 4] = (lane[i % 4] ^ word[i]) * 0x9fb21c651e98df25;
	return hash(h, lane, sizeof(lane));
}

void clean_up(void)
{
	memset(clean_room, 0, sizeof(clean_room));
	forget_files();
}

char *alternate_stack(size_t *size)
{
	*size = areas[ALTERNATE].size;
	return areas[ALTERNATE].at;
}

/* Of what was written to; `all`: of every page, which makes the rest exist.
 * Victims are unmapped by steps, and left out; a stack holds addresses. */
uint64_t world_hash(bool all)
{
	uint64_t h = 1;

	for (int i = 0; i < LENGTH(areas); i++) {
		const struct area *a = &areas[i];

		if (i == CLOSED || i == VICTIM || i == ALTERNATE)
			continue;
		for (size_t p = 0; p < a->size / PAGE; p++) {
			if (all || written(i, p))
				h = hash_words(h, a->at + p * PAGE, PAGE);
		}
	}
	for (int i = 0; i < BLOCKS; i++) {
		if (model.block[i].at)
			h = hash(h, model.block[i].at,
				 model.block[i].size < 256 ? model.block[i].size
							   : 256);
	}
	return hash(h, tls, sizeof(tls));
}

/* ---- pointers ---- */

static char *inside(struct rng *r, char *at, size_t room, size_t size)
{
	if (size >= room)
		return at;
	/* Ends of mappings, pages and chunks are where things go wrong. */
	if (once_in(r, 8))
		return at + room - size;
	if (once_in(r, 4))
		return at +
		       below(r, (unsigned)((room - size) / PAGE + 1)) * PAGE;
	return at + below(r, (unsigned)(room - size));
}

/* Pages that nobody has touched yet are as likely as others. */
char *any_memory(struct rng *r, size_t size)
{
	static const int good[] = {HEAP,  HEAP,	 DENSE, SMALL,
				   LOWER, UPPER, BSS,	DATA};
	unsigned choice = below(r, 16);
	const struct area *a = &areas[PICK(r, good)];
	int i = (int)below(r, 4);

	if (model.clean)
		return inside(r, clean_room, sizeof(clean_room), size);
	if (choice == 0 && size <= sizeof(tls))
		return inside(r, tls, sizeof(tls), size);
	if (choice <= 2 && size <= STACK_ROOM)
		return inside(r, stack_room, STACK_ROOM, size);
	if (choice == 3 && model.fresh[i] && size <= FRESH)
		return inside(r, model.fresh[i], FRESH, size);
	if (choice == 4 && size <= PAGE)
		return clean_room;
	if (size > a->size)
		a = &areas[HEAP];
	return inside(r, a->at, a->size, size);
}

/* Never mapped, or not any more, or not for writing, or only in part. */
char *bad_pointer(struct rng *r, size_t size)
{
	const struct area *a = &areas[VICTIM];

	switch (below(r, 8)) {
	case 0:
		return NULL;
	case 1:
		return (char *)(uintptr_t)below(r, PAGE);
	case 2:
		return AT(9) + below(r, 1 << 20);
	case 3:
		return inside(r, areas[CLOSED].at, areas[CLOSED].size, size);
	case 4:
		return inside(r, areas[FIXED].at, areas[FIXED].size, size);
	case 5: /* out of a mapping */
		return areas[below(r, 3)].at + areas[SMALL].size -
		       below(r, (unsigned)size + 1);
	case 6:
		return inside(r, areas[PUBLIC].at, areas[PUBLIC].size, size);
	default:
		return inside(r, a->at, a->size, size);
	}
}

char *any_pointer(struct rng *r, size_t size)
{
	if (!model.clean && once_in(r, model.wild ? 6 : 60))
		return bad_pointer(r, size);
	return any_memory(r, size);
}

char *result_pointer(struct rng *r, size_t size)
{
	char *at = any_pointer(r, 2 * size);
	size_t left = PAGE - (uintptr_t)at % PAGE;

	return left < size ? at + left : at;
}

char *victim(struct rng *r, size_t *size)
{
	const struct area *a = &areas[VICTIM];
	unsigned pages = (unsigned)(a->size / PAGE), first = below(r, pages);

	*size = (1 + below(r, once_in(r, 3) ? pages - first : 8)) * PAGE;
	if (first * PAGE + *size > a->size)
		*size = a->size - first * PAGE;
	return a->at + first * PAGE;
}

/* ---- what malloc() gives ---- */

void new_block(struct rng *r, int i)
{
	static const unsigned sizes[] = {16, 24, 100, 500, 1000, 5000, 20000};
	size_t size = 1 + below(r, PICK(r, sizes));

	if (once_in(r, 10))
		size = 100000 + below(r, 200000);
	if (once_in(r, 60))
		size = 3 * MB / 2 + below(r, 2 * MB);
	model.block[i].at = malloc(size);
	model.block[i].size = size;
	model.block[i].fill = (unsigned char)next(r);
	memset(model.block[i].at, model.block[i].fill,
	       size < 300000 ? size : 300000);
}

/* SPDX-License-Identifier: MIT
 * Memory of every sort: its pages, and whether they are there. */
#include <setjmp.h>
#include <sys/shm.h>

#include "actors/regions.h"

enum { MB = 1 << 20, READ_WRITE = PROT_READ | PROT_WRITE, GAP = 1 << 28 };

enum source { ANONYMOUS, A_FILE, A_MEMFD, BY_SHMAT, GIVEN };

/* A big one is left out of the copy: see txn_marks.c. */
static const struct sort {
	const char *name;
	size_t size;
	enum source source;
	int flags, protection, advice;
	unsigned every; /* so many pages one is written to */
} sorts[REGIONS] = {
	{"small", MB / 4, ANONYMOUS, MAP_PRIVATE, READ_WRITE, 0, 2},
	{"big", 2 * MB, ANONYMOUS, MAP_PRIVATE, READ_WRITE, 0, 4},
	{"sparse", 6 * MB, ANONYMOUS, MAP_PRIVATE | MAP_NORESERVE, READ_WRITE,
	 0, 100},
	{"huge", 4 * MB, ANONYMOUS, MAP_PRIVATE, READ_WRITE, MADV_HUGEPAGE, 64},
	{"shared", MB, ANONYMOUS, MAP_SHARED, READ_WRITE, 0, 4},
	{"shared, small", PAGE * 8, ANONYMOUS, MAP_SHARED, READ_WRITE, 0, 2},
	{"shared, read", MB / 4, ANONYMOUS, MAP_SHARED, PROT_READ, 0, 4},
	{"file", MB / 4, A_FILE, MAP_PRIVATE, READ_WRITE, 0, 8},
	{"file, big", 3 * MB / 2, A_FILE, MAP_PRIVATE, READ_WRITE, 0, 8},
	{"file, read", MB, A_FILE, MAP_PRIVATE, PROT_READ, 0, 0},
	{"file, shared", MB / 4, A_FILE, MAP_SHARED, READ_WRITE, 0, 8},
	{"memfd", 5 * MB / 4, A_MEMFD, MAP_PRIVATE, READ_WRITE, 0, 8},
	{"memfd, shared", MB / 2, A_MEMFD, MAP_SHARED, READ_WRITE, 0, 8},
	{"System V", MB / 2, BY_SHMAT, 0, READ_WRITE, 0, 4},
	{"read", 2 * MB, ANONYMOUS, MAP_PRIVATE, PROT_READ, 0, 4},
	{"none", 3 * MB / 2, ANONYMOUS, MAP_PRIVATE, PROT_NONE, 0, 8},
	{"code", 5 * MB / 4, ANONYMOUS, MAP_PRIVATE, READ_WRITE | PROT_EXEC, 0,
	 8},
	{"thread stack", MB, ANONYMOUS, MAP_PRIVATE | MAP_STACK | MAP_GROWSDOWN,
	 READ_WRITE, 0, 16},
	{"stack", 0, GIVEN, 0, 0, 0, 1},
	{"bss", 0, GIVEN, 0, 0, 0, 4},
};

struct region regions[REGIONS + MOVED];
static char bss[2 * MB] __attribute__((aligned(PAGE)));
static int count;

static sigjmp_buf fault;
static volatile bool expected;

static void on_fault(int sig)
{
	if (expected)
		siglongjmp(fault, sig);
	signal(sig, SIG_DFL);
}

static void fill_file(int fd, size_t size)
{
	static char text[MB / 4];

	memset(text, 'f', sizeof(text));
	for (size_t done = 0; done < size; done += sizeof(text)) {
		size_t n =
			size - done < sizeof(text) ? size - done : sizeof(text);

		if (write(fd, text, n) != (ssize_t)n)
			exit(3);
	}
}

static void *map_sort(const struct sort *sort, void *at)
{
	int fd = -1, flags = sort->flags | MAP_FIXED;

	if (sort->source == BY_SHMAT) {
		int id = shmget(IPC_PRIVATE, sort->size, 0600 | IPC_CREAT);
		void *got = shmat(id, at, 0);

		shmctl(id, IPC_RMID, NULL);
		return got;
	}
	if (sort->source == ANONYMOUS)
		flags |= MAP_ANONYMOUS;
	else if (sort->source == A_MEMFD)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	else
		fd = open("region", O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC,
			  0600);
	if (fd >= 0)
		fill_file(fd, sort->size);
	at = mmap(at, sort->size, READ_WRITE, flags, fd, 0);
	if (sort->source == A_FILE)
		unlink("region");
	close(fd);
	return at;
}

static void make_region(int i, uint64_t seed)
{
	const struct sort *sort = &sorts[i];
	struct region *region = &regions[i];

	region->name = sort->name;
	if (sort->source != GIVEN) {
		region->size = sort->size;
		region->at = map_sort(sort,
				      (char *)0x180000000000 + (size_t)i * GAP);
	}
	if (region->at == MAP_FAILED)
		exit(3);
	if (sort->advice)
		madvise(region->at, region->size, sort->advice);
	for (size_t page = 0; sort->every && page < region->size / PAGE;
	     page += sort->every) {
		uint64_t word = seed * 31 + (uint64_t)i * 1000003 + page;

		memcpy(region->at + page * PAGE + 8 * (page % 500), &word, 8);
	}
	if (sort->protection && sort->protection != READ_WRITE)
		mprotect(region->at, region->size, sort->protection);
	if (sort->source == ANONYMOUS && !sort->protection)
		mprotect(region->at, region->size, PROT_NONE);
}

void make_regions(uint64_t seed, char *stack, size_t size)
{
	struct sigaction act = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};

	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
	regions[REGIONS - 2] = (struct region){.at = stack, .size = size};
	regions[REGIONS - 1] = (struct region){.at = bss, .size = sizeof(bss)};
	for (int i = 0; i < REGIONS; i++)
		make_region(i, seed);
	count = REGIONS;
}

void add_region(char *at, size_t size)
{
	if (count < REGIONS + MOVED)
		regions[count++] = (struct region){"moved", at, size};
}

char *away(const struct region *region)
{
	return (char *)0x180000000000 + (region - regions) * (size_t)GAP +
	       GAP / 2;
}

struct region *any_region(struct rng *r)
{
	return &regions[below(r, (unsigned)count)];
}

char *any_range(struct rng *r, const struct region *region, size_t *size)
{
	unsigned pages = (unsigned)(region->size / PAGE);
	unsigned first = once_in(r, 3) ? 0 : below(r, pages);
	unsigned n = 1 + below(r, once_in(r, 3) ? pages - first : 8);

	/* All, a part; beyond the end of those with nothing there. */
	if (once_in(r, 6)) {
		first = 0;
		n = pages;
	}
	if (first + n > pages &&
	    (region >= &regions[REGIONS - 2] || !once_in(r, 8)))
		n = pages - first;
	*size = (size_t)n * PAGE;
	if (once_in(r, 20))
		*size -= below(r, PAGE);
	return region->at + (size_t)first * PAGE + (once_in(r, 30) ? 8 : 0);
}

/* ---- what is there ---- */

static uint64_t hash_page(uint64_t before, const char *at)
{
	volatile uint64_t h = before;
	volatile uint64_t *word = (void *)(uintptr_t)at;
	int sig = sigsetjmp(fault, 0);
	uint64_t sum = h + (uint64_t)sig;

	expected = !sig;
	for (int i = 0; !sig && i < PAGE / 8; i += 4)
		sum += word[i] ^ word[i + 1] * 3 ^ word[i + 2] * 5 ^
		       word[i + 3] * 7;
	expected = false;
	return hash(h, &sum, 8);
}

uint64_t look_at(struct rng *r, const struct region *region, unsigned pages)
{
	uint64_t h = 1;

	for (; pages > 0; pages--)
		h = hash_page(h, region->at + below(r, (unsigned)(region->size /
								  PAGE)) *
						      (size_t)PAGE);
	return h;
}

uint64_t hash_regions(void)
{
	uint64_t h = 1;

	for (int i = 0; i < count; i++) {
		for (size_t at = 0; at < regions[i].size; at += PAGE)
			h = hash_page(h, regions[i].at + at);
	}
	return h;
}

int write_to(char *at)
{
	int sig = sigsetjmp(fault, 0);

	expected = !sig;
	if (!sig)
		*(volatile char *)at += 3;
	expected = false;
	return sig;
}

/* SPDX-License-Identifier: MIT
 * The memory that the program has in use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <unistd.h>

#include "host.h"

#ifndef RUSAGE_THREAD
#	define RUSAGE_THREAD 1
#endif

/* Blocks of 100 KB and 1 MB by turns: malloc takes the first from its heap and
 * maps each of the others. mmap is asked for 32 MB at a time. */
enum { SMALL = 100 << 10, LARGE = 1 << 20, MAPPED = 32 << 20 };
enum { HUGE_PAGE = 2 << 20, SMALLEST = 1 << 16 };

static char **block;
static size_t *block_size;
static size_t blocks;

/* What is left out for the floor, neighbours joined. */
static struct run {
	char *from;
	size_t size;
} * run;
static size_t runs;

static char *map_block(size_t size, enum huge huge)
{
	char *p = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	p += -(size_t)p % HUGE_PAGE;
	if (huge == HUGE_MADVISE)
		madvise(p, size, MADV_HUGEPAGE);
	return p;
}

static bool add_block(size_t size, bool by_mmap, enum huge huge)
{
	char *p = by_mmap ? map_block(size, huge) : malloc(size);

	if (!p)
		return false;
	for (size_t at = 0; at < size; at += PAGE)
		p[at] = 1;
	block[blocks] = p;
	block_size[blocks++] = size;
	return true;
}

static bool add_blocks(size_t mb, bool by_mmap, enum huge huge)
{
	size_t left = mb << 20, size;

	block = calloc(left / SMALL + 2, sizeof(*block));
	block_size = calloc(left / SMALL + 2, sizeof(*block_size));
	while (block && block_size && left) {
		size = blocks % 2 ? LARGE : SMALL;
		if (by_mmap)
			size = MAPPED;
		if (size > left)
			size = left;
		if (!add_block(size, by_mmap, huge))
			return false;
		left -= size;
	}
	return blocks;
}

static size_t count_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t n = 0;
	int c;

	while (maps && (c = getc(maps)) != EOF)
		n += c == '\n';
	if (maps)
		fclose(maps);
	return n;
}

/* As heaps and libraries: 64 KB in use beside a guard page, and a file's page
 * that can only be read. */
static bool add_maps(size_t wanted)
{
	enum { HEAP = 16 * PAGE, EACH = 3 };
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	for (size_t n = count_maps(); n < wanted; n += EACH) {
		char *p = mmap(NULL, HEAP + PAGE, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED ||
		    mprotect(p, HEAP, PROT_READ | PROT_WRITE) ||
		    mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, self, 0) ==
			    MAP_FAILED)
			return false;
		memset(p, 1, HEAP);
	}
	close(self);
	return true;
}

/* Neighbours are joined. What is beside the thread's own data, which may be in
 * the same mapping, is not: the child would have none. */
static void add_run(size_t from, size_t to)
{
	static __thread char own;
	enum { AROUND = 1 << 16 };
	size_t lo = ((size_t)&own - AROUND) & -(size_t)PAGE;
	size_t hi = ((size_t)&own + AROUND) & -(size_t)PAGE;

	if (from < hi && lo < to) {
		if (from < lo)
			add_run(from, lo);
		if (hi < to)
			add_run(hi, to);
	} else if (runs &&
		   run[runs - 1].from + run[runs - 1].size == (char *)from) {
		run[runs - 1].size += to - from;
	} else {
		run[runs++] = (struct run){(char *)from, to - from};
	}
}

/* Writable, private, of no file, and not the stack: what malloc() and mmap()
 * have given. */
static void find_runs(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], rights[8], name[256];
	size_t from, to;
	unsigned long inode;

	run = calloc(count_maps() + 8, sizeof(*run));
	while (maps && run && fgets(line, sizeof(line), maps)) {
		*name = '\0';
		if (sscanf(line, "%zx-%zx %7s %*s %*s %lu %255s", &from, &to,
			   rights, &inode, name) < 4)
			continue;
		if (strcmp(rights, "rw-p") || inode ||
		    (*name && strcmp(name, "[heap]")) || to - from < SMALLEST)
			continue;
		add_run(from, to);
	}
	if (maps)
		fclose(maps);
}

const char *memory_fill(size_t mb, size_t maps, bool by_mmap, enum huge huge)
{
	/* Huge pages would make the fork cheap, and no two machines alike. */
	if (huge == HUGE_NEVER)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (!add_blocks(mb, by_mmap, huge))
		return "so much memory";
	if (!add_maps(maps))
		return "so many mappings";
	find_runs();
	return NULL;
}

void memory_touch(size_t turn)
{
	block[turn * 7919 % blocks][0]++;
}

/* A page of each block, then the next page of each. */
long memory_faults(size_t pages)
{
	struct rusage before, after;
	size_t at = PAGE;

	getrusage(RUSAGE_THREAD, &before);
	for (size_t i = 0; pages > 0 && at < MAPPED; i++) {
		if (i == blocks) {
			i = 0;
			at += PAGE;
		}
		if (at >= block_size[i])
			continue;
		block[i][at]++;
		pages--;
	}
	getrusage(RUSAGE_THREAD, &after);
	return after.ru_minflt - before.ru_minflt;
}

bool memory_leave_out(bool out)
{
	bool all = true;

	for (size_t i = 0; i < runs; i++) {
		if (madvise(run[i].from, run[i].size,
			    out ? MADV_DONTFORK : MADV_DOFORK))
			all = false;
	}
	return all;
}

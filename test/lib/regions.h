/* SPDX-License-Identifier: MIT
 *
 * Kinds of memory that a child may find, or make: who else has it, and what
 * may be done to it. Calls on the memory map are made somewhere inside.
 */
#ifndef TEST_REGIONS_H
#define TEST_REGIONS_H

#include "util.h"

/* Of the region, in pages; the call is made on the four from FIRST on. */
enum { SMALL = 16, BIG = 272, FIRST = 4, MANY = 4 };

static struct region {
	unsigned char *base, *at; /* the whole; where the call is made */
	size_t pages;
	int file; /* behind it, or -1 */
} region = {.file = -1};

/* As many pages as a child shall not take for a thread's guard. */
enum { SPOT = 64 };
/* Reserved addresses, from `make_spot`. */
static unsigned char *spot;

static UNUSED void make_spot(void)
{
	spot = mmap(NULL, SPOT * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	ck_assert_ptr_ne(spot, MAP_FAILED);
}

/* In a big one not where a chunk begins that is brought in at once. */
static void set_region(void *base, size_t pages)
{
	if (base == MAP_FAILED)
		abort();
	region.base = base;
	region.at = region.base + pages / SMALL * FIRST * PAGE;
	if (pages == BIG)
		region.at += (-(uintptr_t)region.at & (CHUNK - 1)) + PAGE;
	region.pages = pages;
}

/* Each page begins with a letter of its own. */
static void fill_region(void)
{
	for (size_t i = 0; i < region.pages; i++)
		memset(region.base + i * PAGE, 'A' + (int)(i % 26), PAGE);
}

static void map_region(size_t pages, int protection, int flags)
{
	set_region(mmap(NULL, pages * PAGE, protection, flags, region.file, 0),
		   pages);
}

/* Without neighbours that it could become one mapping with. */
static void private_small(void)
{
	unsigned char *at = mmap(NULL, (SMALL + 2) * PAGE, PROT_NONE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(at + PAGE, SMALL * PAGE, PROT_READ | PROT_WRITE);
	set_region(at + PAGE, SMALL);
	fill_region();
}

/* Not copied by a transaction. */
static void private_big(void)
{
	map_region(BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
	fill_region();
}

static void private_read_only(void)
{
	private_big();
	mprotect(region.base, BIG * PAGE, PROT_READ);
}

static void guard_page(void)
{
	private_big();
	mprotect(region.at + PAGE, PAGE, PROT_NONE);
}

/* MADV_GUARD_INSTALL; before Linux 6.13 the region is as any other. */
static void guard_region(void)
{
	private_big();
	madvise(region.at + PAGE, PAGE, 102);
}

static void shared_anonymous(void)
{
	map_region(SMALL, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	fill_region();
}

static void open_region(int fd)
{
	region.file = fd;
	if (ftruncate(fd, SMALL * PAGE))
		abort();
	map_region(SMALL, PROT_READ | PROT_WRITE, MAP_SHARED);
	fill_region();
}

static void shared_memfd(void)
{
	open_region(memfd_create("region", MFD_CLOEXEC));
}

static void shared_file(void)
{
	open_region(
		open(in_folder("region"), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

/* May be made writable. */
static void shared_read_only(void)
{
	shared_file();
	mprotect(region.base, SMALL * PAGE, PROT_READ);
}

/* May not. */
static void shared_opened_read_only(void)
{
	int fd;

	shared_file();
	munmap(region.base, SMALL * PAGE);
	fd = open(in_folder("region"), O_RDONLY | O_CLOEXEC);
	close(region.file);
	region.file = fd;
	map_region(SMALL, PROT_READ, MAP_SHARED);
}

/* The parent's own pages and the file's. */
static void private_file(void)
{
	shared_memfd();
	munmap(region.base, SMALL * PAGE);
	map_region(SMALL, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	for (int i = 0; i < SMALL; i += 2)
		memset(region.base + i * PAGE, 'a' + i, PAGE);
}

/* In the frame of the test, see `with_stack`. */
static unsigned char *stack_room;

static void on_stack(void)
{
	set_region(stack_room, SMALL);
	fill_region();
}

static const struct kind {
	const char *name;
	void (*make)(void);
	bool shared;
	bool by_child; /* the parent does not have it */
} kinds[] = {
	{"small", private_small, false, false},
	{"big", private_big, false, false},
	{"read-only", private_read_only, false, false},
	{"guard page", guard_page, false, false},
	{"guard region", guard_region, false, false},
	{"private file", private_file, false, false},
	{"stack", on_stack, false, false},
	{"shared", shared_anonymous, true, false},
	{"shared memfd", shared_memfd, true, false},
	{"shared file", shared_file, true, false},
	{"shared file, read-only", shared_read_only, true, false},
	{"shared file, opened so", shared_opened_read_only, true, false},
	{"child's", private_big, false, true},
	{"child's shared", shared_anonymous, true, true},
};

static UNUSED void drop_region(void)
{
	if (region.base != stack_room)
		munmap(region.base, region.pages * PAGE);
	if (region.file >= 0)
		close(region.file);
	region.file = -1;
}

/* Runs `test` with room for a region above it on the stack. */
static UNUSED __attribute__((noinline)) void with_stack(void (*test)(int),
							int i)
{
	unsigned char room[(SMALL + 1) * PAGE];

	stack_room = room + (-(uintptr_t)room & (PAGE - 1));
	test(i);
	/* Not a tail call: the room is in use until here. */
	__asm__ volatile("" : : "r"(room) : "memory");
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Every call on the memory map that a child may make: on the middle of the
 * region, see regions.h.
 *
 * MADV_HWPOISON and MADV_SOFT_OFFLINE take a page from the machine until it is
 * booted again: they are not tried.
 */
#ifndef TEST_MAP_CALLS_H
#define TEST_MAP_CALLS_H

#include "regions.h"

#ifndef MREMAP_DONTUNMAP /* glibc 2.32 */
#	define MREMAP_DONTUNMAP 4
#endif
#ifndef MAP_FIXED_NOREPLACE
#	define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MLOCK_ONFAULT
#	define MLOCK_ONFAULT 1
#endif

enum { EXTENT = MANY * PAGE };

/* Where to look after the call. */
static unsigned char *look;

static bool by_name; /* by libc's function, not by the system call */

static long answer(long r)
{
	return by_name && r == -1 ? -errno : r;
}

static long advise(long advice)
{
	if (by_name)
		return answer(madvise(region.at, EXTENT, (int)advice));
	return vs_sys(SYS_madvise, region.at, EXTENT, advice);
}

static long unmap(long length)
{
	if (by_name)
		return answer(munmap(region.at, (size_t)length));
	return vs_sys(SYS_munmap, region.at, length);
}

static long protect(long protection)
{
	return vs_sys(SYS_mprotect, region.at, EXTENT, protection);
}

/* The address is not compared: 0 stands for success. */
static long moved(long r)
{
	if (r < 0 && r > -4096)
		return r;
	look = (unsigned char *)r;
	return 0;
}

static long remap(long from, long to, long flags)
{
	long r;

	if (by_name)
		r = answer((long)mremap(region.at, (size_t)from, (size_t)to,
					(int)flags, spot));
	else
		r = vs_sys(SYS_mremap, region.at, from, to, flags, spot);
	return moved(r);
}

static long resize(long pages)
{
	return remap(EXTENT, pages * PAGE, MREMAP_MAYMOVE);
}

static long again(long length)
{
	return remap(length, EXTENT, MREMAP_MAYMOVE);
}

static long move(long flags)
{
	return remap(EXTENT, EXTENT, MREMAP_MAYMOVE | flags);
}

/* From elsewhere to here. */
static long move_over(long flags)
{
	return moved(vs_sys(SYS_mremap, spot, EXTENT, EXTENT,
			    MREMAP_MAYMOVE | MREMAP_FIXED | flags, region.at));
}

static long map_over(long flags)
{
	int fd = flags & MAP_ANONYMOUS ? -1 : region.file;

	return moved(
		vs_sys(SYS_mmap, region.at, EXTENT, PROT_READ, flags, fd, 0));
}

static long map_writable(long flags)
{
	int fd = flags & MAP_ANONYMOUS ? -1 : region.file;

	return moved(vs_sys(SYS_mmap, region.at, EXTENT, PROT_READ | PROT_WRITE,
			    flags, fd, 0));
}

static long lock(long flags)
{
	return vs_sys(SYS_mlock2, region.at, EXTENT, flags);
}

static long unlock(long length)
{
	vs_sys(SYS_mlock, region.at, EXTENT);
	return vs_sys(SYS_munlock, region.at, length);
}

static long sync_to_file(long flags)
{
	return vs_sys(SYS_msync, region.at, EXTENT, flags);
}

static long in_core(long length)
{
	unsigned char which[MANY];

	return vs_sys(SYS_mincore, region.at, length, which);
}

/* The heap, which no region is in. */
static long program_break(long by)
{
	char *now = (char *)vs_sys(SYS_brk, 0);

	look = region.at;
	return (char *)vs_sys(SYS_brk, now + by) - now;
}

/* What has gone and come again is empty; before it is what was. */
static long break_and_back(long by)
{
	char *now = (char *)vs_sys(SYS_brk, 0);

	look = (unsigned char *)now - by - 2 * PAGE;
	vs_sys(SYS_brk, now - by);
	return (char *)vs_sys(SYS_brk, now) - now;
}

/* All numbers that linux/mman.h has had, some that it has not, and one that the
 * kernel takes for 9, of which it reads 32 bits. */
static const long advices[] = {
	0,  1,	2,   3,	  4,   5,    6,
	7,  8,	9,   10,  11,  12,   13,
	14, 15, 16,  17,  18,  19,   20,
	21, 22, 23,  24,  25,  26,   27,
	99, -1, 102, 103, 104, 1000, MADV_REMOVE | 1L << (sizeof(long) * 4),
};

static const struct call {
	long (*make)(long);
	long with;
} other_calls[] = {
	{unmap, EXTENT},
	{unmap, PAGE},
	{resize, 1},
	{resize, 2 * SMALL},
	{again, 0},
	{again, EXTENT},
	{move, MREMAP_FIXED},
	{move, MREMAP_DONTUNMAP},
	{move, MREMAP_DONTUNMAP | MREMAP_FIXED},
	{move, 1 << 10},
	{move_over, 0},
	{move_over, MREMAP_DONTUNMAP},
	{protect, PROT_READ | PROT_WRITE},
	{protect, PROT_READ},
	{protect, PROT_NONE},
	{protect, PROT_READ | PROT_EXEC},
	{protect, PROT_READ | PROT_WRITE | PROT_GROWSDOWN},
	{map_over, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS},
	{map_over, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS},
	{map_over, MAP_FIXED | MAP_SHARED},
	{map_over, MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS},
	{map_writable, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS},
	{map_writable, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS},
	{map_writable, MAP_FIXED | MAP_SHARED},
	{map_writable, MAP_FIXED | MAP_PRIVATE},
	{lock, 0},
	{lock, MLOCK_ONFAULT},
	{unlock, EXTENT},
	{sync_to_file, MS_SYNC},
	{sync_to_file, MS_ASYNC},
	{sync_to_file, MS_INVALIDATE},
	{in_core, EXTENT},
	{program_break, BIG *PAGE},
	{program_break, -8 * PAGE},
	{break_and_back, 7 * PAGE},
	{break_and_back, 8 * PAGE},
};

enum { CALLS = LENGTH(advices) + LENGTH(other_calls) };

static UNUSED struct call call_number(int n)
{
	if (n < LENGTH(advices))
		return (struct call){advise, advices[n]};
	return other_calls[n - LENGTH(advices)];
}

/* libc has a function for it that is watched in the parent. */
static UNUSED bool has_name(const struct call *call)
{
	return call->make == advise || call->make == unmap ||
	       call->make == resize || call->make == move;
}

#endif

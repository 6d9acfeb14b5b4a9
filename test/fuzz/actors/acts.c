/* SPDX-License-Identifier: MIT
 * Calls on memory, of any sort, and what is there afterwards. What
 * MADV_HWPOISON breaks is broken for all. */
#include <sys/mman.h>

#include "actors/regions.h"

#ifndef MADV_COLLAPSE
#	define MADV_COLLAPSE 25
#endif

enum { SYS_MSEAL = 462 };

/* A function of libc, a call through it, or one of its own. */
static long by(struct rng *r, long nr, const long a[6])
{
	unsigned way = below(r, 3);

	if (nr == SYS_madvise && way == 0)
		return madvise((void *)a[0], (size_t)a[1], (int)a[2]) ? -errno
								      : 0;
	if (nr == SYS_munmap && way == 0)
		return munmap((void *)a[0], (size_t)a[1]) ? -errno : 0;
	if (way < 2 || !model.child) {
		long done = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);

		return done == -1 ? -errno : done;
	}
	return vs_syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
#define BY(r, nr, ...) by(r, nr, (const long[6]){__VA_ARGS__})

static void advise(struct rng *r, char *at, size_t size)
{
	static const int advice[] = {MADV_NORMAL,
				     MADV_RANDOM,
				     MADV_SEQUENTIAL,
				     MADV_WILLNEED,
				     MADV_DONTNEED,
				     MADV_DONTNEED,
				     MADV_FREE,
				     MADV_REMOVE,
				     MADV_REMOVE,
				     MADV_DONTFORK,
				     MADV_DOFORK,
				     MADV_MERGEABLE,
				     MADV_UNMERGEABLE,
				     MADV_HUGEPAGE,
				     MADV_NOHUGEPAGE,
				     MADV_DONTDUMP,
				     MADV_DODUMP,
				     MADV_WIPEONFORK,
				     MADV_KEEPONFORK,
				     MADV_COLD,
				     MADV_PAGEOUT,
				     MADV_POPULATE_READ,
				     MADV_POPULATE_WRITE,
				     MADV_DONTNEED_LOCKED,
				     MADV_COLLAPSE,
				     102 /* install guards */,
				     103 /* remove them */,
				     12345};
	int what = PICK(r, advice);
	long done = BY(r, SYS_madvise, L(at), L(size), what);

	/* It is done, or the kernel has something else to do now. */
	say(" madvise %d = %ld", what, what == MADV_COLLAPSE ? 0 : done);
}

static void protect(struct rng *r, char *at, size_t size)
{
	static const int to[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				 PROT_READ | PROT_EXEC, PROT_WRITE};
	int protection = PICK(r, to);

	if (once_in(r, 4))
		say(" pkey_mprotect %d = %ld", protection,
		    BY(r, SYS_pkey_mprotect, L(at), L(size), protection, -1));
	else
		say(" mprotect %d = %ld", protection,
		    BY(r, SYS_mprotect, L(at), L(size), protection));
}

/* Where it is moved to, nothing else is. */
static void remap(struct rng *r, const struct region *region, char *at,
		  size_t size)
{
	static const int flags[] = {0, MREMAP_MAYMOVE, MREMAP_MAYMOVE,
				    MREMAP_MAYMOVE | MREMAP_FIXED,
				    MREMAP_MAYMOVE | MREMAP_FIXED |
					    4 /* DONTUNMAP */};
	size_t to_size = (1 + below(r, 32)) * PAGE;
	int flag = PICK(r, flags);
	char *to = away(region) + (at - region->at);
	long done;

	if (flag & 4)
		to_size = size;
	if (once_in(r, 10))
		size = 0; /* another of what is shared */
	done = BY(r, SYS_mremap, L(at), L(size), L(to_size), flag, L(to));
	say(" mremap %zu to %zu %d = %ld", size, to_size, flag,
	    done < 0	    ? done
	    : done == L(at) ? 0
			    : 1);
	if (done == L(to))
		add_region(to, to_size);
}

static void map_over(struct rng *r, char *at, size_t size)
{
	static const int flags[] = {MAP_PRIVATE, MAP_SHARED,
				    MAP_PRIVATE | MAP_NORESERVE};
	int flag = PICK(r, flags) | MAP_ANONYMOUS | MAP_FIXED;

	say(" mmap %x = %d", flag,
	    BY(r, SYS_mmap, L(at), L(size), PROT_READ | PROT_WRITE, flag, -1,
	       0) == L(at));
}

static void lock(struct rng *r, char *at, size_t size)
{
	static const long calls[] = {SYS_mlock, SYS_mlock2, SYS_munlock};
	long nr = PICK(r, calls);

	say(" lock %ld = %ld", nr,
	    BY(r, nr, L(at), L(size), (long)below(r, 2)));
}

static void in_core(struct rng *r, char *at, size_t size)
{
	static unsigned char map[4096];
	long done = BY(r, SYS_mincore, L(at), L(size), L(map));

	say(" mincore = %ld %lx", done,
	    done ? 0 : hash(1, map, (size + PAGE - 1) / PAGE));
}

static void write_some(struct rng *r, char *at, size_t size)
{
	int sig = 0;

	for (unsigned i = 1 + below(r, 4); i > 0 && size >= PAGE; i--)
		sig |= write_to(at + below(r, (unsigned)size));
	say(" write %d", sig);
}

static void others(struct rng *r, char *at, size_t size)
{
	static const int syncs[] = {MS_ASYNC, MS_SYNC, MS_INVALIDATE, 7};

	switch (below(r, 6)) {
	case 0:
		say(" remap_file_pages = %ld",
		    BY(r, SYS_remap_file_pages, L(at), L(size), 0,
		       (long)below(r, 4), 0));
		break;
	case 1:
		say(" mseal = %ld",
		    model.child ? BY(r, SYS_MSEAL, L(at), L(size), 0) : 0);
		break;
	case 2:
		say(" munlockall = %ld", BY(r, SYS_munlockall, 0));
		break;
	default:
		say(" msync = %ld",
		    BY(r, SYS_msync, L(at), L(size), PICK(r, syncs)));
	}
}

bool gentle;
static const unsigned gentle_acts[] = {0, 1, 2, 5, 8, 8, 8, 8};

/* One call on a part of one of them, and what is there now. */
void act_on_memory(uint64_t seed, int number)
{
	struct rng own = rng_of(seed, number), *r = &own;
	const struct region *region = any_region(r);
	size_t size;
	char *at = any_range(r, region, &size);

	if (!keep_step[number])
		return;
	say("%d %s %zu", number, region->name, size);
	switch (gentle ? PICK(r, gentle_acts) : below(r, 12)) {
	case 0:
		protect(r, at, size);
		break;
	case 1:
		remap(r, region, at, size);
		break;
	case 2:
		say(" munmap = %ld", BY(r, SYS_munmap, L(at), L(size)));
		break;
	case 3:
		lock(r, at, size);
		break;
	case 4:
		in_core(r, at, size);
		break;
	case 5:
		map_over(r, at, size);
		break;
	case 6:
		others(r, at, size);
		break;
	case 7:
		write_some(r, at, size);
		break;
	default:
		advise(r, at, size);
	}
	say(" %lx\n", look_at(r, region, 4));
}

/* SPDX-License-Identifier: MIT
 *
 * Steps that change the memory map. Those that unmap or protect what is there
 * do it to an area where no other step expects to be able to read.
 */
#include <sys/uio.h>

#include "fuzz.h"
#include "world.h"

static const char *sort_of(long r)
{
	return r < 0 && r > -4096 ? strerror((int)-r) : "done";
}

static void map(struct rng *r)
{
	static const int flags[] = {MAP_PRIVATE | MAP_ANONYMOUS,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE};
	long at = CALL(r, SYS_mmap, 0, FRESH, PROT_READ | PROT_WRITE,
		       PICK(r, flags), -1, 0);
	int i = (int)below(r, 4);

	say(" %d = %s", i, sort_of(at));
	if (at < 0 && at > -4096)
		return;
	if (model.fresh[i])
		CALL(r, SYS_munmap, L(model.fresh[i]), FRESH);
	model.fresh[i] = (char *)at;
}

/* Files, shared memory, wrong arguments, and over what is there. */
static void map_odd(struct rng *r)
{
	static const int flags[] = {MAP_PRIVATE,
				    MAP_SHARED,
				    0,
				    MAP_PRIVATE | MAP_ANONYMOUS,
				    MAP_SHARED | MAP_ANONYMOUS,
				    MAP_PRIVATE | MAP_GROWSDOWN |
					    MAP_ANONYMOUS};
	bool fixed = once_in(r, 2);
	size_t size;
	char *over = victim(r, &size);
	int fd = any_fd(r), flag = PICK(r, flags) | (fixed ? MAP_FIXED : 0);
	long at;

	if (once_in(r, 8))
		size = below(r, 3);
	at = CALL(r, SYS_mmap, fixed ? L(over) + (once_in(r, 10) ? 1 : 0) : 0,
		  L(size), (long)below(r, 4), flag, fd,
		  (long)below(r, 2) * PAGE);
	say(" %x fd %d size %zu = %s", flag, fd, size, sort_of(at));
}

static void unmap(struct rng *r)
{
	size_t size;
	char *at = victim(r, &size);

	say(" %zu = %s", size,
	    sort_of(CALL(r, SYS_munmap, L(at) + (once_in(r, 8) ? 1 : 0),
			 L(size))));
}

static void protect(struct rng *r)
{
	static const int to[] = {PROT_NONE,
				 PROT_READ,
				 PROT_READ | PROT_WRITE,
				 PROT_READ | PROT_EXEC,
				 PROT_WRITE,
				 64};
	size_t size;
	char *at = victim(r, &size);
	int protection = PICK(r, to);

	say(" %x %zu = %s", protection, size,
	    sort_of(CALL(r, SYS_mprotect, L(at), L(size), protection)));
}

/* What the child has mapped itself, and what it sees of it afterwards. */
static void own_map(struct rng *r)
{
	char *at = model.fresh[below(r, 4)];
	long size = (1 + (long)below(r, 16)) * PAGE, done;
	static const int advice[] = {MADV_DONTNEED, MADV_FREE,
				     MADV_WILLNEED, MADV_HUGEPAGE,
				     MADV_DONTFORK, 999};

	if (!at) {
		say(" none");
		return;
	}
	switch (below(r, 3)) {
	case 0:
		done = CALL(r, SYS_mprotect, L(at), size, PROT_READ);
		say(" protect %ld %ld", done, (long)at[size - 1] * 0);
		CALL(r, SYS_mprotect, L(at), size, PROT_READ | PROT_WRITE);
		break;
	case 1:
		done = CALL(r, SYS_madvise, L(at), size, PICK(r, advice));
		say(" advise %ld", done);
		memset(at, 0, (size_t)size);
		break;
	default:
		memset(at, 1, (size_t)size);
		done = CALL(r, SYS_mremap, L(at), FRESH, FRESH, MREMAP_MAYMOVE);
		say(" remap %d %lx", done == (long)at,
		    hash(1, at, (size_t)size + 10));
	}
}

static void advise(struct rng *r)
{
	static const int advice[] = {MADV_NORMAL,     MADV_RANDOM,
				     MADV_SEQUENTIAL, MADV_WILLNEED,
				     MADV_DONTNEED,   MADV_FREE,
				     MADV_DONTFORK,   MADV_DOFORK,
				     MADV_WIPEONFORK, MADV_KEEPONFORK,
				     MADV_HUGEPAGE,   MADV_NOHUGEPAGE,
				     MADV_MERGEABLE,  MADV_DONTDUMP,
				     MADV_COLD,	      12345};
	int what = PICK(r, advice);
	size_t size;
	char *at = victim(r, &size);
	long done;

	/* By libc, which the library has to see. */
	if (once_in(r, 2))
		done = madvise(at, size, what);
	else
		done = syscall(SYS_madvise, at, size, what);
	done = done ? -errno : 0;
	say(" %d %zu = %ld", what, size, done);
}

static void remap(struct rng *r)
{
	size_t size, to_size = (1 + below(r, 16)) * PAGE;
	char *at = victim(r, &size);
	int flags = (int)below(r, 3);
	long done = CALL(r, SYS_mremap, L(at), L(size), L(to_size), flags);

	say(" %zu to %zu %d = %s %d", size, to_size, flags, sort_of(done),
	    done == (long)at);
}

/* Never below what malloc has. */
static void grow(struct rng *r)
{
	long now = CALL(r, SYS_brk, 0), by = (long)below(r, 700) * PAGE, got;

	if (model.grown && now == model.grown_to && once_in(r, 2))
		by = -(long)below(r, (unsigned)(model.grown / PAGE)) * PAGE;
	got = CALL(r, SYS_brk, now + by);
	say(" %ld = %ld", by, got - now);
	if (got == now + by) {
		model.grown =
			by < 0 || now == model.grown_to ? model.grown + by : by;
		model.grown_to = got;
		/* libc takes what it gets later for clean. */
		if (by > 0)
			memset((char *)now, 0, (size_t)by);
	}
}

/* What the victim looks like now: a system call reads it without dying. */
static void survey(struct rng *r)
{
	size_t size;
	char *at = victim(r, &size), page[PAGE];
	int ends[2];
	long n = vs_sys(SYS_pipe2, ends, O_NONBLOCK | O_CLOEXEC);

	if (n < 0) {
		say(" = %ld", n);
		return;
	}
	n = vs_sys(SYS_write, ends[1], at, PAGE);
	say(" = %ld", n);
	if (n > 0) {
		n = vs_sys(SYS_read, ends[0], page, PAGE);
		say(" %lx", n < 0 ? 0 : hash(1, page, (size_t)n));
	}
	vs_sys(SYS_close, ends[0]);
	vs_sys(SYS_close, ends[1]);
}

const struct kind map_kinds[] = {
	{"mmap", map, LOCAL | SETUP, 5},
	{"odd mmap", map_odd, OUTSIDE | SETUP, 4},
	{"munmap", unmap, OUTSIDE | SETUP, 3},
	{"mprotect", protect, OUTSIDE | SETUP, 3},
	{"own map", own_map, LOCAL, 4},
	{"madvise", advise, OUTSIDE | SETUP, 5},
	{"mremap", remap, OUTSIDE | SETUP, 2},
	{"brk", grow, LOCAL | SETUP, 2},
	{"survey", survey, LOCAL, 3},
	{0},
};

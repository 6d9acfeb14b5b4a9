/* SPDX-License-Identifier: MIT
 * Steps that fill the descriptor table up to its limit, and that list it. */
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "fuzz.h"

static long one_more(struct rng *r, unsigned how, int from)
{
	switch (how) {
	case 0:
		return CALL(r, SYS_dup, from);
	case 1:
		return CALL(r, SYS_fcntl, from, F_DUPFD_CLOEXEC, 0);
	case 2:
		return CALL(r, SYS_openat, AT_FDCWD, L("/"), O_DIRECTORY);
	default:
		return CALL(r, SYS_eventfd2, 0, EFD_NONBLOCK);
	}
}

/* What is tried when there is room for few. */
static void try_more(struct rng *r)
{
	int ends[2], fd;

	switch (below(r, 5)) {
	case 0:
		say(" pipe %ld", CALL(r, SYS_pipe2, L(ends), O_NONBLOCK));
		break;
	case 1:
		fd = any_fd(r);
		say(" dup2 %d %ld", fd, CALL(r, SYS_dup2, fd, any_fd(r)));
		break;
	case 2:
		say(" dup above %ld",
		    CALL(r, SYS_fcntl, 1, F_DUPFD, (long)below(r, 1100)));
		break;
	case 3:
		fd = open("file0", O_RDONLY | O_NONBLOCK);
		say(" open %d", fd < 0 ? -errno : fd);
		break;
	default:
		say(" event %ld", CALL(r, SYS_eventfd2, 1, EFD_NONBLOCK));
	}
}

/* 1024 and more take time, and room in the log. */
static unsigned long lower_limit(struct rng *r)
{
	static const unsigned to[] = {40, 64, 97, 101, 102, 103, 128, 256};
	struct rlimit limit = {0};
	unsigned long most = PICK(r, to);

	vs_sys(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	if (limit.rlim_cur > 1024 || !once_in(r, 8))
		limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	vs_sys(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
	return limit.rlim_cur;
}

static void fill(struct rng *r)
{
	unsigned long limit = lower_limit(r);
	unsigned how = below(r, 4), n = 0, leave = below(r, 5);
	int from = any_fd(r), last = -1;
	long fd = once_in(r, 4) ? -EBADF : CALL(r, SYS_dup, from);

	if (fd == -EBADF)
		from = 1;
	while (fd >= 0 || n == 0) {
		fd = one_more(r, how, from);
		if (fd < 0)
			break;
		last = (int)fd;
		n++;
	}
	say(" %u limit %lu from %d: %u last %d = %ld", how, limit, from, n,
	    last, fd);
	opened(last);
	/* Holes, or room at the end. */
	while (n > 0 && leave-- > 0) {
		fd = once_in(r, 2) ? (long)below(r, (unsigned)limit) : last--;
		if (fd > 2)
			say(" close %ld %ld", fd, CALL(r, SYS_close, fd));
	}
	for (unsigned i = below(r, 3); i > 0; i--)
		try_more(r);
}

static void list(struct rng *r)
{
	static const char *const names[] = {"/proc/self/fd", "/proc/self/fd",
					    "/proc/thread-self/fd", "/dev/fd/.",
					    "/proc/self/fdinfo"};
	static const unsigned sizes[] = {10, 24, 100, 1000, 5000};
	const char *name = PICK(r, names);
	unsigned size = PICK(r, sizes);
	char *at = (char *)(((uintptr_t)any_memory(r, 5008) + 7) & -8UL);
	long fd =
		CALL(r, SYS_openat, AT_FDCWD, L(name),
		     O_RDONLY | O_DIRECTORY | (once_in(r, 2) ? O_CLOEXEC : 0));

	say(" %s %u = %ld", name, size, fd);
	if (fd < 0)
		return;
	say_listing((int)fd, at, size);
	if (once_in(r, 2)) {
		say(" again %ld", CALL(r, SYS_lseek, fd, 0, SEEK_SET));
		say_listing((int)fd, at, 5000);
	}
	/* A child that shared memory and then did not exec has it from a
	 * process that is gone: see libvspawn(7). */
	if (once_in(r, 4) && !model.clean)
		opened((int)fd);
	else
		CALL(r, SYS_close, fd);
}

const struct kind full_kinds[] = {
	{"fill", fill, LOCAL | CLEAN | SETUP | LATER, 3},
	{"list", list, LOCAL | CLEAN | SETUP | LATER, 3},
	{0},
};

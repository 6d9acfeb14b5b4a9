/* SPDX-License-Identifier: MIT
 * Steps on what is behind the descriptors. None may wait for ever. */
#include "fuzz.h"

/* Whether a read or a write would come back. */
static bool waits(int fd)
{
	long flags = vs_sys(SYS_fcntl, fd, F_GETFL);
	struct stat st;

	if (flags < 0 || flags & O_NONBLOCK)
		return false;
	return fstat(fd, &st) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
	       !(st.st_mode & S_IFMT);
}

/* A transaction survives it on what the child has made. */
static int own_fd(struct rng *r)
{
	int fd = any_fd(r);

	for (int i = 0; !model.wild && i < 2 * OPENED; i++) {
		int at = model.opened[((unsigned)fd + (unsigned)i) % OPENED];

		if (i < OPENED ? at > 2 && (at < 95 || at > 1100) : at >= 0)
			fd = at;
	}
	return fd;
}

static void transfer(struct rng *r)
{
	static const long calls[] = {SYS_read, SYS_write, SYS_pread64,
				     SYS_getdents64};
	static const unsigned sizes[] = {0, 1, 16, 300, 5000, 70000};
	long nr = PICK(r, calls), done;
	unsigned size = PICK(r, sizes);
	char *at = any_pointer(r, size);
	int fd = own_fd(r);

	if (waits(fd)) {
		say(" %d waits", fd);
		return;
	}
	/* Numbers of files are in it, and their order is the file system's. */
	done = CALL(r, nr, fd, L(at), L(size), (long)below(r, 30));
	if (nr == SYS_getdents64 && done > 0)
		memset(at, 3, size);
	say(" %ld %d %u = %ld", nr, fd, size, done);
	if (nr != SYS_write && done > 0)
		say(" %lx", hash(1, at, (size_t)done));
}

static void seek(struct rng *r)
{
	int fd = model.wild ? any_fd(r) : own_fd(r), whence = (int)below(r, 4);
	long by = model.wild ? (long)below(r, 60) - 10 : 0, to;

	if (!model.wild)
		whence = SEEK_CUR;
	to = CALL(r, SYS_lseek, fd, by, whence);
	say(" %d %ld %d = %ld", fd, by, whence, to > 0 && in_proc(fd) ? 1 : to);
}

/* What a library does with a pipe that it makes for itself. */
static void own_pipe(struct rng *r)
{
	char *from = any_memory(r, 3000), *to = any_memory(r, 3000);
	long n, m = 0, flags = once_in(r, 2) ? O_NONBLOCK : 0;
	int ends[2];

	n = CALL(r, SYS_pipe2, L(ends), flags);
	if (n < 0) {
		say(" = %ld", n);
		return;
	}
	n = CALL(r, SYS_write, ends[1], L(from), 3000);
	if (n > 0)
		m = CALL(r, SYS_read, ends[0], L(to), n);
	say(" %d %d = %ld %ld %lx", ends[0], ends[1], n, m, hash(1, to, 3000));
	CALL(r, SYS_close, ends[0]);
	CALL(r, SYS_close, ends[1]);
}

const struct kind transfer_kinds[] = {
	{"transfer", transfer, LOCAL, 4},
	{"seek", seek, LOCAL, 3},
	{"own pipe", own_pipe, LOCAL | CLEAN, 3},
	{0},
};

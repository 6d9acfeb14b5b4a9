/* SPDX-License-Identifier: MIT
 * read(), write() and their like, on what only this child has, or without an
 * effect. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "txn/calls/internal.h"

static long make(long nr, long fd, const long args[6])
{
	/* The offset of a pread64 may be in two arguments. */
	return vs_syscall6(nr, fd, args[1], args[2], args[3], args[4], args[5]);
}

static void want(const void *at, size_t size, bool written)
{
	if (written)
		vs_pages_want_written((uintptr_t)at, size);
	else
		vs_child_want((uintptr_t)at, size);
}

static bool is_output(long nr)
{
	return nr == SYS_write || nr == SYS_pwrite64 || nr == SYS_writev ||
	       nr == SYS_pwritev || nr == SYS_sendto || nr == SYS_sendmsg;
}

/* /dev/null, which says the same to each, and keeps nothing; or nothing. */
static bool is_null(long fd)
{
	struct statx st;
	long r = vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
			&st);

	if (r)
		return r == -EBADF;
	return S_ISCHR(st.stx_mode) && st.stx_rdev_major == 1 &&
	       st.stx_rdev_minor == 3;
}

/* Its own pipes and the like may be written to, its own files only read. */
static void must_be_own(long nr, long fd)
{
	enum vs_fd_owner what = vs_owner(fd);

	if (what != VS_FD_PIPE && nr != SYS_getdents64 && is_null(fd))
		return;
	if (what != VS_FD_PIPE && (is_output(nr) || what != VS_FD_FILE))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	if (what == VS_FD_FILE && nr != SYS_getdents64)
		vs_child.looked = true;
}

/* What the kernel makes up has an end of its own, or none to go to (seq_lseek()
 * in fs/seq_file.c): that has no blocks, as tmpfs may have none. */
static bool ends_where_it_says(long fd)
{
	enum { TMPFS = 0x01021994 }; /* linux/magic.h */
	struct statfs fs;

	return !vs_sys(SYS_fstatfs, fd, &fs) &&
	       (fs.f_blocks || (uint32_t)fs.f_type == TMPFS);
}

/* Of a file that others have open, too. What cannot be done says so. */
static long seek(const long args[6])
{
	long place = make(SYS_lseek, args[0], (const long[6]){0, 0, SEEK_CUR});
	struct statx st;

	if (place < 0)
		return make(SYS_lseek, args[0], args);
	place = vs_deferred_place(args[0], place);
	if (args[1] == 0 && (int)args[2] == SEEK_CUR)
		return place;
	if ((int)args[2] < SEEK_SET || (int)args[2] > SEEK_END ||
	    vs_sys(SYS_statx, args[0], "", AT_EMPTY_PATH, STATX_BASIC_STATS,
		   &st) ||
	    !S_ISREG(st.stx_mode) || st.stx_size > LONG_MAX ||
	    ((int)args[2] == SEEK_END && !ends_where_it_says(args[0])) ||
	    !vs_deferred_seek(args[0], args[1], (int)args[2],
			      (long)st.stx_size))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_lseek);
	if ((int)args[2] == SEEK_END)
		vs_child.looked = true; /* how long it is */
	return vs_deferred_place(args[0], 0);
}

long vs_transfer_call(long nr, const long args[6])
{
	if (vs_mem_fd_is(args[0]))
		return make(nr, -1, args);
	if (vs_owner(args[0]) == VS_FD_STATUS && nr == SYS_read)
		return vs_status_read(args[0], (char *)args[1], args[2]);
	if (vs_owner(args[0]) == VS_FD_INHERITED && nr == SYS_lseek &&
	    !is_null(args[0]))
		return seek(args);
	if (vs_owner(args[0]) == VS_FD_SOCKET && nr == SYS_lseek)
		return make(nr, args[0], args); /* it has no place */
	must_be_own(nr, args[0]);
	if (nr == SYS_getdents64)
		return vs_mem_fd_list(args[0], (char *)args[1], args[2]);
	if (nr != SYS_lseek)
		want((void *)args[1], (size_t)args[2], !is_output(nr));
	return make(nr, args[0], args);
}

static void want_vector(const struct iovec *vector, unsigned long n,
			bool written)
{
	enum { MOST = 1024 }; /* UIO_MAXIOV in linux/uio.h: beyond, an error */

	if (n > MOST)
		return;
	vs_child_want((uintptr_t)vector, n * sizeof(*vector));
	for (unsigned long i = 0; i < n; i++)
		want(vector[i].iov_base, vector[i].iov_len, written);
}

long vs_vector_call(long nr, const long args[6])
{
	if (vs_mem_fd_is(args[0]))
		return make(nr, -1, args);
	must_be_own(nr, args[0]);
	want_vector((void *)args[1], (unsigned long)args[2], !is_output(nr));
	return make(nr, args[0], args);
}

/* ---- messages, between sockets that both are the child's ---- */

/* The kernel's struct user_msghdr. */
struct message {
	void *name;
	int name_size;
	struct iovec *vector;
	size_t vectors;
	void *control;
	size_t control_size;
	unsigned flags;
};
_Static_assert(offsetof(struct message, flags) == 6 * sizeof(long),
	       "as the kernel has it");

/* One that is sent goes to the other end, not to a name, and carries no
 * descriptors: those are others' as well, and may be the memory's. So none is
 * received either. */
static void want_message(long nr, const struct message *m)
{
	bool sends = nr == SYS_sendmsg;

	vs_child_want((uintptr_t)m, sizeof(*m));
	if (sends && (m->name || m->control))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	want(m->name, sizeof(struct sockaddr_storage), !sends);
	want(m->control, m->control_size, !sends);
	want_vector(m->vector, m->vectors, !sends);
}

long vs_message_call(long nr, const long args[6])
{
	if (vs_mem_fd_is(args[0]))
		return make(nr, -1, args);
	if (vs_owner(args[0]) != VS_FD_PIPE && is_null(args[0]))
		return make(nr, args[0], args);
	if (vs_owner(args[0]) != VS_FD_PIPE || (nr == SYS_sendto && args[4]))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	if (nr == SYS_sendmsg || nr == SYS_recvmsg) {
		want_message(nr, (const struct message *)args[1]);
	} else {
		want((void *)args[1], (size_t)args[2], nr == SYS_recvfrom);
		vs_child_want((uintptr_t)args[4],
			      sizeof(struct sockaddr_storage));
		vs_child_want((uintptr_t)args[5], sizeof(int));
	}
	return make(nr, args[0], args);
}

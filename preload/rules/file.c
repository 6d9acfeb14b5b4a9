/* SPDX-License-Identifier: MIT
 *
 * Reading the rules. The program may have threads, which must see no descriptor
 * of ours: the file is read by a task aside then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "kernel/task/aside.h"
#include "kernel/sys.h"
#include "libc/threads.h"
#include "rules/internal.h"

#ifdef __GLIBC__
typedef struct stat64 status;
#else
typedef struct stat status;
#endif

/* By the call that libc's stat() is made of: a filter of the program's may kill
 * for what it never does. */
static long look_at(long fd, const char *path, status *st)
{
	return vs_sys(SYS_newfstatat, fd, path, st, *path ? 0 : AT_EMPTY_PATH);
}

void vs_rules_stamp(const char *path, struct vs_rules_stamp *to)
{
	status st;

	*to = (struct vs_rules_stamp){0};
	if (look_at(AT_FDCWD, path, &st))
		return;
	*to = (struct vs_rules_stamp){
		.dev = st.st_dev,
		.ino = st.st_ino,
		.size = (uint64_t)st.st_size,
		.changed = {st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			    st.st_ctim.tv_sec, st.st_ctim.tv_nsec},
	};
}

static const char *read_all(long fd, struct vs_rules_reader *reader)
{
	long n, all = 0;
	char piece[1024];

	while (all <= VS_RULES_FILE &&
	       (n = vs_sys(SYS_read, fd, piece, sizeof(piece))) > 0) {
		vs_rules_feed(reader, piece, (unsigned)n);
		all += n;
	}
	if (all > VS_RULES_FILE)
		return "has become longer than 1 MiB";
	return n < 0 ? "cannot be read" : NULL;
}

const char vs_rules_no_access[] = "may not be read";

struct work {
	const char *path;
	struct vs_rules_reader *reader;
	struct vs_who *who;
	const char *wrong;
};

/* O_NONBLOCK: not to wait for the writer of a FIFO. */
static void work(void *arg)
{
	struct work *w = arg;
	status st;
	long fd;

	vs_rules_begin(w->reader);
	if (w->who)
		vs_who_find(w->who);
	fd = vs_sys(SYS_openat, AT_FDCWD, w->path,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	w->wrong = fd == -EACCES || fd == -EPERM ? vs_rules_no_access
						 : "cannot be opened";
	if (fd < 0)
		return;
	w->wrong =
		look_at(fd, "", &st)
			? "cannot be looked at"
			: vs_rules_unacceptable(st.st_mode, st.st_uid,
						(unsigned)vs_sys(SYS_geteuid),
						(uint64_t)st.st_size);
	if (!w->wrong)
		w->wrong = read_all(fd, w->reader);
	vs_rules_end(w->reader);
	vs_sys(SYS_close, fd);
}

const char *vs_rules_read(const char *path, struct vs_rules_reader *reader,
			  struct vs_who *who)
{
	struct work w = {path, reader, who, "cannot be read"};

	if (vs_single_threaded())
		work(&w);
	else if (vs_aside(work, &w))
		w.wrong = "cannot be read out of the sight of other threads";
	return w.wrong;
}

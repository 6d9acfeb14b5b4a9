/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_LIVE: the numbers in a file that is mapped, so that others can read
 * them while the process runs, and after it was killed. Made at load: the
 * program may change its user, or its root, later on. What it forks goes on
 * with the same file, which costs nothing there and needs no permission; each
 * program that is exec'd has its own.
 *
 * Other users may be able to write to the folder's parents: the folder has to
 * be ours or root's, and nobody else's to write to, but for one that is sticky
 * as /tmp is; names are new ones, symbolic links are not followed. Space is
 * allocated before it is mapped: on a full disk a counter would be SIGBUS.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <unistd.h>

#include "base/compiler.h"
#include "base/config.h"
#include "base/range.h"
#include "kernel/task/aside.h"
#include "kernel/proc/status.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "stats/internal.h"
#include "stats/life.h"

/* Whole pages, of whichever size. */
enum { SIZE = (sizeof(struct vs_live) + VS_PAGE - 1) / VS_PAGE * VS_PAGE };

static int error;

int vs_live_error(void)
{
	return error;
}

/* ---- where ---- */

static void put_folder(struct vs_text *to)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (strcmp(vs_config.live, "auto") != 0) {
		vs_put(to, vs_config.live);
		return;
	}
	vs_put(to, runtime && *runtime == '/' ? runtime : "/run");
	vs_put(to, "/vspawn");
}

/* A name that there has never been: of this pid there may be one from before an
 * exec, of its namesakes in other namespaces several. */
static void put_name(struct vs_text *to, uint64_t pid, uint64_t ns)
{
	static const char digits[] = "0123456789abcdef";

	vs_put_number(to, pid, 0);
	vs_put(to, ".");
	for (int shift = 60; shift >= 0; shift -= 4)
		vs_put_bytes(to, &digits[ns >> shift & 15], 1);
	vs_put_bytes(to, "", 1);
}

/* The folder, open, or -errno. */
static long open_folder(const char *path)
{
	enum { HOW = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	struct statx st;
	long dir;

	vs_sys(SYS_mkdirat, AT_FDCWD, path, 0755);
	dir = vs_sys(SYS_openat, AT_FDCWD, path, HOW);
	if (dir < 0)
		return dir;
	if (vs_sys(SYS_statx, dir, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) ||
	    (st.stx_uid && st.stx_uid != geteuid()) ||
	    (st.stx_mode & (S_IWGRP | S_IWOTH) && !(st.stx_mode & S_ISVTX))) {
		vs_sys(SYS_close, dir);
		return -EPERM;
	}
	return dir;
}

/* ---- what is in it beside the numbers ---- */

static void put_settings(struct vs_text *to)
{
	for (char **e = environ; e && *e; e++) {
		if (strncmp(*e, "VSPAWN", 6) != 0)
			continue;
		if (to->size)
			vs_put(to, " ");
		vs_put(to, *e);
	}
	if (to->cut)
		to->size = 0;
}

static void describe(struct vs_live *live, uint64_t pid, uint64_t created)
{
	struct vs_text settings = {live->settings, sizeof(live->settings) - 1,
				   0, false};

	memcpy(live->magic, VS_LIVE_MAGIC, sizeof(live->magic));
	live->byte_order = VS_BYTE_ORDER;
	live->schema = VS_SCHEMA;
	live->size = sizeof(*live);
	live->bits = 8 * sizeof(void *);
	live->pid = (uint32_t)pid;
	live->uid = (uint32_t)geteuid();
	live->created_ns = created;
	live->created_boot_ns = vs_clock_ns(CLOCK_BOOTTIME);
	memcpy(live->program, vs_config.program, sizeof(live->program));
	vs_sys(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", live->executable,
	       sizeof(live->executable) - 1);
	put_settings(&settings);
	if (!settings.size)
		memset(live->settings, 0, sizeof(live->settings));
	live->names = vs_names;
	atomic_store(&live->ready, 1);
}

/* ---- making it ---- */

/* What is written has room on the disk: zeros, which the file then takes the
 * place of. The program has reserved no memory yet that this could be in. */
static long fill_and_map(long fd)
{
	char *at = vs_map_new(SIZE, MAP_PRIVATE);
	const struct vs_text zeros = {at, SIZE, SIZE, false};
	long r;

	if (!at)
		return -ENOMEM;
	r = vs_write_text(fd, &zeros);
	if (!r)
		r = vs_sys(SYS_mmap, at, SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_FIXED, fd, 0);
	if (vs_is_error(r))
		vs_sys(SYS_munmap, at, SIZE);
	return r;
}

static long map_new(long dir, const char *name)
{
	enum { HOW = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	long fd = vs_sys(SYS_openat, dir, name, HOW, 0600), r;

	if (fd < 0)
		return fd;
	r = fill_and_map(fd);
	vs_sys(SYS_close, fd);
	if (vs_is_error(r))
		vs_sys(SYS_unlinkat, dir, name, 0);
	return r;
}

static long make_in(long dir, uint64_t pid)
{
	char room[VS_LIVE_NAME + 16];
	struct vs_text name = {room, sizeof(room), 0, false};
	uint64_t created = vs_clock_ns(CLOCK_REALTIME);
	long r;

	put_name(&name, pid, created);
	r = map_new(dir, room);
	if (vs_is_error(r))
		return r;
	vs_live = (struct vs_live *)r;
	describe(vs_live, pid, created);
	if (created / 1000 % 8 == 0)
		vs_live_sweep((int)dir);
	return 0;
}

static void make(void *result)
{
	char room[320];
	struct vs_text path = {room, sizeof(room), 0, false};
	uint64_t pid = *(uint64_t *)result;
	long dir, r;

	put_folder(&path);
	vs_put_bytes(&path, "", 1);
	dir = path.cut ? -ENAMETOOLONG : open_folder(room);
	r = dir;
	if (dir >= 0) {
		r = make_in(dir, pid);
		vs_sys(SYS_close, dir);
	}
	error = (int)-r;
}

/* Another library's constructor may have made threads. And a filter that the
 * program was started under may kill for what is made here, for it has been
 * loaded by a program that then execs: it kills a task that is none of its
 * threads instead. */
static bool must_be_aside(void)
{
	struct vs_proc_status status;

	return !vs_only_thread() ||
	       vs_proc_status("/proc/self/status", &status) || status.seccomp;
}

void vs_live_begin(void)
{
	uint64_t pid = (uint64_t)vs_sys(SYS_getpid);
	vs_sigset old;
	int saved = errno;
	long r = -ENOSYS;

	vs_member_begin((uint32_t)pid);
	if (must_be_aside()) {
		r = vs_aside(make, &pid);
		if (r)
			error = (int)-r;
	}
	if (r == -ENOSYS) {
		vs_block_all(&old);
		make(&pid);
		vs_unblock(&old);
	}
	errno = saved;
}

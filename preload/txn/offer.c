/* SPDX-License-Identifier: MIT
 *
 * How the child gets at its parent's memory. Served by the parent's thread
 * (serve.c), which needs neither permission nor a descriptor, and takes less
 * than opening one, but for two wake-ups for what was not known before. Else by
 * a descriptor: where a filter may refuse the call that reads it, and for what
 * is of files, which that thread does not read. Raw system calls only.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "base/compiler.h"
#include "kernel/proc/open_high.h"
#include "kernel/unharmed/read_self.h"
#include "kernel/sys.h"
#include "libc/threads.h"
#include "txn/able/able.h"
#include "txn/internal.h"

/* What `reads_itself` was found out under: the number of the thread's seccomp
 * filters plus 1; 0 if it had none; -1: not found out yet. */
static _Atomic int asked = -1;
static _Atomic bool reads_itself;

/* A filter may kill for it, so a copy of the process tries it first. */
static void find_out(unsigned filters)
{
	if (asked == (int)filters)
		return;
	reads_itself = (!filters || vs_filter_allows(VS_FILTER_READING)) &&
		       vs_can_read_self_pinning();
	asked = (int)filters;
}

/* A process that has changed its user, or has said so, is undumpable: its files
 * in /proc are root's. To try and be refused is not the same: a security module
 * may log it. */
static bool is_dumpable(void)
{
	enum { DUMPABLE = 1 };

	return vs_sys(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) == DUMPABLE;
}

/* As of before the fork. */
static _Atomic bool dumpable VS_HOT;

static bool may_be_opened(void)
{
	return dumpable && !vs_txn.mem_refused;
}

bool vs_offer_possible(unsigned filters)
{
	dumpable = is_dumpable();
	/* To try is as dear as a fork. */
	if (filters && vs_single_threaded() && may_be_opened()) {
		reads_itself = false;
		asked = -1;
		return true;
	}
	find_out(filters);
	return reads_itself || may_be_opened();
}

/* An audit compares all that the child has with it, and is worth that other
 * threads could see the descriptor. */
static bool should_open(void)
{
	return vs_txn.audited ||
	       (vs_single_threaded() && (!reads_itself || vs_txn.of_files));
}

/* The parent opens its own memory, and the child inherits the descriptor: the
 * kernel asks for permission only when it is opened (mem_open() in
 * fs/proc/base.c). */
static bool open_memory(void)
{
	long fd;

	if (!may_be_opened())
		return false;
	fd = vs_open_high("/proc/self/mem");
	vs_txn.mem_refused |= fd == -EACCES || fd == -EPERM || fd == -ENOENT;
	vs_txn.mem_fd = fd < 0 ? -1 : (int)fd;
	return fd >= 0;
}

/* Where other threads could see a descriptor, close it or put another in its
 * place, the child has to open it. The path has this process's id as /proc has
 * it, which may be another namespace's. */
static bool name_memory(void)
{
	static const char mem[] = "/mem";
	enum { ROOT = sizeof("/proc/") - 1 };
	char *path = vs_txn.mem_path;
	long room = sizeof(vs_txn.mem_path) - ROOT - sizeof(mem), n;

	if (vs_single_threaded() || !may_be_opened())
		return false;
	__builtin_memcpy(path, "/proc/", ROOT);
	n = vs_sys(SYS_readlinkat, AT_FDCWD, "/proc/self", path + ROOT, room);
	if (n <= 0 || n == room)
		return false;
	__builtin_memcpy(path + ROOT + n, mem, sizeof(mem));
	return true;
}

enum vs_why_native vs_offer(void)
{
	vs_txn.serves = false;
	vs_txn.parent = vs_sys(SYS_getpid);
	vs_txn.maps_readable = may_be_opened() && !vs_txn_seen()->confined;
	if (should_open() && open_memory())
		return VS_WHY_NONE;
	if (reads_itself) {
		vs_txn.serves = true;
		return VS_WHY_NONE;
	}
	if (name_memory())
		return VS_WHY_NONE;
	return may_be_opened() ? VS_WHY_NO_RESOURCE : VS_WHY_UNDUMPABLE;
}

void vs_offer_withdraw(void)
{
	if (vs_txn.mem_fd >= 0)
		vs_sys(SYS_close, vs_txn.mem_fd);
	vs_txn.mem_fd = -1;
}

/* SPDX-License-Identifier: MIT
 *
 * Marks of ours where they should not be. A mapping keeps its mark when
 * mremap() moves it, and another thread may do that while a transaction is
 * under way (realloc() of a big block does). Then its old place is usually
 * empty and unmarking fails there, which starts a sweep at once; if something
 * else was mapped there in the meantime, nothing tells, and only the sweep
 * before the next native fork helps. A mark does no harm before that. By then
 * it may be on memory of any protection: garbage collectors make theirs
 * read-only.
 */
#include <errno.h>
#include <stddef.h>

#include "base/compiler.h"
#include "kernel/proc/pid_namespace.h"
#include "kernel/proc/maps.h"
#include "kernel/proc/status.h"
#include "kernel/task/aside.h"
#include "libc/threads.h"
#include "memory/app_marks.h"
#include "memory/gate.h"
#include "memory/internal.h"

static _Atomic bool suspected VS_HOT;

/* At most, in a program whose threads map and unmap memory all the time. */
enum { SWEEPS = 8 };

/* The vsyscall page, in the upper half of 64 bits, is listed, but is none. */
static bool is_mapping(const struct vs_map *map)
{
	return sizeof(uintptr_t) < 8 || (intptr_t)map->at.lo >= 0;
}

/* Whether it is of a kind that we mark, so that mremap() may have carried a
 * mark there: not device memory, nor a shared mapping of a file. */
static bool may_be_marked(const struct vs_map *map)
{
	return !map->special && (!map->shared || map->shmem);
}

/* True if no mapping was missed. Other threads map and move memory meanwhile:
 * what moves from a place that the sweep has yet to reach to one behind it is
 * not seen. The sizes of what was seen then do not add up to the kernel's own
 * count, which is of one moment (total_vm). */
static bool sweep_once(void)
{
	struct vs_proc_status status;
	uint64_t found = 0;
	struct vs_maps maps;
	char text[VS_MAPS_TEXT];
	struct vs_map map;
	bool good = true;

	if (vs_maps_open(&maps, text, true) < 0)
		return true;
	while (vs_maps_next(&maps, &map)) {
		if (is_mapping(&map))
			found += map.at.hi - map.at.lo;
		if (may_be_marked(&map) &&
		    !vs_app_marks_unmark_others(map.at.lo, map.at.hi))
			good = false;
	}
	vs_maps_close(&maps);
	return good && (vs_proc_status("/proc/self/status", &status) < 0 ||
			status.mapped << 10 == found);
}

static void sweep(void *unused)
{
	(void)unused;
	for (int n = 0; n < SWEEPS && !sweep_once(); n++)
		;
	/* Last: another native fork meanwhile has to do the same. */
	suspected = false;
}

/* Reads the map in a task aside, if there are threads that could see the
 * descriptor in this process's table. Where there can be no such task, the
 * marks have to go all the same, and it is seen for a moment. But where the
 * task is killed, so would be who did its work: there is a filter that the
 * program has loaded by a system call of its own. */
static void sweep_unseen(void)
{
	vs_sigset mask;
	long r;

	if (vs_single_threaded() || vs_children_elsewhere(true)) {
		sweep(NULL);
		return;
	}
	vs_app_marks_hold(&mask);
	r = vs_aside(sweep, NULL);
	if (r == -ECHILD)
		r = vs_aside(sweep, NULL);
	if (r == -ECHILD)
		suspected = false;
	else if (r)
		sweep(NULL);
	vs_app_marks_release(&mask);
}

void vs_stray_sweep(void)
{
	if (suspected)
		sweep_unseen();
}

void vs_gate_unmarked(bool lost)
{
	if (!vs_single_threaded())
		suspected = true;
	if (lost)
		sweep_unseen();
}

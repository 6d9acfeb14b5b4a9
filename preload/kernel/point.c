/* SPDX-License-Identifier: MIT
 *
 * See point.h. A list is pairs of 64-bit numbers: the time, and which point. It
 * begins with the nanoseconds of CLOCK_MONOTONIC at about the time of its first
 * point, and ends with two points, as close to each other as can be, for what
 * one costs. There is one list: of one thread that forks. Raw system calls
 * only.
 */
#include "kernel/point.h"

#include "base/compiler.h"
#include "kernel/once.h"
#include "kernel/sys.h"

#ifdef VS_CLOCK
#	include <fcntl.h>
#	include <stdatomic.h>
#	include <unistd.h>

#	include "base/range.h"

/* What point.def does not have. */
enum { COST = 1000, CLOCK = 1001 };

enum { POINTS = 4095 };

static struct vs_once once;
static struct {
	_Atomic unsigned used;
	struct {
		uint64_t at, point;
	} list[POINTS];
} points VS_BIG __attribute__((aligned(VS_PAGE)));

/* The library's image is not among the shared mappings that a child may only
 * read. */
static void begin(void)
{
	enum { WHOLE = (sizeof(points) + VS_PAGE - 1) / VS_PAGE * VS_PAGE };

	if (!vs_map_once(&once, &points, WHOLE, MAP_SHARED))
		return;
	points.list[0].at = vs_now_ns();
	points.list[0].point = CLOCK;
	points.used = 1;
}

/* The counter of cycles, where the CPU has one that runs evenly and is the same
 * on all processors: to ask the kernel takes half a microsecond. */
static uint64_t now(void)
{
#	ifdef VS_CYCLES
	return vs_cycles();
#	else
	return vs_now_ns();
#	endif
}

static void note(uint64_t point)
{
	unsigned at = atomic_fetch_add(&points.used, 1);

	if (at >= POINTS)
		return;
	points.list[at].at = now();
	points.list[at].point = point;
}

void vs_point(enum vs_point point)
{
	if (point == VS_AT_begin)
		begin();
	if (once.made)
		note(point);
}

static const char *file(void)
{
	static const char name[] = "VSPAWN_CLOCK=";

	for (char **env = environ; env && *env; env++) {
		for (unsigned i = 0; (*env)[i] == name[i]; i++) {
			if (!name[i + 1])
				return &(*env)[i + 1];
		}
	}
	return NULL;
}

void vs_points_write(void)
{
	const char *path = file();
	long fd;

	note(COST);
	note(COST);
	if (!path || points.used > POINTS)
		return;
	fd = vs_sys(SYS_openat, AT_FDCWD, path,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	vs_sys(SYS_write, fd, points.list,
	       points.used * sizeof(points.list[0]));
	vs_sys(SYS_close, fd);
}
#endif

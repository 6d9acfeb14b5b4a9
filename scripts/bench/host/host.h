/* SPDX-License-Identifier: MIT
 * Between the files of the program whose children are timed; see main.c. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

enum { PAGE = 4096 };

static inline long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* ---- memory.c ---- */

enum huge { HUGE_NEVER, HUGE_MADVISE, HUGE_ALWAYS };

/* Memory of `mb` MB in use, by malloc() or by mmap(), until the process has
 * `maps` mappings or more. NULL, or what could not be had. */
const char *memory_fill(size_t mb, size_t maps, bool by_mmap, enum huge huge);

/* Writes to some page of it, another one each time. */
void memory_touch(size_t turn);

/* The page faults of this thread while it writes to `pages` pages of it. */
long memory_faults(size_t pages);

/* MADV_DONTFORK, or MADV_DOFORK, for all of it. False if refused. */
bool memory_leave_out(bool out);

/* ---- start.c ---- */

struct method {
	const char *name;
	pid_t (*start)(void); /* as fork(); 0: it has been reaped, too */
};

/* NULL if there is none of that name. */
const struct method *method_of(const char *name);

/* ---- stall.c ---- */

/* What a second thread does, over and over. */
enum stall { STALL_NONE, STALL_TOUCH, STALL_MMAP, STALL_STORE, STALL_ALL };

/* From now on it does, and the longest that one time takes is looked for from
 * here. False if there is no thread to be had. */
bool stall_begin(enum stall what);
void stall_sample(void);
long stall_worst(void); /* ns, since then */
void stall_end(void);

/* ---- crowd.c ---- */

/* Makes so many threads that sleep. */
bool crowd_idle(int threads);

/* The children that so many threads start and reap in `ms` milliseconds, and
 * in how many ns; -1 if one could not. */
long crowd_rate(const struct method *method, int threads, long ms, long *ns);

#endif

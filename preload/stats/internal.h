/* SPDX-License-Identifier: MIT
 * Between the files of stats/. Nobody else includes this. */
#ifndef VS_STATS_INTERNAL_H
#define VS_STATS_INTERNAL_H

#include <limits.h>
#include <stdbool.h>

#include "stats/names.h"
#include "stats/report/figures.h"
#include "stats/stats.h"
#include "stats/report/text.h"

/* More than there are; numbers from the CPU's first on. */
enum { VS_SYSCALLS = 512 };

/* ---- names.c ---- */

extern const struct vs_names vs_names;

/* ---- tally.c ---- */

/* This process's own; NULL: nothing is reported. */
extern struct vs_tally *vs_tally;

/* The file, which other processes may have as well; NULL: there is none. */
extern struct vs_live *vs_live;

void vs_wide_add(struct vs_wide *to, uint64_t n);
unsigned vs_bucket_of(uint64_t ns);

/* `ns` is 0 if the duration says nothing. */
void vs_tally_call(struct vs_tally *to, const struct vs_call *call,
		   uint64_t ns);

/* The same for its call site. The record, or NULL if the table is full. */
struct vs_place *vs_tally_place(struct vs_tally *to, const struct vs_call *call,
				uint64_t ns);

/* Which transaction was rolled back, and what was lost by that or for another
 * reason. */
void vs_tally_fork(struct vs_tally *to, const struct vs_verdict *verdict,
		   uint64_t ns);

/* ---- live.c ---- */

/* errno of what has failed when it was made, or 0. */
int vs_live_error(void);

/* At load: makes it. */
void vs_live_begin(void);

/* ---- member.c ---- */

/* At load, and in the child of a native fork: 0, its id is asked for when it
 * counts. */
void vs_member_begin(uint32_t pid);

/* Of the process that calls; there is a file. */
struct vs_member *vs_member_now(void);

/* ---- sweep.c ---- */

/* How a live file is called: pid, dot, 16 hexadecimal digits of the time. Room
 * for that. */
enum { VS_LIVE_NAME = 32 };

/* Takes away files of processes that are gone, in the open folder `dir`, but
 * for the latest of them. */
void vs_live_sweep(int dir);

/* ---- append.c ---- */

/* Where each %p is the pid. False if it is too long. */
bool vs_expand(struct vs_text *path, const char *name);

/* One write, which neither kills nor says more than 0 or -errno: that, too, if
 * less than all was written. */
long vs_write_text(long fd, const struct vs_text *text);

/* The same to the end of a file. `unseen`: other threads go on, and see no
 * descriptor of ours. */
long vs_append(const char *path, const struct vs_text *text, bool unseen);

/* ---- summary.c ---- */

/* Prints at each signal, if the program has set no handler for it. */
void vs_summary_listen(void);

/* In the child of a native fork: another thread may have been printing. */
void vs_summary_reset(void);

/* Where it is put together: the caller of exit() may have a small stack. */
struct vs_summary_room {
	char report[48 << 10];
	char path[PATH_MAX];
};
extern struct vs_summary_room *vs_summary_room;

/* ---- line.c ---- */

/* `place` is that of its call site, or NULL. */
void vs_put_trace(struct vs_text *to, const struct vs_call *call, uint64_t ns,
		  const struct vs_place *place);

/* ---- trace.c ---- */

/* At load, and in the child of a native fork. */
void vs_trace_begin(void);
void vs_trace(const struct vs_call *call, uint64_t ns,
	      const struct vs_place *place);

/* Lines that could not be written, and errno of the last. */
extern _Atomic unsigned vs_trace_lost, vs_trace_error;

#endif

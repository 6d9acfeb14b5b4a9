/* SPDX-License-Identifier: MIT
 *
 * The speculative child: set-up, faults, exec, rollback. Everything here runs
 * in a process of its own (no memory is shared but vs_txn.shared and the call
 * site's record), but its memory is full of holes: raw system calls and our
 * own data only.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "base/dispatch.h"
#include "port.h"
#include "txn/child/internal.h"

#ifndef MAP_FIXED_NOREPLACE
#	define MAP_FIXED_NOREPLACE 0x100000
#endif

bool vs_speculative;

/* The thread in the parent sleeps for as long as this child does not exec. A
 * child that waits for something, or works, shall not be supervised: it has
 * this much time, or four times as much if it has been kept waiting for a
 * processor. */
enum { TIME_LIMIT_MS = 50, WORK_LIMIT_MS = 20, EXTENSIONS = 3 };

/* A system call that SIGSYS does not interrupt: a file system whose server is
 * away, or is the parent itself (FUSE, NFS). In exec there is a moment, some
 * microseconds, in which the child has been committed and has its timers
 * still: nothing but a machine that stood still may make it last so long. */
enum { KILL_LIMIT_MS = 500, EXEC_KILL_LIMIT_MS = 10000 };

/* Nothing that anyone else can see has happened: the child just leaves, and
 * the parent makes a true one. */
_Noreturn void vs_child_rollback(enum vs_reason why, long detail)
{
	vs_open_undo();
	vs_signals_leave(&vs_txn.shared->left);
	vs_txn.shared->why = why;
	vs_txn.shared->detail = detail;
	atomic_store(&vs_txn.shared->state, VS_TXN_ROLL);
	for (;;)
		vs_sys(SYS_exit_group, 0);
}

static int kill_timer;

static long set_timer(int timer, long limit_ms)
{
	struct timespec limit = {.tv_sec = limit_ms / 1000,
				 .tv_nsec = limit_ms % 1000 * 1000000};
	struct itimerspec every = {.it_value = limit, .it_interval = limit};

	return vs_sys(SYS_timer_settime, timer, 0, &every, NULL);
}

/* Timers do not survive exec, and the kernel discards what one has sent; but
 * not SIGKILL. Returns the timer. */
static int start_timer(int sig, long limit_ms)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = sig};
	int timer = 0;

	if (vs_sys(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) ||
	    set_timer(timer, limit_ms))
		vs_child_rollback(VS_WHY_SETUP, 0);
	return timer;
}

static long worked_ms(void)
{
	struct rusage used;

	vs_sys(SYS_getrusage, RUSAGE_SELF, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

bool vs_child_in_call;

void vs_child_on_sigsys(const siginfo_t *info)
{
	static int extended;

	if (info->si_code != SI_TIMER)
		vs_child_rollback(VS_WHY_CRASH, SIGSYS);
	if (vs_child_in_call || worked_ms() >= WORK_LIMIT_MS ||
	    extended++ == EXTENSIONS)
		vs_child_rollback(VS_WHY_TIMEOUT, 0);
}

/* PROT_NONE keeps what was not copied from being reused by mmap, and makes a
 * touch a fault. */
static bool map_hole(uintptr_t lo, uintptr_t hi)
{
	return vs_sys(SYS_mmap, lo, hi - lo, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			      MAP_FIXED_NOREPLACE,
		      -1, 0) == (long)lo;
}

static void keep_hole(int *count, uintptr_t lo, uintptr_t hi)
{
	if (*count == VS_MAX_RANGES)
		vs_child_rollback(VS_WHY_MEMORY_CHANGED, 0);
	vs_txn.range[*count].lo = lo;
	vs_txn.range[(*count)++].hi = hi;
}

/* Between the marking and the clone another thread has unmapped a marked
 * mapping and put something new in its place, which was copied: what is there
 * is right. The rest is found by bisection; its page size is the smallest
 * there is. */
static void map_around(int *count, uintptr_t lo, uintptr_t hi)
{
	enum { PAGE = 4096 };
	uintptr_t middle;

	if (map_hole(lo, hi)) {
		keep_hole(count, lo, hi);
	} else if (hi - lo > PAGE) {
		middle = (lo + (hi - lo) / 2) & -(uintptr_t)PAGE;
		map_around(count, lo, middle);
		map_around(count, middle, hi);
	}
}

static void make_holes(void)
{
	int n = vs_txn.ranges, done = 0, count = 0;
	static struct vs_range want[VS_MAX_RANGES] VS_BIG;

	while (done < n &&
	       map_hole(vs_txn.range[done].lo, vs_txn.range[done].hi))
		done++;
	if (vs_likely(done == n))
		return;
	for (int i = 0; i < n; i++)
		want[i] = vs_txn.range[i];
	count = done;
	for (; done < n; done++)
		map_around(&count, want[done].lo, want[done].hi);
	vs_txn.ranges = count;
}

/* What the child writes to shared memory cannot be undone. Reading it is as
 * good as in a true child. */
static void protect_public(void)
{
	for (int i = 0; i < vs_txn.publics; i++) {
		const struct vs_range *r = &vs_txn.public[i];

		if (!vs_sys(SYS_mprotect, r->lo, r->hi - r->lo, PROT_READ))
			continue;
		/* Not copied (io_uring, perf, RDMA: VM_DONTCOPY), or gone. */
		if (!map_hole(r->lo, r->hi))
			vs_child_rollback(VS_WHY_SETUP, 0);
		vs_sys(SYS_munmap, r->lo, r->hi - r->lo);
	}
}

void vs_child_start(uint64_t mask, const struct vs_ksigaction *sigsys,
		    const stack_t *altstack)
{
	vs_speculative = true;
	vs_signals_start(mask, sigsys, altstack);
	make_holes();
	protect_public();
	vs_pages_prefetch();
	start_timer(SIGSYS, TIME_LIMIT_MS);
	kill_timer = start_timer(SIGKILL, KILL_LIMIT_MS);
	if (vs_dispatch_on())
		vs_child_rollback(VS_WHY_SETUP, 0);
}

void vs_child_on_fault(int sig, siginfo_t *info, void *context)
{
	if (sig == SIGSEGV && info->si_code > 0 &&
	    vs_pages_fault((uintptr_t)info->si_addr)) {
		vs_handler_end(context);
		return;
	}
	if (sig == SIGSEGV && vs_pages_public((uintptr_t)info->si_addr, 1))
		vs_child_rollback(VS_WHY_SHARED_WRITE, 0);
	vs_child_rollback(VS_WHY_CRASH, sig);
}

/* Dispatch and the time limit stay on: a failed exec comes back to them. */
long vs_child_exec(long nr, long args[6])
{
	bool at = nr == SYS_execveat;
	long r;

	vs_fds_want_path(nr, (const char *)args[at]);
	vs_pages_want_strings((char *const *)args[at + 1]);
	vs_pages_want_strings((char *const *)args[at + 2]);
	vs_signals_before_exec();
	atomic_store(&vs_txn.shared->state, VS_TXN_EXEC);
	if (set_timer(kill_timer, EXEC_KILL_LIMIT_MS))
		vs_child_rollback(VS_WHY_SETUP, 0);
	r = vs_sys(nr, at ? vs_fds_shown(args[0]) : args[0], args[1], args[2],
		   args[3], args[4]);
	if (set_timer(kill_timer, KILL_LIMIT_MS))
		vs_child_rollback(VS_WHY_SETUP, 0);
	vs_signals_after_exec();
	atomic_store(&vs_txn.shared->state, VS_TXN_RUN);
	return r;
}

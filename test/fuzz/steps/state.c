/* SPDX-License-Identifier: MIT
 * Steps on limits, scheduling, and what else a process is. */
#include <linux/futex.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>

#include "fuzz.h"

/* What they answer is new each time: only whether they do. */
static void ask_time(struct rng *r)
{
	static const struct {
		long nr, first;
		bool pointer_first;
		size_t size;
	} calls[] = {
		{SYS_uname, 0, true, sizeof(struct utsname)},
		{SYS_sysinfo, 0, true, sizeof(struct sysinfo)},
		{SYS_times, 0, true, sizeof(struct tms)},
		{SYS_getrusage, 0, false, sizeof(struct rusage)},
		{SYS_getrusage, -1, false, sizeof(struct rusage)},
		{SYS_getrusage, 77, false, sizeof(struct rusage)},
		{SYS_clock_gettime, 1, false, 16},
		{SYS_clock_gettime, 99, false, 16},
		{SYS_clock_getres, 0, false, 16},
		{SYS_gettimeofday, 0, true, 16},
		{SYS_getcpu, 0, true, 4},
		{SYS_time, 0, true, 8},
	};
	int i = (int)below(r, LENGTH(calls));
	size_t size = calls[i].size;
	char *at = result_pointer(r, size);
	long done;

	if (calls[i].pointer_first)
		done = CALL(r, calls[i].nr, L(at), 0, 0);
	else
		done = CALL(r, calls[i].nr, calls[i].first, L(at));
	say(" %ld = %s", calls[i].nr,
	    done >= 0 ? "done" : strerror(-(int)done));
	if (done >= 0)
		memset(at, 2, size);
}

static void get_random(struct rng *r)
{
	unsigned size = below(r, 300);
	char *at = any_pointer(r, size);
	long done = CALL(r, SYS_getrandom, L(at), size, (long)below(r, 4));

	say(" %u = %ld", size, done);
	if (done > 0)
		memset(at, 2, size);
}

static void limit(struct rng *r)
{
	static const int which[] = {RLIMIT_NOFILE,     RLIMIT_NOFILE,
				    RLIMIT_RTPRIO,     RLIMIT_FSIZE,
				    RLIMIT_MEMLOCK,    RLIMIT_NICE,
				    RLIMIT_MSGQUEUE,   RLIMIT_STACK,
				    RLIMIT_SIGPENDING, 77};
	static const unsigned long to[] = {
		64, 101, 102, 256, 4096, 1UL << 30, 8 << 20, RLIM_INFINITY};
	struct rlimit *now = (void *)any_pointer(r, sizeof(*now)), set;
	int what = PICK(r, which), pid = any_pid(r);
	long done;

	set.rlim_max = PICK(r, to);
	set.rlim_cur = once_in(r, 3) ? PICK(r, to) : set.rlim_max;
	/* The library's summary at exit would kill who may not write it. */
	if (what == RLIMIT_FSIZE)
		set.rlim_cur = set.rlim_max = 1UL << 30;
	if (what == RLIMIT_STACK) /* room for the log */
		set.rlim_cur = set.rlim_max = 8 << 20;
	if (once_in(r, 3))
		done = CALL(r, SYS_prlimit64, pid, what,
			    once_in(r, 2) ? L(&set) : 0, L(now));
	else if (once_in(r, 2))
		done = CALL(r, SYS_setrlimit, what, L(&set));
	else
		done = CALL(r, SYS_getrlimit, what, L(now));
	say(" %s %d %lx %lx = %ld", who(pid), what, set.rlim_cur, set.rlim_max,
	    done);
}

static void schedule(struct rng *r)
{
	static const int policies[] = {SCHED_OTHER, SCHED_BATCH, 7, -1};
	struct sched_param own = {0}, *param = (void *)any_pointer(r, 4);
	unsigned long *set = (void *)any_pointer(r, 128),
		      both = 1 + below(r, 3);
	int pid = any_pid(r), policy = PICK(r, policies);

	switch (below(r, 6)) {
	case 0:
		say(" policy %d %ld", policy,
		    CALL(r, SYS_sched_setscheduler, pid, policy, L(&own)));
		break;
	case 1:
		say(" get %ld %ld", CALL(r, SYS_sched_getscheduler, pid),
		    CALL(r, SYS_sched_getparam, pid, L(param)));
		break;
	case 2:
		say(" affinity %ld",
		    CALL(r, SYS_sched_getaffinity, pid, 128, L(set)));
		break;
	case 3:
		say(" set affinity %lx %ld", both,
		    CALL(r, SYS_sched_setaffinity, pid, 8, L(&both)));
		break;
	case 4:
		say(" nice %ld", CALL(r, SYS_setpriority, PRIO_PROCESS, pid,
				      (long)below(r, 6)));
		break;
	default:
		say(" %ld %ld %ld",
		    CALL(r, SYS_getpriority, (long)below(r, 3), 0),
		    CALL(r, SYS_sched_get_priority_max, policy),
		    CALL(r, SYS_sched_setparam, pid, L(param)));
	}
}

static void timer(struct rng *r)
{
	struct itimerval set = {.it_value.tv_sec = once_in(r, 3) ? 0 : 1000,
				.it_interval.tv_sec = (long)below(r, 3) * 100};
	struct itimerval *old = (void *)result_pointer(r, sizeof(*old));
	int which = (int)below(r, 4);
	long done;

	switch (below(r, 3)) {
	case 0:
		done = CALL(r, SYS_setitimer, which, L(&set), 0);
		break;
	case 1:
		done = CALL(r, SYS_getitimer, which, L(old));
		if (!done) {
			say(" %s", old->it_value.tv_sec ? "on" : "off");
			memset(old, 2, sizeof(*old));
		}
		break;
	default:
		done = CALL(r, SYS_alarm, 2000) ? 1 : 0;
	}
	say(" %d = %ld", which, done);
}

static void process_control(struct rng *r)
{
	static const int sets[][2] = {
		{PR_SET_PDEATHSIG, SIGTERM},
		{PR_SET_PDEATHSIG, 99},
		{PR_SET_KEEPCAPS, 1},
		{PR_SET_TIMERSLACK, 70000},
		{PR_SET_NO_NEW_PRIVS, 1},
		{PR_CAPBSET_READ, 5},
		{PR_CAPBSET_DROP, 30},
		{PR_SET_SECUREBITS, 0x10},
		{PR_GET_DUMPABLE, 0},
		{PR_GET_SECCOMP, 0},
		{PR_CAP_AMBIENT, 4},
		{PR_GET_TIMERSLACK, 0},
		/* It belongs to the memory: not where that is shared. */
		{PR_SET_DUMPABLE, 0},
		{PR_SET_DUMPABLE, 1}};
	int i = (int)below(r, LENGTH(sets) - (model.clean ? 2 : 0));
	char *name = any_pointer(r, 16);

	say(" %d %d = %ld", sets[i][0], sets[i][1],
	    CALL(r, SYS_prctl, sets[i][0], sets[i][1], 0, 0, 0));
	if (once_in(r, 2))
		say(" name %ld", CALL(r, SYS_prctl, PR_SET_NAME, L(name)));
	name = any_pointer(r, 16);
	if (once_in(r, 2) && !CALL(r, SYS_prctl, PR_GET_NAME, L(name)))
		say(" %lx", hash(1, name, 16));
}

static void thread_calls(struct rng *r)
{
	static const int personalities[] = {-1, ADDR_NO_RANDOMIZE, UNAME26, 0,
					    SHORT_INODE};
	int *word = (int *)((uintptr_t)any_memory(r, 8) & -4UL);

	switch (below(r, 6)) {
	case 0:
		say(" yield %ld", CALL(r, SYS_sched_yield, 0));
		break;
	case 1:
		say(" futex %ld", CALL(r, SYS_futex, L(word),
				       FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
		break;
	case 2:
		say(" membarrier %d", CALL(r, SYS_membarrier, 0, 0) > 0);
		break;
	case 3:
		say(" robust %ld",
		    CALL(r, SYS_set_robust_list, 0, (long)below(r, 9)));
		break;
	case 4: /* who shares memory has none registered */
		if (!model.clean)
			say(" rseq %ld", CALL(r, SYS_rseq, 64, 32, 0, 1));
		break;
	default:
		say(" personality %lx",
		    CALL(r, SYS_personality, PICK(r, personalities)));
	}
}

const struct kind state_kinds[] = {
	{"time", ask_time, LOCAL | CLEAN, 3},
	{"getrandom", get_random, LOCAL | CLEAN, 1},
	{"limit", limit, LOCAL | CLEAN | SETUP, 4},
	{"schedule", schedule, LOCAL | CLEAN | SETUP, 4},
	{"timer", timer, LOCAL | CLEAN | SETUP, 2},
	{"prctl", process_control, LOCAL | CLEAN | SETUP, 3},
	{"thread", thread_calls, LOCAL | CLEAN, 3},
	{0},
};

/* SPDX-License-Identifier: MIT
 *
 * What the application has done, by libc's functions, that says something of
 * transactions. What it does by system calls of its own is not seen here.
 */
#include <sched.h>
#include <stdatomic.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>

#include "base/compiler.h"
#include "kernel/dispatch.h"
#include "libc/facts.h"
#include "libc/threads.h"
#include "port.h"
#include "stats/life.h"
#include "txn/able/watched.h"
#include "txn/record/state.h"

/* Its own dispatch, or a filter, of whichever thread. A filter of its own may
 * kill for a system call that the application itself never makes. */
static _Atomic bool own_dispatch, own_filter;

/* A monitor that asked for UFFD_FEATURE_EVENT_FORK is told of each fork, of
 * which a transaction would make another one, or none. */
static _Atomic bool own_userfaultfd;

/* An exec of a file that it watches waits for its answer. */
static _Atomic bool own_listener;

static void filtered(void)
{
	own_filter = true;
	vs_stats_filtered();
}

void vs_txn_watch_prctl(long option, long arg2, long result)
{
	if (vs_likely(result < 0))
		return;
	if (option == PR_SET_SECCOMP)
		filtered();
	if (option == PR_SET_DUMPABLE)
		vs_txn.mem_refused = false;
	if (option == VS_PR_SET_SYSCALL_USER_DISPATCH && arg2)
		own_dispatch = true;
	if (option == PR_SET_TSC && arg2 == PR_TSC_SIGSEGV)
		vs_clock_by_kernel();
}

void vs_txn_watch_syscall(long nr, long arg1, long result)
{
	enum { SET_MODE_FILTER = 1 }; /* linux/seccomp.h; 0 is strict */
	enum { PERMISSION = FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT };

	if (result < 0)
		return;
	if (nr == SYS_seccomp && (unsigned long)arg1 <= SET_MODE_FILTER)
		filtered();
	if (nr == SYS_clone) {
		vs_cloned((unsigned long)arg1);
		if (!(arg1 & CLONE_VM))
			vs_txn_exposed();
	}
	if (nr == SYS_userfaultfd)
		own_userfaultfd = true;
	if (nr == SYS_fanotify_init && arg1 & PERMISSION)
		own_listener = true;
}

void vs_txn_answers(void)
{
	own_listener = true;
}

bool vs_txn_own_filter(void)
{
	return own_filter;
}

enum vs_why_native vs_txn_watched(void)
{
	if (own_filter)
		return VS_WHY_REFUSED;
	if (own_dispatch)
		return VS_WHY_OWN_DISPATCH;
	if (own_userfaultfd)
		return VS_WHY_USERFAULTFD;
	return own_listener ? VS_WHY_LISTENER : VS_WHY_NONE;
}

/* Signals. A word of 64 bits is not atomic on every CPU. */
static _Atomic unsigned handles[2];

void vs_txn_handles(int sig)
{
	enum { BITS = 32 };
	unsigned i = (unsigned)sig - 1;

	if (i < 2 * BITS)
		handles[i / BITS] |= 1U << i % BITS;
}

uint64_t vs_txn_has_handled(void)
{
	return handles[0] | (uint64_t)handles[1] << 32;
}

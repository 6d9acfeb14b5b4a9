/* SPDX-License-Identifier: MIT
 *
 * What /proc says of the calling thread, and where its children are born. A
 * seccomp filter, a tracer and the namespace of children belong to a thread, so
 * nothing that one has found out about them is kept for another.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>

#include "base/compiler.h"
#include "kernel/proc/path.h"
#include "kernel/proc/pid_namespace.h"
#include "kernel/proc/status.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "kernel/task/aside.h"
#include "libc/facts.h"
#include "libc/threads.h"
#include "stats/life.h"
#include "txn/able/able.h"
#include "txn/able/watched.h"

/* It holds for this long, in milliseconds: a debugger is attached, and memory
 * grows by gigabytes, in times that are long beside it. */
enum { HOLDS_MS = 20 };

static VS_THREAD struct look {
	bool refused;	 /* by a filter, which nobody can take away */
	unsigned killed; /* tasks aside in a row */
	unsigned epoch;
	unsigned long at; /* ms; wraps where it is small */
	enum vs_why_native why;
	uint64_t anonymous; /* bytes */
	uint64_t handled;   /* signals */
	struct vs_txn_seen seen;
} last;

uint64_t vs_txn_anonymous_bytes(void)
{
	return last.anonymous;
}

const struct vs_txn_seen *vs_txn_seen(void)
{
	return &last.seen;
}

uint64_t vs_txn_handled(void)
{
	return last.handled | vs_txn_has_handled();
}

struct question {
	const char *name; /* of the thread's status; may be in `path` */
	char path[VS_PROC_PATH];
	long error;
	struct vs_proc_status own,
		parents; /* the latter if there are filters */
};

/* Whether AppArmor confines it, which rarely changes; -1: not known yet. */
static _Atomic int confined = -1;

/* Runs aside, too, where /proc/thread-self would be another. */
static void ask(void *arg)
{
	struct question *q = arg;
	char path[VS_PROC_PATH];

	if (confined < 0)
		confined = vs_proc_confined();
	q->error = vs_proc_status(q->name, &q->own);
	if (q->error || !q->own.seccomp || !q->own.parent)
		return;
	vs_proc_status(vs_proc_path(path, (long)q->own.parent, "/status"),
		       &q->parents);
}

/* The directory of the calling thread in /proc, by its ids: not the ones that
 * /proc has, where that is of another namespace. NULL then. `end` is that of
 * the room for it. */
static char *own_directory(char *end)
{
	char *at = vs_put_number(end - 1, (uint64_t)vs_sys(SYS_gettid));

	end[-1] = '\0';
	at = vs_put_text(at, "/task/");
	at = vs_put_number(at, (uint64_t)vs_sys(SYS_getpid));
	at = vs_put_text(at, "/proc/");
	return vs_same_file(at, "/proc/thread-self") ? at : NULL;
}

/* No handler may find the descriptor, but for SIGSYS, which a filter sends. */
static long ask_here(struct question *q)
{
	vs_sigset old;

	vs_block_most(&old);
	ask(q);
	vs_unblock(&old);
	return q->error;
}

/* Where other threads could see a descriptor of ours, in a task aside. 0 or
 * -errno. */
static long ask_unseen(struct question *q)
{
	char *directory;
	long r;

	directory =
		own_directory(q->path + sizeof(q->path) - sizeof("/status"));
	if (!directory)
		return -ENOENT;
	q->name = directory;
	__builtin_memcpy(q->path + sizeof(q->path) - sizeof("/status") - 1,
			 "/status", sizeof("/status"));
	r = vs_aside(ask, q);
	return r ? r : q->error;
}

/* Whether there is a filter that may kill for what is needed. Those that the
 * parent has as well were there before the program; of others a trial tells,
 * once; and what comes later is the program's own. */
static bool has_own_filter(const struct question *q)
{
	static _Atomic int harmless = -1; /* so many */
	int now = (int)q->own.filters;

	if (!q->own.seccomp)
		return false;
	/* The trial's copy would be a child. */
	if (harmless < 0 && vs_children_elsewhere(true))
		return true;
	if (harmless < 0) {
		bool inherited = now <= (int)q->parents.filters;

		harmless = inherited || (vs_txn_watched() != VS_WHY_REFUSED &&
					 vs_filter_allows(VS_FILTER_ALL))
				   ? now
				   : 0;
	}
	return now > harmless;
}

/* Whether there is a filter, if there was none: what is asked first, because
 * hardly any kills for it. How many there are only /proc tells. */
static bool is_filtered(void)
{
	return vs_sys(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}

static bool has_come(void)
{
	return !last.seen.filters && is_filtered();
}

bool vs_txn_may_be_filtered(void)
{
	return last.seen.filters || is_filtered();
}

static enum vs_why_native look(void)
{
	struct question q = {.name = "/proc/thread-self/status"};
	long r;

	/* What cannot be found out may be for a filter. */
	last.seen.filters = UINT_MAX;
	r = vs_single_threaded() ? ask_here(&q) : ask_unseen(&q);
	/* By a filter, or by somebody who kills what he finds. From now on no
	 * call is to be made that the program does not make. */
	last.killed = r == -ECHILD ? last.killed + 1 : 0;
	last.refused = last.killed > 1;
	if (last.refused) {
		vs_stats_filtered();
		return VS_WHY_REFUSED;
	}
	if (r)
		return r == -ENOENT || r == -EACCES ? VS_WHY_NO_PROC
						    : VS_WHY_NO_RESOURCE;
	/* There by a system call of the program's own. */
	if (q.own.threads > 1 && vs_single_threaded())
		vs_cloned(CLONE_VM);
	last.anonymous = q.own.anonymous << 10;
	last.seen.threads = q.own.threads;
	last.handled = q.own.handled;
	last.seen.filters = q.own.seccomp ? (unsigned)q.own.filters + 1 : 0;
	last.seen.confined = confined;
	if (has_own_filter(&q))
		return VS_WHY_REFUSED;
	/* A tracer would be shown every trap and fault as a signal. */
	return q.own.tracer ? VS_WHY_TRACED : VS_WHY_NONE;
}

static unsigned long now_ms(void)
{
	return (unsigned long)(vs_time_ns(CLOCK_MONOTONIC) / 1000000);
}

static bool look_holds(void)
{
	return last.epoch == vs_txn_epoch() && now_ms() - last.at < HOLDS_MS &&
	       !has_come();
}

/* What /proc does not tell is taken for yes. */
static enum vs_why_native why_elsewhere(void)
{
	static const char self[] = "/proc/thread-self";

	return vs_same_file(self, self) ? VS_WHY_PID_NAMESPACE : VS_WHY_NO_PROC;
}

enum vs_why_native vs_txn_look(void)
{
	bool holds;

	if (vs_unlikely(last.refused))
		return VS_WHY_REFUSED;
	holds = look_holds();
	/* A filter may kill for what nobody else does, so that is found out
	 * first; but a process aside is a child, too. */
	if (!vs_single_threaded() &&
	    vs_children_elsewhere(!holds || last.seen.filters))
		return why_elsewhere();
	if (!holds) {
		last.epoch = vs_txn_epoch();
		last.at = now_ms();
		last.why = look();
	}
	return last.why;
}

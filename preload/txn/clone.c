/* SPDX-License-Identifier: MIT
 * The clone itself, commit and rollback, in the parent. Runs in the handler of
 * SIGSYS: raw system calls only. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/config.h"
#include "kernel/point.h"
#include "kernel/sigmask.h"
#include "kernel/task/stand_in.h"
#include "memory/gate.h"
#include "txn/child/child.h"
#include "txn/able/able.h"
#include "txn/internal.h"
#include "txn/scan/scan.h"
#include "txn/record/audit.h"
#include "txn/record/site.h"

/* The child has said why, unless it could not. */
static void rolled_back(struct vs_txn_call *call)
{
	call->verdict->why = VS_WHY_UNDONE;
	call->verdict->undone = vs_txn.page->phase == VS_TXN_ABORT
					? VS_UNDONE_TIMEOUT
					: VS_UNDONE_KILLED;
	if (vs_txn.page->phase == VS_TXN_ROLL) {
		call->verdict->undone = vs_txn.page->undone;
		call->verdict->detail = vs_txn.page->detail;
		vs_txn.mem_refused |=
			vs_txn.page->undone == VS_UNDONE_UNDUMPABLE;
	}
	vs_recall_forget();
	call->lesson.account->because = (int)call->verdict->undone;
	call->lesson.before = call->verdict->undone == VS_UNDONE_TIMEOUT
				      ? VS_TOO_LATE
				      : VS_UNDOABLE;
}

/* The child is another program: what it has left on the page is its last word.
 */
static void committed(struct vs_verdict *verdict)
{
	const struct vs_command *said = vs_txn_command();

	verdict->fetched_kb = vs_txn.page->fetched * (VS_CHUNK / 1024);
	if (vs_likely(!verdict->command) || said->size > VS_COMMAND_ROOM)
		return;
	vs_copy_up((char *)verdict->command, (const char *)said,
		   offsetof(struct vs_command, text) + said->size);
}

static void start_page(struct vs_txn_page *page)
{
	page->word = 0;
	page->head.list.next = &page->node;
	page->head.futex_offset = (char *)&page->word - (char *)&page->node;
	page->head.list_op_pending = NULL;
	page->node.next = &page->head.list;
	page->ready = false;
	page->in_call = page->made_files = false;
	page->left.count = 0;
	page->fetched = 0;
	if (vs_unlikely(vs_config.reports & VS_REPORT_TRACE))
		vs_txn_command()->size = 0;
	page->waits = page->left_all = false;
	page->heir = 0;
	page->turn++;
	atomic_store(&page->phase, VS_TXN_RUN);
}

/* Where the kernel tells its caller of the child, by its id or by a descriptor;
 * or NULL. */
static int *told_at(const long args[6])
{
	int *told = (int *)args[2];

	if (!(args[VS_CLONE_FLAGS] & (CLONE_PARENT_SETTID | CLONE_PIDFD)) ||
	    !vs_readable((uintptr_t)told))
		return NULL;
	return told;
}

/* Of a child that is no more: the one that takes its place must not see it. */
static void untell(const long args[6], int before)
{
	int *told = told_at(args);

	if (!told)
		return;
	if (args[VS_CLONE_FLAGS] & CLONE_PIDFD)
		vs_sys(SYS_close, *told);
	*told = before;
}

/* Of the process that shows its end instead. */
static void tell_of(long pid, const long args[6])
{
	int *told = told_at(args);
	long fd;

	if (!told || pid < 0)
		return;
	if (!(args[VS_CLONE_FLAGS] & CLONE_PIDFD)) {
		*told = (int)pid;
		return;
	}
	fd = vs_sys(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return;
	vs_sys(SYS_dup3, fd, *told, O_CLOEXEC);
	vs_sys(SYS_close, fd);
}

/* What is to be returned: the pid of a committed child, 0 in the speculative
 * child. A child that others have killed is no more, and the program has to see
 * that end of it: *status. Else -1. */
static long clone_supervised(struct vs_txn_call *call, const long args[6],
			     int *status)
{
	/* Now: in the child another thread may have been changing it. */
	const struct vs_ksigaction sigsys = vs_sigsys_shadow();
	int *told = told_at(args), before = told ? *told : 0;
	long mine[6], pid;

	for (int i = 0; i < 6; i++)
		mine[i] = args[i];
	mine[VS_CLONE_FLAGS] &= ~(long)CSIGNAL;
	start_page(vs_txn.page);
	VS_POINT(clone);
	pid = vs_clone_apart(call, mine);
	if (pid == 0) {
		VS_POINT(born);
		vs_child_start(vs_txn_held.mask, &sigsys, &vs_txn_held.altstack,
			       call->on_sigsys);
		if (call->early.si_signo)
			vs_child_pass_on(&call->early);
		return 0;
	}
	if (pid < 0)
		return -1;
	VS_POINT(cloned);
	switch (vs_await(pid, status)) {
	case VS_TXN_HELD:
		call->held = pid;
		__attribute__((fallthrough));
	case VS_TXN_UNDONE:
		rolled_back(call);
		untell(args, before);
		return -1;
	case VS_TXN_KILLED:
		pid = -1;
		break;
	case VS_TXN_COMMITTED:
		call->worked = vs_txn.page->worked;
		committed(call->verdict);
		break;
	}
	call->verdict->engine = VS_TXN;
	call->verdict->why = VS_WHY_NONE;
	return pid;
}

/* As the child has left it: the next one's is written over it. */
static void take_audit(struct vs_audit *to)
{
	struct vs_audit *from = vs_audit_record();

	to->began = false;
	if (!vs_txn.audited)
		return;
	vs_copy_up((char *)to, (const char *)from, sizeof(*to));
	for (unsigned i = 0; i < sizeof(from->chunk); i++)
		from->chunk[i] = to->chunk[i] = 0;
}

/* The same, with memory marked around it. */
static long clone_marked(struct vs_txn_call *call, const long args[6],
			 uintptr_t sp, int *status)
{
	/* Up to the entry point's frame: there may be those of other libraries'
	 * wrappers of fork() between. */
	const struct vs_range stack = {sp, (uintptr_t)call->request};
	long pid = -1;

	VS_POINT(gated);
	vs_txn.site = call->site;
	vs_txn.needs = vs_site_needed(call->site, 0);
	vs_txn.audited = call->request->audit;
	vs_txn.patience = call->patience;
	vs_txn.handled = vs_txn_handled();
	call->verdict->why = vs_offer();
	if (call->verdict->why != VS_WHY_NONE)
		return -1;
	VS_POINT(offered);
	/* Else there is nothing to compare with, and no room for it. */
	vs_txn.audited &= !vs_txn.serves;
	if (vs_unlikely(vs_txn.audited))
		vs_audit_record()->began = false;
	call->verdict->why = VS_WHY_NO_RESOURCE;
	if (vs_exclude(&vs_txn, &stack) == 0) {
		if (vs_txn.serves)
			vs_serve_stock();
		VS_POINT(stocked);
		pid = clone_supervised(call, args, status);
		if (pid == 0)
			return 0;
		if (vs_unlikely(call->request->audit))
			take_audit(call->request->audit);
		vs_serve_wipe();
		VS_POINT(wiped);
		vs_exclude_undo();
		VS_POINT(unmarked);
	}
	vs_offer_withdraw();
	VS_POINT(withdrawn);
	return pid;
}

long vs_txn_clone(const long args[6], uintptr_t sp)
{
	struct vs_txn_call *call = vs_txn_calling;
	int status = 0;
	long pid;

	call->verdict->why = VS_WHY_BUSY;
	if (!vs_gate_enter_txn())
		return vs_txn_clone_as_asked(args);
	call->verdict->why = VS_WHY_NO_RESOURCE;
	vs_txn.page->left.count = 0;
	pid = vs_txn_renew_page() ? clone_marked(call, args, sp, &status) : -1;
	if (pid == 0)
		return 0;
	if (pid > 0) {
		vs_gate_leave_txn();
		VS_POINT(ungated);
		return pid;
	}
	if (status && call->verdict->engine == VS_TXN) {
		vs_gate_leave_txn();
		pid = vs_stand_in(status);
		tell_of(pid, args);
		return pid;
	}
	return vs_clone_heir(call, args);
}

/* SPDX-License-Identifier: MIT
 *
 * Which system calls the speculative child may make. What is not known to
 * affect this child alone rolls the transaction back before it is made, so
 * that there is never anything to undo. A number is looked up once, in
 * call.def, which says of which class it is, and class.def, what is done with
 * that; one that is not listed there: rolled back.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/compiler.h"
#include "kernel/point.h"
#include "txn/calls/internal.h"
#include "txn/child/audit.h"

enum call_class {
	ROLL, /* not listed */
#define CLASS(name, call) name,
#include "txn/calls/class.def"
#undef CLASS
};

/* What call.def says of one call. Arguments count from 1; 0: none is such. */
struct call {
	uint8_t class;
	uint8_t path;
	uint8_t buffer, size, unit; /* bytes for each one that `size` counts */
	uint8_t self;
	uint8_t fixed; /* the argument that must be `value` */
	bool fd;       /* argument 1 is a descriptor */
	bool own;      /* one that nobody else has */
	int value;
};

#define PATH(n)	     .path = (n) + 1
#define BUFFER(n, m) .buffer = (n) + 1, .size = (m) + 1, .unit = 1
#define LIST(n, m)   .buffer = (n) + 1, .size = (m) + 1, .unit = 4
#define SELF(n)	     .self = (n) + 1
#define FIXED(n, v)  .fixed = (n) + 1, .value = (v)
#define FD	     .fd = true
#define OWN	     .own = true

static const struct call calls[] = {
#define CALL(name, ...) [SYS_##name] = {.class = __VA_ARGS__},
#include "txn/calls/call.def"
#undef CALL
};

/* Structs that system calls take or return are smaller than this. */
enum { STRUCT = 512 };

/* Fills what the call will read or write. The kernel cannot take a fault for
 * us: it would say EFAULT, or stop half way. */
static void fill_arguments(const struct call *call, long nr, const long args[6])
{
	for (int i = 0; i < 6; i++)
		vs_child_want((uintptr_t)args[i], STRUCT);
	if (call->path)
		vs_mem_fd_want_path(nr, (const char *)args[call->path - 1]);
	vs_child.looked |= call->path || call->fd;
	if (call->buffer)
		vs_pages_want_written((uintptr_t)args[call->buffer - 1],
				      (uintptr_t)args[call->size - 1] *
					      call->unit);
}

static bool is_open(long fd)
{
	return !vs_mem_fd_is(fd) && vs_sys(SYS_fcntl, fd, F_GETFD) != -EBADF;
}

static bool may_be_made(const struct call *call, const long args[6])
{
	long self = call->self ? args[call->self - 1] : 0;

	if (call->fixed && (int)args[call->fixed - 1] != call->value)
		return false;
	if (call->own && vs_owner(args[0]) != VS_FD_PIPE && is_open(args[0]))
		return false;
	return !self || self == vs_sys(SYS_getpid);
}

static long plain_call(const struct call *call, long nr, const long args[6])
{
	long first = call->fd || call->own ? vs_mem_fd_hide(args[0]) : args[0];

	if (!may_be_made(call, args))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	fill_arguments(call, nr, args);
	return vs_syscall6(nr, first, args[1], args[2], args[3], args[4],
			   args[5]);
}

static long ids_call(const struct call *call, long nr, const long args[6])
{
	long r;

	vs_ids_before();
	r = plain_call(call, nr, args);
	vs_ids_after();
	return r;
}

/* What sends a signal later on. */
static long timer_call(const struct call *call, long nr, const long args[6])
{
	vs_child.rings = true;
	return plain_call(call, nr, args);
}

/* One with a number, of which ours may have taken one. */
static long numbered_timer_call(const struct call *call, long nr,
				const long args[6])
{
	if (vs_ids_watched())
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return timer_call(call, nr, args);
}

static long make(const struct call *call, long nr, long args[6])
{
	switch ((enum call_class)call->class) {
#define CLASS(name, call_) \
	case name:         \
		return call_;
#include "txn/calls/class.def"
#undef CLASS
	case ROLL:
		break;
	}
	vs_child_rollback(VS_UNDONE_SYSCALL, nr);
}

/* What the kernel could not reach may be where we have left a lazy range, or
 * made memory read-only: as far behind a pointer as the longest list goes, that
 * of poll(), for it may begin in memory that is neither. */
static bool may_be_our_fault(const long args[6])
{
	enum { LONGEST = 1 << 19 };

	for (int i = 0; i < 6; i++) {
		if (vs_pages_lazy((uintptr_t)args[i], LONGEST) ||
		    vs_pages_shared((uintptr_t)args[i], LONGEST))
			return true;
	}
	return false;
}

long vs_child_syscall(long nr, long args[6])
{
	static const struct call unknown = {.class = ROLL};
	const struct call *call = &unknown;
	long r;

	VS_POINT(call);
	if (nr >= 0 && nr < (long)VS_COUNT(calls))
		call = &calls[nr];
	/* It may be that the parent cannot send the signal. */
	if (vs_unlikely(vs_txn.page->phase == VS_TXN_ABORT))
		vs_child_rollback(VS_UNDONE_TIMEOUT, 0);
	vs_txn.page->in_call = true;
	vs_audit_call(nr);
	r = make(call, nr, args);
	if (vs_unlikely(r == -EFAULT && may_be_our_fault(args)))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	/* SIGPIPE, SIGXFSZ */
	if (vs_unlikely(r == -EPIPE || r == -EFBIG))
		vs_child.rings = true;
	/* The descriptor that is missing may be our own. */
	if (vs_unlikely(r == -EMFILE && vs_txn.mem_fd >= 0))
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
	vs_txn.page->in_call = false;
	VS_POINT(called);
	return r;
}

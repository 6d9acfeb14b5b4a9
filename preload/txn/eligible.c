/* SPDX-License-Identifier: MIT
 * Whether a transaction may be tried: what the process is, asked once, and
 * what may change from call to call. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kernel/dispatch.h"
#include "kernel/proc_maps.h"
#include "kernel/sys.h"
#include "libc/facts.h"
#include "memory/app_marks.h"
#include "txn/internal.h"

/* Whose memory this is; 0 before we were loaded. */
static pid_t owner;

static bool asked; /* `process` is known */
static enum vs_why_native process;

void vs_txn_ask_again(void)
{
	asked = false;
}

void vs_txn_in_new_process(void)
{
	owner = (pid_t)vs_sys(SYS_getpid);
	asked = false;
}

/* The application's own dispatch, of whichever thread. */
static _Atomic bool own_dispatch;

/* A filter of the application's own, which may kill for a system call that
 * the application itself never makes. One from before its start, like a
 * container's, allows more; /proc cannot tell the two apart. */
static _Atomic bool own_filter;

void vs_txn_watch_seccomp(void)
{
	own_filter = true;
}

void vs_txn_watch_prctl(long option, long arg2)
{
	if (vs_unlikely(option == PR_SET_SECCOMP))
		vs_txn_watch_seccomp();
	if (vs_unlikely(option == VS_PR_SET_SYSCALL_USER_DISPATCH && arg2))
		own_dispatch = true;
}

/* After unshare(CLONE_NEWPID) the first child is the new namespace's init:
 * once it has been rolled back, that namespace is dead for good. */
static bool children_elsewhere(void)
{
	char own[64], theirs[64];
	long n = vs_sys(SYS_readlinkat, AT_FDCWD, "/proc/self/ns/pid", own,
			sizeof(own));
	long m = vs_sys(SYS_readlinkat, AT_FDCWD,
			"/proc/self/ns/pid_for_children", theirs,
			sizeof(theirs));

	return n <= 0 || n != m || memcmp(own, theirs, (size_t)n);
}

static enum vs_why_native ask_process(void)
{
	if (!VS_ARCH_TXN)
		return VS_WHY_NO_TXN;
	if (!vs_dispatch_usable())
		return VS_WHY_NO_DISPATCH;
	if (vs_instrumented())
		return VS_WHY_SANITIZER;
	if (vs_sys(SYS_faccessat, AT_FDCWD, "/proc/self/maps", R_OK))
		return VS_WHY_NO_PROC;
	if (children_elsewhere())
		return VS_WHY_PID_NAMESPACE;
	return VS_WHY_NONE;
}

/* A tracer would be shown every trap and fault as a signal. */
static enum vs_why_native traced(void)
{
	static const char key[] = "TracerPid:\t";
	char buf[1024];
	const char *at;

	if (vs_proc_read("/proc/self/status", buf, sizeof(buf)) <= 0)
		return VS_WHY_NO_PROC;
	at = strstr(buf, key);
	return at && at[sizeof(key) - 1] == '0' ? VS_WHY_NONE : VS_WHY_TRACED;
}

/* What /proc says holds for this long: a debugger is attached, and memory grows
 * by gigabytes, in times that are long beside it. */
enum { HOLDS_MS = 20 };

static enum vs_why_native traced_now;
static uint64_t anonymous_bytes;

/* Not strtoul(): to who is compiled by glibc 2.38 or newer that is another
 * function, which older ones lack. */
static unsigned long number(const char **at)
{
	unsigned long n = 0;

	while (**at == ' ')
		++*at;
	while (**at >= '0' && **at <= '9')
		n = n * 10 + (unsigned long)(*(*at)++ - '0');
	return n;
}

/* "size resident shared ..." in pages */
static uint64_t anonymous(void)
{
	unsigned long resident, shared;
	const char *at;
	char buf[128];

	if (vs_proc_read("/proc/self/statm", buf, sizeof(buf)) <= 0)
		return 0;
	at = buf;
	number(&at);
	resident = number(&at);
	shared = number(&at);
	return resident > shared
		       ? (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE)
		       : 0;
}

/* Threads may do this at once; they find the same. */
static void look_again(void)
{
	static _Atomic unsigned long looked; /* wraps where it is small */
	unsigned long now = (unsigned long)(vs_now_ns() / 1000000);

	if (asked && now - looked < HOLDS_MS)
		return;
	looked = now;
	traced_now = traced();
	anonymous_bytes = anonymous();
}

uint64_t vs_txn_anonymous_bytes(void)
{
	return anonymous_bytes;
}

enum vs_why_native vs_txn_eligible(void)
{
	pid_t pid = (pid_t)vs_sys(SYS_getpid);

	if (vs_txn_under_way())
		return VS_WHY_NESTED;
	if (own_filter)
		return VS_WHY_REFUSED;
	if (vs_other_libc())
		return VS_WHY_OTHER_LIBC;
	/* A child by vfork or clone, of which we were not told: its memory may
	 * be its parent's, who sleeps. */
	if (owner && owner != pid)
		return VS_WHY_FOREIGN_CHILD;
	if (own_dispatch)
		return VS_WHY_OWN_DISPATCH;
	look_again();
	if (!asked) {
		process = ask_process();
		asked = true;
	}
	if (process != VS_WHY_NONE)
		return process;
	if (vs_app_marks_overflow())
		return VS_WHY_NO_RESOURCE;
	return traced_now;
}

/* SPDX-License-Identifier: MIT
 *
 * What is known of a call site, for people and for scripts/vspawn, which shows
 * the last one of each: it begins with "site" and ends with "rule".
 */
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>

#include "audit/internal.h"
#include "base/compiler.h"
#include "base/config.h"
#include "kernel/sys.h"
#include "libc/threads.h"
#include "port.h"
#include "stats/tell/tell.h"

static const char kinds[VS_AUDIT_KINDS][48] = {
	[VS_AUDIT_ERRNO] = "errno",
	[VS_AUDIT_STACK] = "stack, of frames that go on",
	[VS_AUDIT_BINDING] = "functions' addresses, by the loader",
	[VS_AUDIT_TLS] = "thread-local data",
	[VS_AUDIT_THREAD] = "libc's record of the thread",
	[VS_AUDIT_MALLOC] = "malloc's state",
	[VS_AUDIT_HEAP] = "heap",
	[VS_AUDIT_NEW] = "memory that it has mapped",
};

/* Calls that would change the parent's memory, or what belongs to it; and that
 * make a true child of one that shares it. */
static const struct {
	short nr;
	bool ids;
} shared[] = {
	{SYS_brk, false},	 {SYS_munmap, false},	{SYS_mprotect, false},
	{SYS_mremap, false},	 {SYS_madvise, false},	{SYS_mlockall, false},
	{SYS_munlockall, false}, {SYS_mlock, false},	{SYS_munlock, false},
	{SYS_mmap, false},	 {SYS_setuid, true},	{SYS_setgid, true},
	{SYS_setreuid, true},	 {SYS_setregid, true},	{SYS_setresuid, true},
	{SYS_setresgid, true},	 {SYS_setgroups, true},
};

static void put_place(struct vs_line *to, const struct vs_audit_place *place)
{
	vs_line_put(to, place->kind == VS_AUDIT_DATA ? place->name
						     : kinds[place->kind]);
}

/* ---- what speaks against sharing ---- */

static bool is_clean(const struct vs_audit_place *place)
{
	return place->kind == VS_AUDIT_ERRNO ||
	       place->kind == VS_AUDIT_BINDING ||
	       (place->kind == VS_AUDIT_STACK && vs_single_threaded());
}

/* The first is put behind a colon, the others behind commas. */
static void put_next(struct vs_line *to, unsigned *n)
{
	vs_line_put(to, (*n)++ ? ", " : "not clean: ");
}

static void put_writes(struct vs_line *to, const struct vs_audit_site *site,
		       unsigned *n)
{
	for (unsigned i = 0; i < site->n; i++) {
		if (is_clean(&site->place[i]))
			continue;
		put_next(to, n);
		put_place(to, &site->place[i]);
	}
}

static void put_calls_against(struct vs_line *to,
			      const struct vs_audit_site *site, unsigned *n)
{
	for (unsigned i = 0; i < VS_COUNT(shared); i++) {
		unsigned at = (unsigned)(shared[i].nr - VS_FIRST_NUMBER);

		if (at >= VS_AUDIT_CALLS || !site->calls[at])
			continue;
		put_next(to, n);
		vs_tell_call(to, shared[i].nr);
		if (shared[i].ids)
			vs_line_put(to, " (makes it a native fork)");
	}
}

/* Whether it is clean. */
static bool put_verdict(struct vs_line *to, const struct vs_audit_site *site)
{
	unsigned n = 0;

	vs_line_put(to, "share    ");
	put_writes(to, site, &n);
	put_calls_against(to, site, &n);
	if (site->more) {
		put_next(to, &n);
		vs_line_put(to, "more than is told here");
	}
	if (!n && (!site->committed || site->unknown))
		vs_line_put(to, "not known");
	else if (!n && site->undone)
		vs_line_put(to,
			    "not known of those that were not seen to exec");
	else if (!n)
		vs_line_put(to, "clean");
	vs_line_char(to, '\n');
	return !n && site->committed && !site->unknown && !site->undone;
}

/* ---- the whole ---- */

static void put_count(struct vs_line *to, uint64_t n, const char *what)
{
	vs_line_number(to, n, 10);
	vs_line_put(to, what);
}

static void put_calls(struct vs_line *to, const struct vs_audit_site *site)
{
	vs_line_put(to, "calls   ");
	for (unsigned i = 0; i < VS_AUDIT_CALLS; i++) {
		if (!site->calls[i])
			continue;
		vs_line_char(to, ' ');
		vs_tell_call(to, (long)i + VS_FIRST_NUMBER);
	}
	vs_line_char(to, '\n');
}

static void put_memory(struct vs_line *to, const struct vs_audit_site *site)
{
	vs_line_put(to, "wrote    stack, of frames that are left: ");
	put_count(to, site->dead, " bytes\n");
	for (unsigned i = 0; i < site->n; i++) {
		vs_line_put(to, "wrote    ");
		put_place(to, &site->place[i]);
		vs_line_put(to, ": ");
		put_count(to, site->place[i].bytes, " bytes");
		if (site->place[i].kind == VS_AUDIT_DATA) {
			vs_line_put(to, ", at +0x");
			vs_line_number(to, site->place[i].offset, 16);
		}
		vs_line_char(to, '\n');
	}
}

static void put_rule(struct vs_line *to, const struct vs_audit_site *site,
		     bool clean)
{
	char program[1024];
	long n = vs_sys(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", program,
			sizeof(program) - 1);

	program[n > 0 ? n : 0] = '\0';
	vs_line_put(to, "rule     ");
	vs_line_put(to, n > 0 ? program : vs_config.program);
	vs_line_put(to, " at=");
	vs_tell_site(to, site->caller, false);
	vs_line_put(to, clean ? " share" : site->committed ? " txn" : " auto");
	vs_line_char(to, '\n');
}

void vs_audit_report(struct vs_line *to, const struct vs_audit_site *site)
{
	vs_line_put(to, "site     ");
	vs_line_put(to, vs_config.program);
	vs_line_char(to, ' ');
	vs_tell_site(to, site->caller, true);
	vs_line_put(to, "\nforks    ");
	put_count(to, site->committed, " that exec, ");
	put_count(to, site->undone, " rolled back, ");
	put_count(to, site->unknown, " not looked into\n");
	if (site->undone) {
		vs_line_put(to, "undone   ");
		vs_tell_undone_why(to, &site->why);
		vs_line_char(to, '\n');
	}
	if (site->committed) {
		vs_line_put(to, "runs     ");
		vs_line_put(to, *site->runs ? site->runs : "?");
		vs_line_char(to, '\n');
		put_calls(to, site);
		put_memory(to, site);
	}
	put_rule(to, site, put_verdict(to, site));
}

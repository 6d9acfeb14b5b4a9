/* SPDX-License-Identifier: MIT
 * Between the files of audit/. */
#ifndef VS_AUDIT_INTERNAL_H
#define VS_AUDIT_INTERNAL_H

#include <stdbool.h>

#include "audit/audit.h"
#include "base/line.h"
#include "txn/record/audit.h"

/* What kind of memory a child has written to. */
enum vs_audit_kind {
	VS_AUDIT_ERRNO, /* the share engine sees to it */
	VS_AUDIT_STACK, /* of frames that are not left: it does without threads
			 */
	VS_AUDIT_BINDING, /* of functions, at their first call */
	VS_AUDIT_TLS,
	VS_AUDIT_THREAD,
	VS_AUDIT_MALLOC,
	VS_AUDIT_HEAP,
	VS_AUDIT_DATA,
	VS_AUDIT_NEW,
	VS_AUDIT_KINDS,
};

/* One place: a kind, and of data the module and the symbol. */
struct vs_audit_place {
	enum vs_audit_kind kind;
	unsigned long bytes; /* the most that one child has written */
	uintptr_t offset;    /* of the first, in its module */
	char name[120];
};

enum { VS_AUDIT_PLACES = 40 };

/* What is known of a call site. */
struct vs_audit_site {
	uintptr_t caller; /* 0: none */
	unsigned committed, undone, unknown;
	unsigned dead; /* bytes of frames that are left: the most */
	bool more;     /* than there is room for */
	unsigned n;
	struct vs_audit_place place[VS_AUDIT_PLACES];
	unsigned char calls[VS_AUDIT_CALLS]; /* made by some child */
	struct vs_verdict why; /* of the last one that was undone */
	char runs[256];
	bool told;
};

/* ---- where.c ---- */

/* What is at `at` in the parent, whose thread has called fork() with that stack
 * pointer. False: the kernel's own, or ours, and of no interest. */
bool vs_audit_where(uintptr_t at, uintptr_t caller_sp,
		    struct vs_audit_place *to);

/* ---- report.c ---- */

/* All that is known of a site, as text, and the rule that follows from it. */
void vs_audit_report(struct vs_line *to, const struct vs_audit_site *site);

#endif

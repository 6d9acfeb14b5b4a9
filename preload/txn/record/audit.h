/* SPDX-License-Identifier: MIT
 *
 * What a child has done before its exec, as VSPAWN_AUDIT asks for it. It is
 * written down in the store that parent and child share, which is not needed
 * where the child reads its parent's memory by a descriptor.
 */
#ifndef VS_AUDIT_RECORD_H
#define VS_AUDIT_RECORD_H

#include "kernel/proc/maps.h"
#include "txn/record/state.h"

enum { VS_AUDIT_RUNS = 2048, VS_AUDIT_CALLS = 512 };

/* Bytes that are not what the parent has. */
struct vs_audit_run {
	uintptr_t at, len;
};

struct vs_audit_runs {
	unsigned n;
	bool more; /* than there is room for */
	struct vs_audit_run run[VS_AUDIT_RUNS];
};

struct vs_audit {
	bool began;	     /* it has returned from fork() */
	bool compared;	     /* at its last exec */
	bool unknown;	     /* some memory could not be compared */
	uintptr_t caller_sp; /* below, the stack is dead to the parent */
	unsigned long dead;  /* bytes of it that were written */
	struct vs_audit_runs by_libc; /* when it had returned: by libc's fork */
	struct vs_audit_runs wrote;   /* when it exec'd, without these */
	unsigned calls[VS_AUDIT_CALLS]; /* by number, from the CPU's first on */
	char runs[256];			/* the program, if it is known */

	/* The child's, while it compares. */
	struct vs_maps maps;
	char text[VS_MAPS_TEXT];
	unsigned char chunk[VS_CHUNK] __attribute__((aligned(8)));
};

_Static_assert(sizeof(struct vs_audit) <= (size_t)VS_STORE * VS_CHUNK,
	       "in the store");

/* Of the transaction under way, if vs_txn.audited. */
static inline struct vs_audit *vs_audit_record(void)
{
	return (struct vs_audit *)(void *)vs_txn.store;
}

#endif

/* SPDX-License-Identifier: MIT
 * The child of a transaction that is audited. Raw system calls only. */
#ifndef VS_CHILD_AUDIT_H
#define VS_CHILD_AUDIT_H

#include "port.h"
#include "base/compiler.h"
#include "txn/record/audit.h"

/* It is about to return to the application; `caller_sp` is that one's stack
 * pointer. What libc's fork has written is of no interest. */
void vs_audit_begins(uintptr_t caller_sp);

/* It is about to exec `path`, which may be NULL. */
void vs_audit_exec(const char *path);

/* It makes this call. */
static inline void vs_audit_call(long nr)
{
	unsigned long i = (unsigned long)nr - VS_FIRST_NUMBER;

	if (vs_unlikely(vs_txn.audited) && i < VS_AUDIT_CALLS)
		vs_audit_record()->calls[i]++;
}

#endif

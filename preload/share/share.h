/* SPDX-License-Identifier: MIT
 *
 * The share engine: fork() as clone(CLONE_VM|CLONE_VFORK). The child returns
 * into the caller on the caller's own stack, in the caller's own memory; the
 * parent's thread sleeps until the child execs or dies, then gets its frames
 * and errno back as they were. Only for call sites that are declared clean.
 */
#ifndef VS_SHARE_H
#define VS_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

/* At load, if vs_share_fork() may be used at all, or before it. Cheap when
 * done.
 */
void vs_share_prepare(void);

/* vs_share_fork() cannot be used here; nothing has happened. */
#define VS_SHARE_NOT (-4096L)

/*
 * fork(). `cfa` is the frame address of the public entry point, the stack
 * pointer of its caller: __builtin_dwarf_cfa() there. The pid in the parent, 0
 * in the child, -errno if there is no room for one more process, or
 * VS_SHARE_NOT and *why.
 *
 * The caller must not be in a vfork child, nor where children are born into
 * another pid namespace. The child has vs_sharing set until it execs or becomes
 * a true one; in_native_child() is called in that.
 */
long vs_share_fork(uintptr_t cfa, void (*in_native_child)(void),
		   enum vs_why_native *why);

/* In the child: go on as a true copy that is a child of the parent, with the
 * present process's kernel state. Returns in the copy, vs_sharing cleared.
 * When the kernel refuses a copy it returns in the same process, which still
 * shares memory: fork() has returned 0 already and cannot fail any more. */
void vs_share_become_true_child(void);

/* In the child of a native fork: forget the slots of the parent's threads. */
void vs_share_reset(void);

/* In the child, by entry points through which it leaves: the stack pointer of
 * their caller. What lies below it is dead to the child. */
void vs_share_report(uintptr_t cfa);

/* Around every real exec in the child. */
void vs_share_exec_begins(uintptr_t cfa);
void vs_share_exec_failed(void);

#endif

/* SPDX-License-Identifier: MIT
 * Whether anybody else could see what this thread does to the process. */
#ifndef VS_LIBC_THREADS_H
#define VS_LIBC_THREADS_H

#include <stdbool.h>
#include <stdint.h>

/* Asks libc where it has the answer, as vs_facts_prepare() does. */
void vs_threads_prepare(void);

/* A task that libc does not know of has been, or is about to be, made by
 * clone() with these flags: where that shares memory or descriptors, nobody is
 * alone any more. */
void vs_cloned(uint64_t flags);

/* Whether nobody else has this memory or these descriptors. Where libc does not
 * tell (glibc before 2.32, musl) that is one system call; and no in a child of
 * vfork(). */
bool vs_single_threaded(void);

/* The same without a system call, for a native fork: false also if libc does
 * not tell. */
bool vs_told_single_threaded(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Work in a task that shares this process's memory, but not its descriptors.
 * What is opened there takes no number from another thread, and none can see,
 * close or replace it. The task has a process id, but no exit signal: only
 * wait() with __WCLONE or __WALL finds it. A seccomp filter that kills
 * processes kills that one alone.
 */
#ifndef VS_ASIDE_H
#define VS_ASIDE_H

#include <stdbool.h>

/* Runs fn(arg) there; the caller sleeps until it has returned. It may make raw
 * system calls, has 16 KiB of stack, and may use no thread-local data: it has
 * the caller's. It may be killed at any moment, so it must take no lock: the
 * caller does. All signals but SIGSYS are blocked meanwhile, and there is one
 * at a time.
 * 0 or -errno; -ECHILD if it was killed, and fn() may not have got to its end.
 */
long vs_aside(void (*fn)(void *), void *arg);

/* The same, where fn() reads memory that another thread may unmap meanwhile: a
 * fault is the end of the task, and no more (-ECHILD). It opens nothing: the
 * descriptors are the process's, which saves copying the table. */
long vs_aside_reading(void (*fn)(void *), void *arg);

/* The thread that sleeps while such a task, which this is, does its work; else
 * 0. By that thread's own data, which the task has. */
long vs_aside_of(void);

/* Around an exec: it would end a thread that waits for such a task, which then
 * nobody reaps. There is none between: other threads get -EBUSY. */
void vs_aside_stop(void);
void vs_aside_go_on(void);

/* In the child of a native fork. */
void vs_aside_reset(void);

#endif

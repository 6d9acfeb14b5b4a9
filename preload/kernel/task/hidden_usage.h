/* SPDX-License-Identifier: MIT
 *
 * What children that the program knows nothing of have used: those that were
 * rolled back, and processes aside. The kernel charges them to the process that
 * waits for them (wait_task_zombie() in kernel/exit.c), and there is no way
 * around that; so it is taken off where the program asks.
 */
#ifndef VS_HIDDEN_USAGE_H
#define VS_HIDDEN_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

/* One of them has been waited for, with this result. Not by a child by vfork(),
 * whose account is its own and short. */
void vs_hidden_usage_add(const struct rusage *usage);

/* Takes them off what RUSAGE_CHILDREN says, but for ru_maxrss, which is no sum.
 * False if there are none, or if the sums are another process's: it has been
 * found that a child by vfork() had less than no faults. */
bool vs_hidden_usage_take_off(struct rusage *children);

/* The processor time of those that the calling thread has waited for so far, in
 * microseconds. */
uint64_t vs_hidden_usage_us(void);

/* In the child of a native fork. */
void vs_hidden_usage_reset(void);

#endif

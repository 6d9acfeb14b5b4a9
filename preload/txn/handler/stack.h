/* SPDX-License-Identifier: MIT
 * The stacks that our handlers run on. */
#ifndef VS_STACK_H
#define VS_STACK_H

#include <signal.h>
#include <stdbool.h>

/* One of a small pool; false if all are in use. */
bool vs_stack_claim(stack_t *stack);

/* Until one is not: false if that takes longer than a second. */
bool vs_stack_wait(void);

void vs_stack_release(const stack_t *stack);

/* In the child of a native fork. */
void vs_stack_reset(void);

#endif

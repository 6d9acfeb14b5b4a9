/* SPDX-License-Identifier: MIT
 * Messages with descriptors in them. */
#ifndef FUZZ_MESSAGE_H
#define FUZZ_MESSAGE_H

#include "actors/users.h"

enum { PASSED = 4 }; /* at most */

/* A byte, so many descriptors, and who sends it if `by` is asked for. False:
 * it could not be. */
bool send_message(int to, char byte, const int *fds, int n);

/* The byte, or -1. How many descriptors there were; who has sent it. */
int receive_message(int from, bool on_exec, int *fds, int *n, pid_t *by);

/* ---- a thread that receives what another one sends ---- */

/* The receiver has the lowest numbers, but for as long as somebody else wants
 * to take some. */
void take_lowest_numbers(void);
void leave_lowest_numbers(void);

/* Out of its way. */
int move_up(int fd);

void start_traffic(struct rng *r);

/* What was wrong. */
void end_traffic(void);

#endif

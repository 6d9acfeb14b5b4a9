/* SPDX-License-Identifier: MIT
 * What a child does that is there while something else happens. */
#ifndef FUZZ_MEMBER_H
#define FUZZ_MEMBER_H

enum { BY_SIGNAL = 128 }; /* and more: the end is by this signal */

/* Reads from `told`, answers to `tell`. */
_Noreturn void be_member(int told, int tell, int how);

/* One that signals are sent to. By a byte it says that it is there; when there
 * is no more to be read it writes which are blocked, which pending. */
enum { IN_IMAGE = 1, TARGET_END = 7 };
_Noreturn void be_target(int told, int tell);

#endif

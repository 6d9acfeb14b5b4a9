/* SPDX-License-Identifier: MIT
 * Tasks that libc does not know of, and that share memory or descriptors with
 * this process: after one vs_single_threaded() is false. */
#ifndef VS_SHARERS_H
#define VS_SHARERS_H

#include <stdint.h>

/* One has been, or is about to be, made by clone() with these flags. */
void vs_cloned(uint64_t flags);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Reading memory of this process that other threads may unmap meanwhile, by
 * loads if it can be: kernel/unharmed/read_self.h says why. One thread at a
 * time. Raw system calls only.
 */
#ifndef VS_READING_H
#define VS_READING_H

#include <stdbool.h>
#include <stdint.h>

/* work(arg), in which the following are called; again where it came upon a
 * fault. A filter may kill for the question whether anybody shares memory that
 * libc does not know of: it is not asked of who has one. */
void vs_reading(void (*work)(void *arg), void *arg, bool filtered);

/* `len`, the bytes up to the first page that cannot be read, or -errno. */
long vs_reading_take(void *to, uintptr_t from, uintptr_t len);

/* As much of it as can be read, or -errno. */
long vs_reading_take_pages(unsigned char *to, uintptr_t from, uintptr_t len);

/* Whether all has been read. Of what may by now be memory that cannot be
 * touched, which looks like a protection key; nobody will ask for it. */
bool vs_reading_take_whole(void *to, uintptr_t from, uintptr_t len);

#endif

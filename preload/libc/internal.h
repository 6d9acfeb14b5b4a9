/* SPDX-License-Identifier: MIT
 * Between the files of libc/. */
#ifndef VS_LIBC_INTERNAL_H
#define VS_LIBC_INTERNAL_H

#include <stdbool.h>

/* Whether it is in libc itself, or in the libpthread of glibc before 2.34. */
bool vs_of_libc(const void *function);

#endif

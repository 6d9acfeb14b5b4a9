/* SPDX-License-Identifier: MIT
 * Inside, a function that fails returns -errno; errno is set at the exported
 * edge, and only there. */
#ifndef VS_ERRNO_H
#define VS_ERRNO_H

#include <stdbool.h>

#include "base/compiler.h"

/* The kernel's highest error number, MAX_ERRNO in linux/err.h. */
enum { VS_MAX_ERRNO = 4095 };

/* True of -errno, and of no address or count. */
static inline bool vs_is_error(long result)
{
	return vs_unlikely(result < 0 && result >= -VS_MAX_ERRNO);
}

/* -errno becomes -1 and errno; anything else is returned as it is. The stubs
 * in arch/ jump here. */
long vs_return(long result);

#endif

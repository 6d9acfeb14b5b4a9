/* SPDX-License-Identifier: MIT
 * The one place where a raw result becomes errno. */
#include "base/errno.h"

#include <errno.h>

long vs_return(long result)
{
	if (vs_is_error(result)) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

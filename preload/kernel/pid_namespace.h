/* SPDX-License-Identifier: MIT
 *
 * After unshare(CLONE_NEWPID), by whichever way, the first child of the thread
 * is the new namespace's init: once it has ended, nothing can be born there any
 * more. No child that the program does not know of may be made then.
 */
#ifndef VS_PID_NAMESPACE_H
#define VS_PID_NAMESPACE_H

#include <fcntl.h>
#include <stdbool.h>

#include "port.h"

/* Whether children of the calling thread are born into another namespace. True
 * also if /proc does not tell. */
static inline bool vs_children_elsewhere(void)
{
	enum { LINK = 64 }; /* "pid:[4026531836]" */
	char own[LINK], theirs[LINK];
	long n = vs_sys(SYS_readlinkat, AT_FDCWD, "/proc/thread-self/ns/pid",
			own, LINK);
	long m = vs_sys(SYS_readlinkat, AT_FDCWD,
			"/proc/thread-self/ns/pid_for_children", theirs, LINK);

	if (n <= 0 || n != m)
		return true;
	for (long i = 0; i < n; i++) {
		if (own[i] != theirs[i])
			return true;
	}
	return false;
}

#endif

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
#include <sys/stat.h>

#include "port.h"

/* Whether two paths lead to the same file. By the call that libc's fstat() is
 * made of, and not readlinkat(): a filter of the program's may kill for what it
 * never does. No descriptor either, which other threads could see. */
static inline bool vs_same_file(const char *one, const char *other)
{
#ifdef __GLIBC__
	struct stat64 a, b;
#else
	struct stat a, b;
#endif

	return !vs_sys(SYS_newfstatat, AT_FDCWD, one, &a, 0) &&
	       !vs_sys(SYS_newfstatat, AT_FDCWD, other, &b, 0) &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Whether children of the calling thread are born into another namespace. True
 * also if /proc does not tell. */
static inline bool vs_children_elsewhere(void)
{
	return !vs_same_file("/proc/thread-self/ns/pid",
			     "/proc/thread-self/ns/pid_for_children");
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * After unshare(CLONE_NEWPID), by whichever way, the first child of the thread
 * is the new namespace's init: once it has ended, nothing can be born there any
 * more. No child that the program does not know of may be made then.
 */
#ifndef VS_PID_NAMESPACE_H
#define VS_PID_NAMESPACE_H

#include <stdbool.h>

/* Whether two paths lead to the same file. No descriptor is opened, which other
 * threads could see. */
bool vs_same_file(const char *one, const char *other);

/* Whether children of the calling thread are born into another namespace. True
 * also if /proc does not tell. `filtered`: the thread may have a seccomp
 * filter, which the program has loaded itself; that takes twice as long. */
bool vs_children_elsewhere(bool filtered);

#endif

/* SPDX-License-Identifier: MIT
 * See pid_namespace.h. Raw system calls only. */
#include "kernel/proc/pid_namespace.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#include "port.h"

struct identity {
	uint64_t dev, ino;
};

/* By the call that libc's fstat() is made of, and not readlinkat(): a filter of
 * the program's may kill for what it never does. */
static bool identify(const char *path, struct identity *to)
{
#ifdef __GLIBC__
	struct stat64 st;
#else
	struct stat st;
#endif

	if (vs_sys(SYS_newfstatat, AT_FDCWD, path, &st, 0))
		return false;
	*to = (struct identity){st.st_dev, st.st_ino};
	return true;
}

static bool same(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

bool vs_same_file(const char *one, const char *other)
{
	struct identity a, b;

	return identify(one, &a) && identify(other, &b) && same(&a, &b);
}

/* A process is in one namespace all its life. To ask takes some 5 us, which is
 * why it is asked once. */
static struct {
	_Atomic long pid; /* whose, or 0 */
	struct identity namespace;
} own;

static bool know_own(void)
{
	long pid = vs_sys(SYS_getpid);

	if (own.pid == pid)
		return true;
	if (!identify("/proc/thread-self/ns/pid", &own.namespace))
		return false;
	own.pid = pid;
	return true;
}

bool vs_children_elsewhere(void)
{
	struct identity childrens;

	return !know_own() ||
	       !identify("/proc/thread-self/ns/pid_for_children", &childrens) ||
	       !same(&own.namespace, &childrens);
}

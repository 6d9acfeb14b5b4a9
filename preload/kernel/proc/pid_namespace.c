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

/* By the call that libc's fstat() is made of, and not readlinkat(), where a
 * filter of the program's may kill for what it never does. */
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

/* The same of a namespace by the text of its link, "pid:[4026531836]", for
 * which the kernel need not make an inode. */
static bool identify_by_name(const char *path, uint64_t *ino)
{
	char text[32], *at = text;
	long n = vs_sys(SYS_readlinkat, AT_FDCWD, path, text, sizeof(text));

	*ino = 0;
	for (; n > 0 && (*at < '0' || *at > '9'); n--)
		at++;
	for (; n > 0 && *at >= '0' && *at <= '9'; n--)
		*ino = *ino * 10 + (uint64_t)(*at++ - '0');
	return *ino != 0;
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

bool vs_children_elsewhere(bool filtered)
{
	static const char link[] = "/proc/thread-self/ns/pid_for_children";
	struct identity childrens;

	if (!know_own())
		return true;
	if (!filtered)
		return !identify_by_name(link, &childrens.ino) ||
		       childrens.ino != own.namespace.ino;
	return !identify(link, &childrens) || !same(&own.namespace, &childrens);
}

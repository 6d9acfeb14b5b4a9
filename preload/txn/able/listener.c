/* SPDX-License-Identifier: MIT
 *
 * Whether an exec waits until this process has answered, by fanotify. One that
 * calls libc's fanotify_init() is known (watched.c); but it may have got the
 * descriptor from who has run it, through a socket, or by a system call of its
 * own. So it is looked for, once an exec takes long.
 */
#include <fcntl.h>
#include <stddef.h>
#include <sys/fanotify.h>

#include "base/bytes.h"
#include "kernel/proc/dirent64.h"
#include "kernel/proc/path.h"
#include "kernel/proc/read.h"
#include "kernel/sys.h"
#include "kernel/task/aside.h"
#include "txn/able/listener.h"
#include "txn/able/watched.h"

struct question {
	long pid;
	bool asked;
};

/* What follows `name` in a text, or NULL. */
static const char *find(const char *text, const char *name)
{
	for (; *text; text++) {
		if (vs_begins(text, name))
			return text + vs_length(name, '\0');
	}
	return NULL;
}

/* That asks for permission, not only tells: "fanotify flags:4 event-flags:0"
 * in the description of a descriptor (fanotify_show_fdinfo() in
 * fs/notify/fdinfo.c). */
static bool answers(int fd)
{
	enum { PERMISSION = FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT };
	char path[VS_PROC_PATH], text[256];
	char *at = path + sizeof(path) - 1;
	const char *flags;
	unsigned low = 0;

	*at = '\0';
	at = vs_put_number(at, (uint64_t)fd);
	at = vs_put_text(at, "/proc/self/fdinfo/");
	if (vs_proc_read(at, text, sizeof(text)) <= 0)
		return false;
	flags = find(text, "fanotify flags:");
	for (; flags && *flags > ' '; flags++)
		low = (unsigned)(*flags <= '9' ? *flags - '0'
					       : *flags - 'a' + 10);
	return low & PERMISSION;
}

static bool any_answers(void)
{
	enum { ROOM = 2048 };
	char list[ROOM] __attribute__((aligned(8)));
	long dir = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/fd",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct vs_dirent64 *e;
	long n;

	while ((n = vs_sys(SYS_getdents64, dir, list, ROOM)) > 0) {
		for (long at = 0; at < n; at += e->size) {
			e = (const void *)(list + at);
			if (answers(vs_name_number(e->name)))
				return true;
		}
	}
	return false;
}

/* Not only for a processor: the state is behind the name, which is in brackets
 * and may have some itself. */
static bool sleeps(long pid)
{
	char path[VS_PROC_PATH], text[256], state = 0;

	if (vs_proc_read(vs_proc_path(path, pid, "/stat"), text,
			 sizeof(text)) <= 0)
		return false;
	for (const char *at = text; *at; at++) {
		if (at[0] == ')' && at[1] == ' ')
			state = at[2];
	}
	return state == 'D';
}

/* In a task aside, with a copy of the descriptors: it ends with what it has
 * opened. */
static void ask(void *arg)
{
	struct question *q = arg;

	q->asked = any_answers() && sleeps(q->pid);
}

bool vs_txn_is_asked_by(long pid)
{
	struct question q = {.pid = pid};

	if (vs_aside(ask, &q) || !q.asked)
		return false;
	vs_txn_answers();
	return true;
}

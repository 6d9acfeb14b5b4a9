/* SPDX-License-Identifier: MIT
 *
 * Appending to a file in one write, so that what several processes write stays
 * apart. The descriptor is in a table that other threads would see: where there
 * are any, it is opened in one of its own (kernel/task/aside.h). Nothing here
 * may block, or kill: a pipe without a reader, a disk that is full or a file at
 * its limit is an error.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>

#include "base/compiler.h"
#include "kernel/sigmask.h"
#include "kernel/task/aside.h"
#include "kernel/ksignal.h"
#include "kernel/proc/pid_namespace.h"
#include "kernel/proc/status.h"
#include "kernel/unharmed/write_unharmed.h"
#include "libc/threads.h"
#include "stats/internal.h"

bool vs_expand(struct vs_text *path, const char *name)
{
	uint64_t pid = (uint64_t)vs_sys(SYS_getpid);

	for (; *name; name++) {
		if (name[0] == '%' && name[1] == 'p') {
			vs_put_number(path, pid, 0);
			name++;
		} else {
			vs_put_bytes(path, name, 1);
		}
	}
	vs_put_bytes(path, "", 1);
	return !path->cut;
}

long vs_write_text(long fd, const struct vs_text *text)
{
	long r = vs_write_unharmed(fd, text->buf, text->size);

	if (r >= 0 && (size_t)r < text->size)
		return -ENOSPC;
	return r < 0 ? r : 0;
}

struct work {
	const char *path;
	const struct vs_text *text;
	long result;
};

static void append(void *arg)
{
	enum { HOW = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY };
	struct work *w = arg;
	long fd = vs_sys(SYS_openat, AT_FDCWD, w->path, HOW | O_NONBLOCK, 0666);

	w->result = fd;
	if (fd < 0)
		return;
	w->result = vs_write_text(fd, w->text);
	vs_sys(SYS_close, fd);
}

/* No handler may find the descriptor, but for SIGSYS: a filter may send that.
 */
long vs_append(const char *path, const struct vs_text *text, bool unseen)
{
	struct work work = {.path = path, .text = text, .result = -EINTR};
	vs_sigset old;
	long r;

	if (unseen && !vs_single_threaded() && !vs_only_thread()) {
		if (vs_children_elsewhere(true))
			return -ECHILD;
		r = vs_aside(append, &work);
		if (r != -ENOSYS)
			return r ? r : work.result;
	}
	vs_block_most(&old);
	append(&work);
	vs_unblock(&old);
	return work.result;
}

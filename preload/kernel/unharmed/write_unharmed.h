/* SPDX-License-Identifier: MIT
 * Writing to what may not take it. */
#ifndef VS_WRITE_UNHARMED_H
#define VS_WRITE_UNHARMED_H

#include <errno.h>
#include <time.h>

#include "kernel/sigmask.h"

/* write(). A file at its limit or a pipe without a reader is no reason to die.
 * What the write raises is taken back; a filter of the program's may kill for
 * the call that does it, so only then. */
static inline long vs_write_unharmed(long fd, const char *buf, size_t size)
{
	vs_sigset set = {0}, old = {0};
	struct timespec now = {0, 0};
	long r;

	vs_sigset_add(&set, SIGXFSZ);
	vs_sigset_add(&set, SIGPIPE);
	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, VS_KSIGSET_SIZE);
	r = vs_sys(SYS_write, fd, buf, size);
	if (r == -EFBIG || r == -EPIPE)
		vs_sys(SYS_rt_sigtimedwait, &set, NULL, &now, VS_KSIGSET_SIZE);
	vs_unblock(&old);
	return r;
}

#endif

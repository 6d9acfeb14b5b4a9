/* SPDX-License-Identifier: MIT
 * See log.h. */
#include "stats/tell/log.h"

#include <asm/termbits.h> /* TCGETS has the size of it on some CPUs */
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/config.h"
#include "base/line.h"
#include "kernel/sigmask.h"
#include "kernel/task/aside.h"
#include "kernel/lock.h"
#include "kernel/own_memory.h"
#include "kernel/sys.h"
#include "kernel/unharmed/write_unharmed.h"
#include "libc/threads.h"

/* What stderr was at load; 0: not known. */
static struct {
	uint64_t dev, ino;
} was;

static bool look_at_stderr(uint64_t *dev, uint64_t *ino)
{
#ifdef __GLIBC__
	struct stat64 st;
#else
	struct stat st;
#endif

	if (vs_sys(SYS_newfstatat, STDERR_FILENO, "", &st, AT_EMPTY_PATH))
		return false;
	*dev = st.st_dev;
	*ino = st.st_ino;
	return true;
}

void vs_log_prepare(void)
{
	look_at_stderr(&was.dev, &was.ino);
}

static bool is_still_stderr(void)
{
	uint64_t dev, ino;
	struct termios termios;

	if (!was.ino)
		return vs_sys(SYS_ioctl, STDERR_FILENO, TCGETS, &termios) == 0;
	return look_at_stderr(&dev, &ino) && dev == was.dev && ino == was.ino;
}

/* ---- a file ---- */

struct line {
	const char *file;
	const char *text;
	size_t size;
	long pid;
};

/* In one write, to the file's end: lines of several processes stay whole. */
static void append(void *arg)
{
	char name[512 + 64];
	const struct line *line = arg;
	struct vs_line to;
	long fd;

	to = vs_line_in(name, sizeof(name));
	vs_line_name(&to, line->file, line->pid);
	fd = vs_sys(SYS_openat, AT_FDCWD, name,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY |
			    O_NONBLOCK,
		    0666);
	if (fd < 0)
		return;
	vs_write_unharmed(fd, line->text, line->size);
	vs_sys(SYS_close, fd);
}

static vs_lock lock;

/* Signals are blocked: a handler may fork, and have something to say, too. A
 * child by vfork() or clone() has descriptors of its own, and is not to leave
 * the lock taken if it is killed, or to wait for who is not there. */
static void to_file(struct line *line)
{
	vs_sigset old;

	vs_block_all(&old);
	if (vs_memory_is_own()) {
		vs_lock_take(&lock);
		if (vs_single_threaded())
			append(line);
		else
			vs_aside(append, line);
		vs_lock_drop(&lock);
	} else {
		append(line);
	}
	vs_unblock(&old);
}

void vs_log_reset(void)
{
	vs_lock_reset(&lock);
}

void vs_log_text(const char *file, const char *text, size_t size)
{
	struct line line = {file, text, size, vs_sys(SYS_getpid)};

	if (!vs_begins(file, "stderr") || file[6])
		to_file(&line);
	else if (is_still_stderr())
		vs_write_unharmed(STDERR_FILENO, text, size);
}

void vs_log(const char *text, bool anyway)
{
	char room[1024];
	struct vs_line to = vs_line_in(room, sizeof(room) - 1);
	const char *file = vs_config.log;

	if (!file && !anyway)
		return;
	vs_line_put(&to, text);
	*to.at++ = '\n';
	vs_log_text(file ? file : "stderr", room, (size_t)(to.at - room));
}

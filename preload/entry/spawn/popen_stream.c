/* SPDX-License-Identifier: MIT
 *
 * What our popen() hands out is a stream of glibc's own making, fopencookie(),
 * whose close function waits for the child: so fclose(), freopen() and
 * pclose(), which is fclose() there, do the same to it as to one of glibc's
 * popen(), and need no wrappers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/errno.h"
#include "kernel/lock.h"
#include "entry/spawn/internal.h"
#include "libc/facts.h"

static vs_lock lock;

static struct stream {
	struct stream *next;
	int fd;
	pid_t pid;
} * streams;

void vs_popen_reset(void)
{
	vs_lock_reset(&lock);
}

/* ---- the stream; libc's stdio has locked it ---- */

/* A cancellation point, as write() below. */
static ssize_t read_some(void *cookie, char *to, size_t n)
{
	const struct stream *s = cookie;

	return vs_shell_libc()->read(s->fd, to, n);
}

/* Less than all is an error to libc, which must not be told of as -1. */
static ssize_t write_some(void *cookie, const char *from, size_t n)
{
	const struct stream *s = cookie;
	size_t done = 0;

	while (done < n) {
		ssize_t r =
			vs_shell_libc()->write(s->fd, from + done, n - done);

		if (r < 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

/* The wait status, which is also what pclose() returns; -1 if somebody else
 * has waited. Not a cancellation point. */
static int close_and_wait(void *cookie)
{
	struct stream *s = cookie, **at = &streams;
	int status = -1;
	long r;

	vs_lock_take(&lock);
	while (*at && *at != s)
		at = &(*at)->next;
	if (*at)
		*at = s->next;
	vs_lock_drop(&lock);
	r = vs_sys(SYS_close, s->fd);
	if (r >= 0 && s->pid > 0) {
		do {
			r = vs_sys(SYS_wait4, s->pid, &status, 0, NULL);
		} while (r == -EINTR);
	}
	free(s);
	return r < 0 ? (int)vs_return(r) : status;
}

#ifdef __GLIBC__
/* Without this ftell() would say EIO, not ESPIPE. */
static int seek(void *cookie, off64_t *to, int whence)
{
	const struct stream *s = cookie;

	return (int)vs_return(vs_sys(SYS_lseek, s->fd, *to, whence));
}

static FILE *make_file(struct stream *s, bool reads)
{
	const cookie_io_functions_t functions = {.read = read_some,
						 .write = write_some,
						 .seek = seek,
						 .close = close_and_wait};
	__typeof__(&fopencookie) make =
		__extension__(__typeof__(make)) vs_shell_libc()->fopencookie;

	return make ? make(s, reads ? "r" : "w", functions) : NULL;
}

/* For fileno(). The structure has been the same since glibc 2.1. */
static void set_fd(FILE *file, int fd)
{
	file->_fileno = fd;
}

#else
static FILE *make_file(struct stream *s, bool reads)
{
	(void)s;
	(void)reads;
	(void)read_some;
	(void)write_some;
	(void)close_and_wait;
	return NULL;
}

static void set_fd(FILE *file, int fd)
{
	(void)file;
	(void)fd;
}
#endif

/* ---- popen() ---- */

/* With the parent's ends of earlier streams closed in the child. The lock is
 * held. */
static long spawn(const char *command, int end, int as)
{
	struct vs_attr attr = {0};
	int n = 1;

	for (struct stream *s = streams; s; s = s->next)
		n++;

	struct vs_action actions[n];

	actions[0] = (struct vs_action){.kind = VS_DUP2, .dup2 = {end, as}};
	n = 1;
	for (struct stream *s = streams; s; s = s->next) {
		if (s->fd != as)
			actions[n++] = (struct vs_action){.kind = VS_CLOSE,
							  .fd = s->fd};
	}
	return vs_shell_spawn(command, &attr, actions, n);
}

/* 0, -errno, or VS_SHELL_NOT. */
static long start(struct stream *s, const char *command, int theirs, bool reads)
{
	vs_lock_take(&lock);
	s->pid = (pid_t)spawn(command, theirs, reads);
	if (s->pid > 0) {
		s->next = streams;
		streams = s;
	}
	vs_lock_drop(&lock);
	return s->pid > 0 ? 0 : s->pid;
}

static struct stream *make_stream(int fd)
{
	/* Not malloc(), which would be one more function to link with: the
	 * barrier keeps the compiler from seeing that it is the same. */
	struct stream *s = NULL;

	__asm__("" : "+r"(s));
	s = realloc(s, sizeof(*s)); /* NOLINT(*realloc*): it is NULL */
	if (s)
		*s = (struct stream){.fd = fd};
	return s;
}

/* The stream is made first: nothing can fail once the child is there. Takes
 * over the descriptors. */
FILE *vs_popen_start(const char *command, const int pipe[2], bool reads,
		     bool *here)
{
	struct stream *s = make_stream(pipe[!reads]);
	FILE *file = s ? make_file(s, reads) : NULL;
	long error = -ENOMEM;

	if (file) {
		error = start(s, command, pipe[reads], reads);
		set_fd(file, s->fd);
		if (error)
			vs_shell_libc()->fclose(file);
	} else {
		free(s);
		vs_sys(SYS_close, pipe[!reads]);
	}
	vs_sys(SYS_close, pipe[reads]);
	*here = error != VS_SHELL_NOT;
	if (!error)
		return file;
	/* glibc's that spawns said so to whatever it was, until 2.38. */
	if (vs_glibc_minor() >= 29 && vs_glibc_minor() < 38)
		error = -ENOMEM;
	vs_return(error);
	return NULL;
}

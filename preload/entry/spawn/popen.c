/* SPDX-License-Identifier: MIT
 * popen(), under each of its names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/errno.h"
#include "entry/spawn/internal.h"
#include "libc/facts.h"

/* glibc has these, too; no header does: popen()'s name there, and a part. */
FILE *_IO_proc_open(FILE *stream, const char *command, const char *mode);
VS_EXPORT FILE *vs_entry_popen(const char *, const char *) __asm__("popen");
VS_EXPORT FILE *vs_entry_IO_popen(const char *,
				  const char *) __asm__("_IO_popen")
	__attribute__((alias("popen")));

/* Exactly one of r and w, and any number of e: by glibc since 2.9. */
static bool parse(const char *mode, bool *reads, bool *cloexec)
{
	bool writes = false;

	*reads = *cloexec = false;
	for (; *mode; mode++) {
		if (*mode == 'r')
			*reads = true;
		else if (*mode == 'w')
			writes = true;
		else if (*mode == 'e')
			*cloexec = true;
		else
			return false;
	}
	return *reads != writes;
}

/* Sets *here if this is not a call for libc's popen(). */
static FILE *own_popen(const char *command, const char *mode, bool *here)
{
	bool reads, cloexec;
	int pipe[2];
	FILE *file;
	long r;

	*here = true;
	if (!parse(mode, &reads, &cloexec)) {
		errno = EINVAL;
		return NULL;
	}
	r = vs_sys(SYS_pipe2, pipe, O_CLOEXEC);
	if (r) {
		vs_return(r);
		return NULL;
	}
	file = vs_popen_start(command, pipe, reads, here);
	if (file && !cloexec)
		vs_sys(SYS_fcntl, pipe[!reads], F_SETFD, 0);
	return file;
}

FILE *vs_entry_popen(const char *command, const char *mode)
{
	bool here = false, forks = vs_libc_shell_forks();
	uintptr_t caller = (uintptr_t)__builtin_return_address(0);
	uint64_t start_time = vs_stats_start();
	int saved = errno;
	FILE *file = NULL;

	vs_true_child(VS_ENTRY_popen);
	if (VS_POPEN_OURS && vs_shell_ours() && !vs_interposed(VS_ENTRY_popen))
		file = own_popen(command, mode, &here);
	if (here) {
		vs_shell_called(VS_ENTRY_popen, true, command, caller,
				start_time, file ? 0 : -errno);
		if (file)
			errno = saved;
		return file;
	}
	errno = saved;
	vs_inner_fork_begins(forks, VS_CALLER_SP);
	file = VS_REAL(popen)(command, mode);
	vs_inner_fork_ends(forks);
	vs_shell_called(VS_ENTRY_popen, false, command, caller, start_time,
			file ? 0 : -errno);
	return file;
}

/* Only libc has a `stream` to call this with, which forks before 2.29. */
VS_EXPORT FILE *_IO_proc_open(FILE *stream, const char *command,
			      const char *mode)
{
	bool forks = vs_libc_shell_forks();

	vs_true_child(VS_ENTRY__IO_proc_open);
	vs_inner_fork_begins(forks, VS_CALLER_SP);
	stream = VS_REAL(_IO_proc_open)(stream, command, mode);
	vs_inner_fork_ends(forks);
	return stream;
}

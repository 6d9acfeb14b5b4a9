/* SPDX-License-Identifier: MIT
 * execve() and execveat(): the end of the transaction, if they succeed. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/config.h"
#include "kernel/point.h"
#include "kernel/sys.h"
#include "rules/rules.h"
#include "txn/calls/exec/exec.h"
#include "txn/calls/fd/mem_fd.h"
#include "txn/child/audit.h"
#include "txn/child/internal.h"

/* File systems whose server may keep an exec waiting, and may be the parent
 * itself: linux/magic.h, and of those that are not there their own headers. */
static const uint32_t served[] = {
	0x65735546, /* FUSE */
	0x6969,	    /* NFS */
	0x517b,	    /* SMB */
	0xff534d42, /* CIFS */
	0xfe534d42, /* SMB2 */
	0x0187,	    /* autofs */
	0x01021997, /* 9p */
	0x00c36400, /* Ceph */
	0x5346414f, /* AFS */
	0x73757245, /* Coda */
};

bool vs_is_served(const struct statfs *fs)
{
	for (unsigned i = 0; i < VS_COUNT(served); i++) {
		if ((uint32_t)fs->f_type == served[i])
			return true;
	}
	return false;
}

static bool is_served(long dir, const char *path)
{
	struct statfs fs;
	long r;

	if (dir == AT_FDCWD || *path == '/')
		r = vs_sys(SYS_statfs, path, &fs);
	else
		r = vs_sys(SYS_fstatfs, dir, &fs);
	if (r && r != -EOVERFLOW)
		return false; /* then exec fails, too */
	return vs_is_served(&fs);
}

/* What would fail for want of the file, which may be all but one of the tries
 * of execvp(), is not to be preceded by what waits for the exec. */
static long wants_file(const char *path)
{
	long r = vs_sys(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);

	return r == -ENOENT || r == -ENOTDIR || r == -EACCES ? r : 0;
}

/* All of it can be read by now. */
static void leave_command(const char *path, char *const *argv)
{
	struct vs_command *to = vs_txn_command();
	const char *next = path;

	to->size = 0;
	to->cut = false;
	for (; next; next = argv ? *argv++ : NULL) {
		size_t n = vs_length(next, '\0') + 1;
		size_t room = VS_COMMAND_ROOM - to->size;

		to->cut = n > room;
		if (to->cut)
			n = room;
		vs_copy_up(to->text + to->size, next, n);
		to->size += (unsigned)n;
		if (to->cut)
			break;
	}
}

/* Dispatch stays on: a failed exec comes back to it. */
long vs_exec_call(long nr, const long args[6])
{
	bool at = nr == SYS_execveat;
	long dir = at ? vs_mem_fd_hide((int)args[0]) : AT_FDCWD, r;
	const char *path = (const char *)args[at];
	char *const *argv = (char *const *)args[at + 1];
	char *const *envp = (char *const *)args[at + 2];

	VS_POINT(exec);
	vs_mem_fd_want_path(nr, path);
	vs_exec_gather(&argv, &envp);
	vs_pages_want_strings(argv);
	vs_pages_want_strings(envp);
	if (vs_rules_forbid_exec(path))
		vs_child_rollback(VS_UNDONE_RULE, 0);
	if (path && is_served(dir, path))
		vs_child_rollback(VS_UNDONE_SERVED, 0);
	if (!at && vs_deferred_waits()) {
		r = wants_file(path);
		if (r)
			return r;
	}
	if (vs_unlikely(vs_config.reports & VS_REPORT_TRACE) && path)
		leave_command(path, argv);
	VS_POINT(strings);
	if (vs_unlikely(vs_txn.audited))
		vs_audit_exec(path);
	vs_txn.page->worked =
		(unsigned)(vs_clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000);
	/* Before any signal is let through: one that kills from here on is
	 * somebody else's. */
	if (!vs_txn_step(VS_TXN_RUN, VS_TXN_EXEC))
		vs_child_rollback(VS_UNDONE_TIMEOUT, 0);
	VS_POINT(sure);
	vs_signals_before_exec();
	VS_POINT(restored);
	if (!vs_deferred_apply())
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_ioctl);
	VS_POINT(execve);
	r = at ? vs_sys(nr, dir, path, argv, envp, args[4])
	       : vs_sys(nr, path, argv, envp);
	vs_deferred_restore();
	vs_signals_after_exec();
	atomic_store(&vs_txn.page->phase, VS_TXN_RUN);
	return r;
}

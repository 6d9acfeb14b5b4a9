/* SPDX-License-Identifier: MIT
 *
 * A failed exec in a child that shares memory. What mostly follows is another
 * exec, or _exit: those it may do as it is. For anything else it becomes a
 * true child first. Syscall User Dispatch tells which: from the failure on,
 * every system call made outside this library raises SIGSYS. Without it the
 * change is made at the failure.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include "kernel/dispatch.h"
#include "share/internal.h"

#if VS_ARCH_SHARE

static bool is_regular(long fd)
{
#	ifdef __GLIBC__
	struct stat64 st;
#	else
	struct stat st;
#	endif

	return !vs_sys(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) &&
	       S_ISREG(st.st_mode);
}

/* The parent sleeps meanwhile, and may be the reader. */
static bool writes_at_once(long fd, long size)
{
	struct pollfd poll = {.fd = (int)fd, .events = POLLOUT};
	struct timespec now = {0, 0};

	return (unsigned long)size <= PIPE_BUF &&
	       vs_sys(SYS_ppoll, &poll, 1, &now, NULL, 0) == 1 &&
	       poll.revents == POLLOUT;
}

/*
 * Done without becoming a true child. Memory calls and futexes because malloc
 * makes them with locks held that fork() takes, which would deadlock; so does
 * the first lookup of a user, which reads nsswitch.conf. A message, because a
 * stream is locked meanwhile, and would stay so in the parent. The rest so that
 * a search for the next program to try costs nothing.
 */
static bool may_share(long nr, const long args[6])
{
	switch (nr) {
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mprotect:
	case SYS_mremap:
	case SYS_madvise:
	case SYS_brk:
	case SYS_futex:
	case SYS_getpid:
	case SYS_getppid:
	case SYS_getuid:
	case SYS_geteuid:
	case SYS_close:
	case SYS_fstat:
	case SYS_newfstatat:
	case SYS_faccessat:
	case SYS_readlinkat:
	case SYS_lseek:
#	ifdef SYS__llseek
	case SYS__llseek:
#	endif
#	ifdef SYS_stat
	case SYS_stat:
	case SYS_access:
	case SYS_readlink:
#	endif
		return true;
	case SYS_write:
		return writes_at_once(args[0], args[2]);
	case SYS_openat:
		return !(args[2] & (O_ACCMODE | O_CREAT | O_TRUNC));
	case SYS_read:
	case SYS_pread64:
		return is_regular(args[0]);
	default:
		return false;
	}
}

static void trapped(int sig, siginfo_t *info, void *context);

/* An exec that did not go through our wrappers. */
static void exec_trapped(struct vs_share *s, ucontext_t *uc, long nr,
			 const long a[6])
{
	vs_share_report(vs_ctx_sp(uc));
	vs_share_disarm(s);
	vs_ctx_result(uc, vs_syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5]));
	s->left = false;
	if (!vs_share_arm(s, trapped))
		vs_share_become_true_child();
}

/* The trapped call is made again, in the true child. */
static void become_true(struct vs_share *s, ucontext_t *uc)
{
	if (s->sigsys_blocked)
		vs_set_mask(uc, vs_get_mask(uc) | VS_SIGBIT(SIGSYS));
	vs_share_report(vs_ctx_sp(uc));
	vs_share_become_true_child();
}

static void handle(struct vs_share *s, ucontext_t *uc, long nr)
{
	long a[6];

	vs_ctx_args(uc, a);
	switch (nr) {
	case SYS_exit:
	case SYS_exit_group:
		vs_share_report(vs_ctx_sp(uc));
		vs_sys(nr, a[0]);
		return;
	case SYS_execve:
	case SYS_execveat:
		exec_trapped(s, uc, nr, a);
		return;
	}
	if (may_share(nr, a)) {
		vs_ctx_result(uc, vs_syscall6(nr, a[0], a[1], a[2], a[3], a[4],
					      a[5]));
		return;
	}
	become_true(s, uc);
	vs_ctx_again(uc);
}

static void trapped(int sig, siginfo_t *info, void *context)
{
	struct vs_share *s = vs_sharing;

	if (info->si_code == VS_SYS_USER_DISPATCH) {
		handle(s, context, info->si_syscall);
	} else {
		become_true(s, context);
		vs_sys(SYS_tgkill, vs_sys(SYS_getpid), vs_sys(SYS_gettid), sig);
	}
	vs_handler_end(context);
}

/* Mask and ignored signals outlive an exec: the true ones must be set. */
void vs_share_exec_begins(uintptr_t cfa)
{
	struct vs_share *s = vs_sharing;

	vs_share_report(cfa);
	if (s->armed)
		vs_share_disarm(s);
}

void vs_share_exec_failed(void)
{
	struct vs_share *s = vs_sharing;

	s->left = false;
	if (!s->armed && !vs_share_arm(s, trapped))
		vs_share_become_true_child();
}

#endif

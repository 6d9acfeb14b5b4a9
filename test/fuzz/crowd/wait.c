/* SPDX-License-Identifier: MIT
 * Several children at once: the ways to wait, and what is said of whom. */
#include <sys/resource.h>
#include <sys/syscall.h>

#include "crowd/crowd.h"

#ifndef P_PIDFD
#	define P_PIDFD 3
#endif

const char *which(int pid)
{
	static const char *const names[] = {"#0", "#1", "#2", "#3", "#4", "#5"};

	for (int i = 0; i < crowd.count; i++) {
		if (crowd.member[i].pid == pid)
			return names[i];
	}
	return pid < -1 ? "group" : pid < 0 ? "any" : who(pid);
}

void say_info(const siginfo_t *info)
{
	say(" %s signal %d code %d status %x uid %d", which(info->si_pid),
	    info->si_signo, info->si_code, (unsigned)info->si_status,
	    (int)info->si_uid);
}

static void wait_by_id(struct rng *r, int pid, int options)
{
	static const int what[] = {WEXITED, WEXITED, WEXITED | WSTOPPED,
				   WEXITED | WCONTINUED, WSTOPPED};
	static const int more[] = {0, WNOWAIT, WNOWAIT, __WALL, __WCLONE};
	static const int types[] = {P_ALL, P_ALL, P_PID, P_PGID, P_PIDFD};
	int type = PICK(r, types), id = pid;
	siginfo_t info = {0};
	long done;

	options |= PICK(r, what) | PICK(r, more);
	if (type == P_PGID && once_in(r, 2))
		id = 0;
	if (type == P_PIDFD)
		id = (int)vs_sys(SYS_pidfd_open, pid, 0);
	if (once_in(r, 2))
		done = waitid((idtype_t)type, (id_t)id, &info, options) ? -errno
									: 0;
	else
		done = CALL(r, SYS_waitid, type, id, L(&info), options, 0);
	if (type == P_PIDFD)
		vs_sys(SYS_close, id);
	say(" waitid %d %s %x = %ld", type, which(pid), options, done);
	say_info(&info);
}

void wait_by_pid(struct rng *r, int pid, int options)
{
	static const int more[] = {0, 0, WUNTRACED, WCONTINUED, __WALL};
	struct rusage usage;
	int status = 0;
	pid_t got;

	options |= PICK(r, more);
	switch (below(r, 6)) {
	case 0:
		break;
	case 1:
		pid = 0;
		break;
	case 2:
		pid = -pid;
		break;
	default:
		pid = -1;
	}
	errno = 0;
	if (once_in(r, 3))
		got = wait4(pid, &status, options, &usage);
	else
		got = waitpid(pid, &status, options);
	say(" wait %s %x = %s %d %x", which(pid), options,
	    got < 0 ? "error" : which(got), got < 0 ? errno : 0,
	    (unsigned)status);
}

void wait_at_once(struct rng *r)
{
	const struct member *m = &crowd.member[below(r, (unsigned)crowd.count)];

	if (once_in(r, 2))
		wait_by_id(r, m->pid, WNOHANG);
	else
		wait_by_pid(r, m->pid, WNOHANG);
}

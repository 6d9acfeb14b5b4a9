/* SPDX-License-Identifier: MIT
 *
 * Everything a process can observe about itself, but for what must differ: ids
 * of processes, addresses, times, counts of resources. By system calls.
 */
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/vfs.h>

#include "fuzz.h"

bool in_proc(int fd)
{
	struct statfs fs = {0};

	return !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

static void dump_fd(int fd)
{
	long flags = vs_sys(SYS_fcntl, fd, F_GETFD);
	struct stat st;

	if (flags < 0)
		return;
	if (fstat(fd, &st))
		say("fd %d no stat\n", fd);
	say("fd %d flags %lx %lx mode %o links %d size %ld %s", fd, flags,
	    vs_sys(SYS_fcntl, fd, F_GETFL), st.st_mode,
	    /* /proc has one for each process. */
	    in_proc(fd) ? 0 : (int)st.st_nlink,
	    S_ISREG(st.st_mode) ? (long)st.st_size : 0, which_file(&st));
	if ((S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) && !in_proc(fd))
		say(" at %ld", vs_sys(SYS_lseek, fd, 0, SEEK_CUR));
	say("\n");
}

/* Where descriptors can be: all would take more time than everything else. */
static void dump_fds(void)
{
	static const int ranges[][2] = {{0, 140},    {245, 265},   {495, 515},
					{990, 1040}, {1195, 1215}, {2040, 2060},
					{4080, 4100}};

	for (int i = 0; i < LENGTH(ranges); i++) {
		for (int fd = ranges[i][0]; fd < ranges[i][1]; fd++)
			dump_fd(fd);
	}
}

/* What getdents64 writes. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

void say_listing(int fd, char *room, size_t size)
{
	uint64_t names = 1;
	const struct entry *e;
	int count = 0;
	long n;

	while ((n = vs_sys(SYS_getdents64, fd, room, size)) > 0) {
		for (long at = 0; at < n; at += e->size, count++) {
			e = (const void *)(room + at);
			names = hash(names, e->name, strlen(e->name));
			names = hash(names, &e->type, 1);
			if (count < 12)
				say(" %s", e->name);
		}
	}
	/* The numbers of files are in there. */
	memset(room, 3, size);
	say(" %d names %lx end %ld", count, names, n);
}

static void dump_listing(void)
{
	char room[5000] __attribute__((aligned(8)));
	long fd = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/fd",
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	say("listing %ld", fd);
	if (fd >= 0)
		say_listing((int)fd, room, sizeof(room));
	say("\n");
	vs_sys(SYS_close, fd);
}

/* As the kernel has it: libc hides two signals. */
struct disposition {
	void (*handler)(int);
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

static void dump_signals(void)
{
	uint64_t mask = 0, pending = 0;
	stack_t stack = {0};

	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	vs_sys(SYS_rt_sigpending, &pending, 8);
	say("mask %lx pending %lx\n", mask, pending);
	for (int sig = 1; sig <= 64; sig++) {
		struct disposition d = {0};

		vs_sys(SYS_rt_sigaction, sig, NULL, &d, 8);
		if (d.handler == SIG_DFL && !d.flags && !d.mask)
			continue;
		say("signal %d %s flags %lx mask %lx\n", sig,
		    d.handler == SIG_DFL   ? "default"
		    : d.handler == SIG_IGN ? "ignored"
					   : "handled",
		    d.flags, d.mask);
	}
	vs_sys(SYS_sigaltstack, NULL, &stack);
	/* Exec leaves this flag (SS_AUTODISARM) on a stack that is none. */
	if (stack.ss_flags & SS_DISABLE)
		stack.ss_flags = SS_DISABLE;
	say("altstack %d %lu\n", stack.ss_flags, (unsigned long)stack.ss_size);
}

static void dump_ids(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {{0}};
	unsigned r, e, s;
	gid_t groups[64];
	int n;

	getresuid(&r, &e, &s);
	say("uid %d %d %d ", r, e, s);
	getresgid(&r, &e, &s);
	say("gid %d %d %d groups", r, e, s);
	n = getgroups(LENGTH(groups), groups);
	for (int i = 0; i < n; i++)
		say(" %d", groups[i]);
	vs_sys(SYS_capget, &header, caps);
	say("\ncaps %x %x %x %x %x %x\n", caps[0].effective, caps[0].permitted,
	    caps[0].inheritable, caps[1].effective, caps[1].permitted,
	    caps[1].inheritable);
	say("ppid %s group %s session %s\n", who(getppid()), who(getpgrp()),
	    who(getsid(0)));
}

static void dump_limits(void)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = {0};

		vs_sys(SYS_prlimit64, 0, i, NULL, &limit);
		say("limit %d %lx %lx\n", i, limit.rlim_cur, limit.rlim_max);
	}
}

static void dump_scheduling(void)
{
	struct sched_param param = {0};
	unsigned long set[16] = {0};
	struct itimerval timer;
	long r;

	vs_sys(SYS_sched_getparam, 0, &param);
	say("nice %ld policy %ld priority %d io %ld\n",
	    vs_sys(SYS_getpriority, PRIO_PROCESS, 0),
	    vs_sys(SYS_sched_getscheduler, 0), param.sched_priority,
	    vs_sys(SYS_ioprio_get, 1, 0));
	r = vs_sys(SYS_sched_getaffinity, 0, sizeof(set), set);
	say("affinity %ld %lx\n", r, set[0]);
	for (int which = 0; which < 3; which++) {
		vs_sys(SYS_getitimer, which, &timer);
		say("timer %d %s interval %ld\n", which,
		    timer.it_value.tv_sec || timer.it_value.tv_usec ? "on"
								    : "off",
		    (long)timer.it_interval.tv_sec);
	}
}

static void dump_prctl(void)
{
	static const int options[] = {PR_GET_DUMPABLE,	  PR_GET_KEEPCAPS,
				      PR_GET_TIMERSLACK,  PR_GET_SECUREBITS,
				      PR_GET_THP_DISABLE, PR_GET_NO_NEW_PRIVS,
				      PR_GET_SECCOMP,	  PR_GET_TIMING};
	int value = -1;
	char name[16];

	for (int i = 0; i < LENGTH(options); i++)
		say("prctl %d %ld\n", options[i],
		    vs_sys(SYS_prctl, options[i], 0, 0, 0, 0));
	vs_sys(SYS_prctl, PR_GET_PDEATHSIG, &value);
	say("death signal %d", value);
	vs_sys(SYS_prctl, PR_GET_CHILD_SUBREAPER, &value);
	say(" subreaper %d", value);
	vs_sys(SYS_prctl, PR_GET_NAME, name);
	say(" name %.16s personality %x secure %lu\n", name,
	    personality(0xffffffff), getauxval(AT_SECURE));
}

static void dump_paths(void)
{
	char path[PATH_MAX] = "?";
	mode_t mask = umask(0);
	struct stat st;

	umask(mask);
	say("cwd %d ", vs_sys(SYS_getcwd, path, sizeof(path)) > 0);
	if (in_process_folder(path))
		strcpy(path, "/proc/id");
	say("%s umask %o root ", path, mask);
	say("%s\n", stat("/", &st) ? "?" : which_file(&st));
}

void dump(void)
{
	dump_fds();
	dump_listing();
	dump_signals();
	dump_ids();
	dump_limits();
	dump_scheduling();
	dump_prctl();
	dump_paths();
}

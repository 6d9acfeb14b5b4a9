/* SPDX-License-Identifier: MIT
 * System calls that are harmless only in some cases, each with its question:
 * whose object it is, who else can see it, what a second time would do. */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "txn/calls/internal.h"

/* Of linux/prctl.h, since the version of Linux that is given. */
enum {
	SET_IO_FLUSHER = 57,   /* 5.6 */
	GET_IO_FLUSHER = 58,   /* 5.6 */
	GET_MDWE = 66,	       /* 6.3 */
	SET_MEMORY_MERGE = 67, /* 6.4 */
	GET_MEMORY_MERGE = 68, /* 6.4 */
	SET_VMA = 0x53564d41,  /* 5.17: names for anonymous memory */
};

/* Of memory that is as the child believes. */
static long name_memory(const long args[6])
{
	enum { LONGEST = 128 };

	if (vs_pages_lazy((uintptr_t)args[2], (uintptr_t)args[3]) ||
	    vs_pages_shared((uintptr_t)args[2], (uintptr_t)args[3]))
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, SYS_prctl);
	vs_child_want((uintptr_t)args[4], LONGEST);
	return vs_sys(SYS_prctl, args[0], args[1], args[2], args[3], args[4]);
}

/* Attributes of the child itself. */
long vs_prctl_call(const long args[6])
{
	enum { STRUCT = 64 }; /* the longest of what these point to: a name */

	vs_child_want((uintptr_t)args[1], STRUCT);
	switch (args[0]) {
	case PR_SET_PDEATHSIG:
	case PR_GET_PDEATHSIG:
	case PR_SET_NAME:
	case PR_GET_NAME:
	case PR_SET_KEEPCAPS:
	case PR_GET_KEEPCAPS:
	case PR_SET_DUMPABLE:
	case PR_GET_DUMPABLE:
	case PR_SET_NO_NEW_PRIVS:
	case PR_GET_NO_NEW_PRIVS:
	case PR_SET_SECUREBITS:
	case PR_GET_SECUREBITS:
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
	case PR_CAP_AMBIENT:
	case PR_SET_TIMERSLACK:
	case PR_GET_TIMERSLACK:
	case PR_GET_SECCOMP:
	case PR_SET_CHILD_SUBREAPER:
	case PR_GET_CHILD_SUBREAPER:
	case PR_SET_THP_DISABLE:
	case PR_GET_THP_DISABLE:
	case PR_SET_SPECULATION_CTRL:
	case PR_GET_SPECULATION_CTRL:
	case PR_SET_PTRACER: /* who may, of a task that is there */
	case PR_MCE_KILL:
	case PR_MCE_KILL_GET:
	case PR_GET_TSC:
	case PR_GET_TIMING:
	case SET_IO_FLUSHER:
	case GET_IO_FLUSHER:
	case GET_MDWE:
	case SET_MEMORY_MERGE:
	case GET_MEMORY_MERGE:
		return vs_sys(SYS_prctl, args[0], args[1], args[2], args[3],
			      args[4]);
	case SET_VMA:
		return name_memory(args);
	default:
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_prctl);
	}
}

/* Of the first three a child that has but been forked has its own already; a
 * namespace of the last two is seen by nobody who is not in it, and gone with
 * the child. One of IPC or of networks goes later, and counts against a limit
 * until then; who has new mounts could not find what it has made; and the first
 * child of a new namespace of processes is its init. */
long vs_unshare_call(const long args[6])
{
	enum {
		OWN_ALREADY = CLONE_FS | CLONE_FILES | CLONE_SYSVSEM,
		UNSEEN = CLONE_NEWUTS | CLONE_NEWCGROUP
	};

	if (args[0] & ~(long)(OWN_ALREADY | UNSEEN))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_unshare);
	return vs_sys(SYS_unshare, args[0]);
}

/* One that is there already, and of which who is in it makes no difference to
 * the others: not another root or other users, by which it would have to find
 * what it has made. */
long vs_setns_call(const long args[6])
{
	enum {
		PLAIN = CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
			CLONE_NEWCGROUP,
		GET_KIND = 0xb703,	/* NS_GET_NSTYPE in linux/nsfs.h */
		NSFS_MAGIC = 0x6e736673 /* linux/magic.h */
	};
	long fd = vs_mem_fd_hide(args[0]), kind;
	struct statfs fs;

	if (vs_sys(SYS_fstatfs, fd, &fs) || fs.f_type != NSFS_MAGIC)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_setns);
	kind = vs_sys(SYS_ioctl, fd, GET_KIND);
	if (kind < 0 || kind & ~(long)PLAIN)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_setns);
	return vs_sys(SYS_setns, fd, args[1]);
}

/* But for SCHED_DEADLINE: what is promised to one is not to be had by others,
 * and for a while after its end (kernel/sched/deadline.c). */
long vs_sched_attr_call(const long args[6])
{
	enum { DEADLINE = 6, SIZE = 64 };
	const struct {
		uint32_t size, policy;
	} *attr = (void *)args[1];

	vs_child_want((uintptr_t)attr, SIZE);
	if ((args[0] && args[0] != vs_sys(SYS_getpid)) || !attr ||
	    attr->policy == DEADLINE)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_sched_setattr);
	return vs_sys(SYS_sched_setattr, args[0], attr, args[2]);
}

/* A signal is sent to nobody, if nobody is there. */
long vs_kill_call(const long args[6])
{
	long r = vs_sys(SYS_kill, args[0], 0);

	if ((int)args[1] && r != -ESRCH)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_kill);
	return r;
}

/* ru_maxrss is that of a copy of the parent. It is the first of the longs
 * behind two times, which in libc's struct may have other types. */
long vs_usage_call(const long args[6])
{
	enum { MAXRSS = 4, STRUCT = 18 * sizeof(long) };
	long *usage = (long *)args[1], peak, r;

	vs_child_want((uintptr_t)usage, STRUCT);
	r = vs_sys(SYS_getrusage, args[0], usage);
	if (r || (int)args[0] == RUSAGE_CHILDREN)
		return r;
	peak = (long)vs_status_peak(SYS_getrusage);
	if (usage[MAXRSS] < peak)
		usage[MAXRSS] = peak;
	return 0;
}

/* What it has made it must be able to find again. */
long vs_chroot_call(long nr, const long args[6])
{
	if (vs_undo_has_files())
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_mem_fd_want_path(nr, (const char *)args[0]);
	return vs_sys(nr, args[0]);
}

/* The list is ours until exec, which begins with none. */
long vs_robust_list_call(const long args[6])
{
	return args[1] == sizeof(struct robust_list_head) ? 0 : -EINVAL;
}

/* With flags it is a question, and makes none. */
long vs_landlock_new_call(const long args[6])
{
	vs_child_want((uintptr_t)args[0], (uintptr_t)args[1]);
	if (args[2])
		return vs_sys(SYS_landlock_create_ruleset, args[0], args[1],
			      args[2]);
	return vs_new_fd_call(SYS_landlock_create_ruleset, args);
}

/* The file that a rule is about has a descriptor: struct
 * landlock_path_beneath_attr, which is packed, in linux/landlock.h. */
long vs_landlock_rule_call(const long args[6])
{
	enum { PATH_BENEATH = 1, FILE_AT = 8 };
	const char *rule = (const char *)args[2];

	vs_child_want((uintptr_t)rule, FILE_AT + sizeof(int));
	if (vs_owner(args[0]) != VS_FD_PIPE ||
	    ((int)args[1] == PATH_BENEATH &&
	     vs_mem_fd_is(*(const int *)(const void *)(rule + FILE_AT))))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_landlock_add_rule);
	return vs_sys(SYS_landlock_add_rule, args[0], args[1], rule, args[3]);
}

/* What it has made it must be able to take away. */
long vs_landlock_call(const long args[6])
{
	if (vs_undo_has_files() || vs_owner(args[0]) != VS_FD_PIPE)
		vs_child_rollback(VS_UNDONE_SYSCALL,
				  SYS_landlock_restrict_self);
	vs_child.confined = true;
	return vs_sys(SYS_landlock_restrict_self, args[0], args[1]);
}

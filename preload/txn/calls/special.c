/* SPDX-License-Identifier: MIT
 * System calls that are harmless only in some cases, each with its question:
 * whose object it is, who else can see it, what a second time would do. */
#include <errno.h>
#include <sys/prctl.h>

#include "txn/calls/internal.h"

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
		return vs_sys(SYS_prctl, args[0], args[1], args[2], args[3],
			      args[4]);
	default:
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_prctl);
	}
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
	    (args[1] == PATH_BENEATH &&
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

/* SPDX-License-Identifier: MIT
 * Steps on who the process is, and whose it is. */
#include <linux/capability.h>

#include "fuzz.h"

int any_pid(struct rng *r)
{
	static const int odd[] = {-1, 1 << 30, -7};

	switch (below(r, 5)) {
	case 0:
	case 1:
		return 0;
	case 2:
		return (int)vs_sys(SYS_getpid);
	case 3:
		return shared->parent;
	default:
		return PICK(r, odd);
	}
}

static void ask_ids(struct rng *r)
{
	static const long calls[] = {SYS_getpid, SYS_gettid, SYS_getppid,
				     SYS_getpgrp};
	static const long plain[] = {SYS_getuid, SYS_geteuid, SYS_getgid,
				     SYS_getegid};
	long nr = PICK(r, calls);
	int pid = any_pid(r);

	say(" %ld %s", nr, who((int)CALL(r, nr, 0)));
	say(" %ld", CALL(r, PICK(r, plain), 0));
	nr = once_in(r, 2) ? SYS_getpgid : SYS_getsid;
	say(" %ld %s", nr, who((int)CALL(r, nr, pid)));
}

static void ask_many(struct rng *r)
{
	unsigned *at = (unsigned *)any_pointer(r, 64 * 4);
	int n = (int)below(r, 10) - 1;
	long done = CALL(r, SYS_getgroups, n, L(at));

	say(" %d = %ld", n, done);
	for (int i = 0; n > 0 && i < done; i++)
		say(" %u", at[i]);
	at = (unsigned *)any_pointer(r, 64);
	done = CALL(r, SYS_getresuid, L(at), L(at + 1), L(at + 2));
	if (!done)
		say(" %u %u %u", at[0], at[1], at[2]);
	say(" = %ld", done);
}

static void set_ids(struct rng *r)
{
	static const long calls[] = {SYS_setuid,   SYS_setgid,	  SYS_setreuid,
				     SYS_setregid, SYS_setresuid, SYS_setresgid,
				     SYS_setfsuid, SYS_setfsgid,  SYS_setuid};
	static const int ids[] = {0, 1000, 65534, 1, -1, 0, -1};
	long nr = PICK(r, calls), a = PICK(r, ids), b = PICK(r, ids),
	     c = PICK(r, ids);

	/* The way libc does it, whose wrappers the library has. */
	if (nr == SYS_setresuid && once_in(r, 2))
		say(" libc %d", setresuid((uid_t)a, (uid_t)b, (uid_t)c));
	else
		say(" %ld %ld %ld %ld = %ld", nr, a, b, c,
		    CALL(r, nr, a, b, c));
}

static void set_groups(struct rng *r)
{
	unsigned *at = (unsigned *)any_pointer(r, 20 * 4), n = below(r, 20);

	say(" %u = %ld", n, CALL(r, SYS_setgroups, n, L(at)));
}

static void capabilities(struct rng *r)
{
	struct __user_cap_header_struct *header = (void *)any_pointer(r, 8);
	struct __user_cap_data_struct *caps = (void *)any_pointer(r, 24),
				      own[2];
	struct __user_cap_header_struct own_header = {
		.version = once_in(r, 8) ? 7 : _LINUX_CAPABILITY_VERSION_3,
		.pid = 0};
	long done = CALL(r, SYS_capget, L(&own_header), L(caps));

	say(" = %ld", done);
	if (!done)
		say(" %x %x", caps[0].effective, caps[1].permitted);
	if (once_in(r, 2) || model.clean)
		return;
	done = CALL(r, SYS_capget, L(&own_header), L(own));
	own[0].effective &= (unsigned)next(r) | 1 << CAP_SETUID;
	done = CALL(r, SYS_capset, L(&own_header), L(own));
	say(" set %ld", done);
	say(" %ld", CALL(r, SYS_capset, L(header), L(caps)));
}

static void groups(struct rng *r)
{
	if (once_in(r, 2))
		say(" setsid %s", who((int)CALL(r, SYS_setsid, 0)));
	else
		say(" setpgid %ld",
		    CALL(r, SYS_setpgid, any_pid(r), any_pid(r)));
}

static void no_children(struct rng *r)
{
	int *status = (int *)any_pointer(r, 4);

	if (once_in(r, 2))
		say(" = %ld", CALL(r, SYS_wait4, -1, L(status), WNOHANG, 0));
	else
		say(" = %ld",
		    CALL(r, SYS_waitid, P_ALL, 0, 0, WEXITED | WNOHANG, 0));
}

const struct kind id_kinds[] = {
	{"ask", ask_ids, LOCAL | CLEAN, 3},
	{"groups", ask_many, LOCAL | CLEAN, 1},
	{"set ids", set_ids, LOCAL, 3},
	{"setgroups", set_groups, LOCAL | CLEAN | SETUP, 1},
	{"capset", capabilities, LOCAL | CLEAN, 1},
	{"session", groups, LOCAL | CLEAN, 3},
	{"wait", no_children, LOCAL | CLEAN, 1},
	{0},
};

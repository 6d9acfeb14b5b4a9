/* SPDX-License-Identifier: MIT
 *
 * The library's own table of system calls that a speculative child may make,
 * and one attempt at a line of it.
 */
#ifndef TEST_CALL_ATTEMPT_H
#define TEST_CALL_ATTEMPT_H

#include "examples.h"
#include "outcome.h"

/* Arguments count from 1; 0: none is such. */
static const struct line {
	const char *name;
	long nr;
	int path, buffer, size, self;
	int fixed;
	bool fd, own;
} lines[] = {
#define PATH(n)		 .path = (n) + 1
#define BUFFER(n, m)	 .buffer = (n) + 1, .size = (m) + 1
#define LIST(n, m)	 BUFFER(n, m)
#define SELF(n)		 .self = (n) + 1
#define OWN		 .own = true
#define FIXED(n, v)	 .fixed = (n) + 1
#define FD		 .fd = true
#define CALL(name_, ...) {.name = #name_, .nr = SYS_##name_, LINE(__VA_ARGS__)},
#define LINE(class, ...) __VA_ARGS__
#include "../../../preload/txn/calls/call.def"
};

enum way { BY_NUMBER, BY_SYSCALL, WAYS };

/* One argument of an example may be another. */
struct attempt {
	const struct line *line;
	const struct example *example;
	int changed; /* which, or -1 */
	long to;
	enum way way;
	bool may_roll, must_roll;
};

static struct attempt now;

static long resolve(long arg)
{
	switch (arg) {
	case SELF_PID:
		return vs_sys(SYS_getpid);
	case PARENT_PID:
		return vs_sys(SYS_getppid);
	case SMALL:
		return (long)small_pages;
	default:
		return arg;
	}
}

static bool in_memory(long arg)
{
	return (unsigned char *)arg >= big &&
	       (unsigned char *)arg < big + sizeof(big);
}

static long make_call(const long args[6])
{
	long r;

	if (now.way == BY_NUMBER)
		return vs_syscall6(now.line->nr, args[0], args[1], args[2],
				   args[3], args[4], args[5]);
	r = syscall(now.line->nr, args[0], args[1], args[2], args[3], args[4],
		    args[5]);
	return r == -1 ? -errno : r;
}

/* Of others a number that is the child's own by chance is just a number. */
static bool returns_id(const char *name)
{
	static const char *const names[] = {
		"getpid", "gettid", "getpgid",	      "getpgrp",
		"getsid", "setsid", "set_tid_address"};

	for (int i = 0; i < LENGTH(names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

static char *say_result(char *text, long r)
{
	if (r < 0 && r > -4096)
		return text + sprintf(text, "errno %ld", -r);
	if (now.example->flags & RESULT)
		return text + sprintf(text, "some");
	if (returns_id(now.line->name) && r == vs_sys(SYS_getpid))
		return text + sprintf(text, "self");
	return text + sprintf(text, "%ld", r);
}

static void make_and_describe(char *text)
{
	long args[6];

	for (int i = 0; i < 6; i++)
		args[i] = resolve(i == now.changed ? now.to
						   : now.example->args[i]);
	text = say_result(text, make_call(args));
	for (int i = 0; i < 6; i++) {
		if (in_memory(args[i]))
			text = say_memory(text, args[i],
					  now.example->flags & OUTPUT);
	}
	/* What has not been touched is still to be had. */
	say_memory(text, M(LAST), false);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * What a spawned program finds when it starts: hosts/show.c writes it down, and
 * suites read it.
 */
#ifndef TEST_SHOW_H
#define TEST_SHOW_H

#include "spawn_test.h"

static char text[65536] UNUSED;

static UNUSED void read_text(void)
{
	int fd = open(out, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n] = '\0';
	close(fd);
	unlink(out);
}

/* What `show` wrote behind `name`, or NULL. */
static UNUSED const char *seen(const char *name)
{
	static char value[4][PATH_MAX];
	static int next;
	size_t len = strlen(name);

	for (const char *l = text; *l; l += strcspn(l, "\n"), l += *l != 0) {
		char *v = value[next % 4];

		if (strncmp(l, name, len) || l[len] != ' ')
			continue;
		next++;
		l += len + 1;
		snprintf(v, PATH_MAX, "%.*s", (int)strcspn(l, "\n"), l);
		return v;
	}
	return NULL;
}

static UNUSED void saw(const char *name, const char *value)
{
	const char *got = seen(name);

	ck_assert_msg(got, "no %s in\n%s", name, text);
	ck_assert_str_eq(got, value);
}

/* The set of signals that `show` printed as `name`. */
static UNUSED unsigned long long seen_signals(const char *name)
{
	const char *got = seen(name);

	ck_assert_msg(got, "no %s in\n%s", name, text);
	return strtoull(got, NULL, 16);
}

static UNUSED unsigned long long bit(int sig)
{
	return 1ULL << (sig - 1);
}

/* Runs `show` through `spawner`: returns its error, having checked that there
 * is no child; or 0, with what the child saw in `text`. */
static UNUSED int try_show(spawn_fn *spawner, const actions_t *actions,
			   const posix_spawnattr_t *attr)
{
	char *args[] = {"show", out, "a", "", NULL};
	pid_t pid = -77;
	int error;

	text[0] = '\0';
	errno = 4711;
	error = spawner(&pid, show, actions, attr, args, environ);
	if (error) {
		ck_assert_int_eq(pid, -77);
		no_child();
		return error;
	}
	if (active() && spawner == posix_spawn) /* glibc's may set it */
		ck_assert_int_eq(errno, 4711);
	ck_assert_int_eq(wait_for(pid), 0);
	read_text();
	return 0;
}

static UNUSED void must_show(const actions_t *actions,
			     const posix_spawnattr_t *attr)
{
	ck_assert_int_eq(try_show(posix_spawn, actions, attr), 0);
}

#endif

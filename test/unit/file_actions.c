/* SPDX-License-Identifier: MIT
 * spawn/file_actions.c: the list that posix_spawn_file_actions_t holds. */
#include <fcntl.h>

#include "spawn/spawn.h"
#include "unit.h"

/* As glibc has it since 2.29 (sysdeps in posix/spawn_int.h). */
struct glibc_actions {
	int allocated, used;
	struct vs_action *actions;
	int pad[16];
};

static struct vs_file_actions *fresh(posix_spawn_file_actions_t *object)
{
	memset(object, 0xa5, sizeof(*object));
	vs_file_actions_init(object);
	return vs_file_actions_of(object);
}

START_TEST(whose)
{
	posix_spawn_file_actions_t object;

	memset(&object, 0, sizeof(object));
	ck_assert_ptr_null(vs_file_actions_of(&object));
	posix_spawn_file_actions_init(&object);
	ck_assert_ptr_null(vs_file_actions_of(&object));
	posix_spawn_file_actions_destroy(&object);
	ck_assert_ptr_eq(fresh(&object), &object);
	vs_file_actions_destroy(vs_file_actions_of(&object));
	ck_assert_ptr_null(vs_file_actions_of(&object));
}
END_TEST

/* One of any kind; a path of it is `path`, if it has one. */
static struct vs_action random_action(struct dice *d, char *path)
{
	struct vs_action a = {.kind = roll(d, VS_TCSETPGRP + 1)};
	int fd = (int)roll(d, 1000);

	sprintf(path, "/a/%.*s%u", (int)roll(d, 40),
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", roll(d, 1000));
	switch (a.kind) {
	case VS_DUP2:
		a.dup2.from = fd;
		a.dup2.to = (int)roll(d, 1000);
		break;
	case VS_OPEN:
		a.open.fd = fd;
		a.open.path = path;
		a.open.flags = (int)roll(d, 4096);
		a.open.mode = roll(d, 512);
		break;
	case VS_CHDIR:
		a.path = path;
		break;
	default:
		a.fd = fd;
	}
	return a;
}

static bool is(const struct vs_action *have, const struct vs_action *want)
{
	if (have->kind != want->kind)
		return false;
	switch (have->kind) {
	case VS_DUP2:
		return have->dup2.from == want->dup2.from &&
		       have->dup2.to == want->dup2.to;
	case VS_OPEN:
		return have->open.fd == want->open.fd &&
		       have->open.flags == want->open.flags &&
		       have->open.mode == want->open.mode &&
		       have->open.path != want->open.path &&
		       !strcmp(have->open.path, want->open.path);
	case VS_CHDIR:
		return have->path != want->path &&
		       !strcmp(have->path, want->path);
	default:
		return have->fd == want->fd;
	}
}

/* Whatever is appended is there, in order, with copies of the paths; destroy
 * frees all (the sanitizer tells). */
START_TEST(appended)
{
	enum { MOST = 100 };
	static char path[MOST][64];
	struct vs_action want[MOST];
	struct dice d = dice(1);

	for (int round = 0; round < 50; round++) {
		posix_spawn_file_actions_t object;
		struct vs_file_actions *a = fresh(&object);
		const struct glibc_actions *theirs = (const void *)&object;
		char text[64];
		int n = (int)roll(&d, MOST);

		for (int i = 0; i < n; i++) {
			want[i] = random_action(&d, path[i]);
			if (vs_file_actions_add(a, want[i]))
				ck_abort();
			/* The caller's may change at once. */
			strcpy(text, path[i]);
			memset(path[i], '?', strlen(path[i]));
			strcpy(path[i], text);
		}
		ck_assert_int_eq(a->used, n);
		ck_assert_int_ge(a->room, n);
		ck_assert_int_eq(theirs->used, n);
		ck_assert_int_eq(theirs->allocated, a->room);
		ck_assert_ptr_eq(theirs->actions, a->list);
		for (int i = 0; i < n; i++) {
			if (!is(&a->list[i], &want[i]))
				ck_abort_msg("round %d, action %d", round, i);
		}
		vs_file_actions_destroy(a);
	}
}
END_TEST

/* libc's own functions, which it may reach behind our back, understand what is
 * in the object, and append to it. */
START_TEST(as_glibc_has_it)
{
#ifdef __GLIBC__
	posix_spawn_file_actions_t object;
	struct vs_file_actions *a = fresh(&object);
	struct vs_action what = {.kind = VS_OPEN,
				 .open = {5, "/dev/null", O_RDWR, 0640}};
	const struct vs_action *list;

	ck_assert_int_eq(vs_file_actions_add(a, what), 0);
	posix_spawn_file_actions_addclose(&object, 3);
	posix_spawn_file_actions_adddup2(&object, 4, 6);
	posix_spawn_file_actions_addopen(&object, 7, "/x", O_RDONLY, 0);
	posix_spawn_file_actions_addchdir_np(&object, "/y");
	posix_spawn_file_actions_addfchdir_np(&object, 8);
	ck_assert_int_eq(a->used, 6);
	list = a->list;
	ck_assert(is(&list[0], &what));
	ck_assert(is(&list[1], &(struct vs_action){.kind = VS_CLOSE, .fd = 3}));
	ck_assert(is(&list[2],
		     &(struct vs_action){.kind = VS_DUP2, .dup2 = {4, 6}}));
	ck_assert_int_eq(list[3].kind, VS_OPEN);
	ck_assert_str_eq(list[3].open.path, "/x");
	ck_assert_int_eq(list[4].kind, VS_CHDIR);
	ck_assert_str_eq(list[4].path, "/y");
	ck_assert(
		is(&list[5], &(struct vs_action){.kind = VS_FCHDIR, .fd = 8}));
	vs_file_actions_destroy(a);
#endif
}
END_TEST

UNIT(file_actions, whose, appended, as_glibc_has_it)

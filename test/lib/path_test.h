/* SPDX-License-Identifier: MIT
 * What the tests of the search in PATH share. Programs are copies of `show`, so
 * that the child tells from where it was taken. */
#ifndef TEST_PATH_H
#define TEST_PATH_H

#include "spawn_test.h"

static char *sub(const char *name)
{
	char *path = in_folder(name);

	if (mkdir(path, 0755))
		ck_assert_int_eq(errno, EEXIST);
	return path;
}

static void program(const char *folder_name, const char *name)
{
	char path[NAME_MAX + 40];

	sub(folder_name);
	snprintf(path, sizeof(path), "%s/%s", folder_name, name);
	ck_assert_int_eq(symlink(show, in_folder(path)), 0);
}

/* PATH, with every @ replaced by the test's folder. */
static void set_path(const char *value)
{
	static char path[16 * PATH_MAX];
	char *at = path;

	for (; *value; value++) {
		if (*value == '@')
			at = stpcpy(at, folder);
		else
			*at++ = *value;
	}
	*at = '\0';
	setenv("PATH", path, 1);
}

/* 0, or the error. */
static int search(const char *file)
{
	char *args[] = {"x", out, NULL};
	pid_t pid = -77;
	int error = posix_spawnp(&pid, file, NULL, NULL, args, environ);

	if (error) {
		ck_assert_int_eq(pid, -77);
		no_child();
		return error;
	}
	ck_assert_int_eq(wait_for(pid), 0);
	unlink(out);
	return 0;
}

#endif

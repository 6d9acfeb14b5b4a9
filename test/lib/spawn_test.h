/* SPDX-License-Identifier: MIT
 *
 * What the suites of the spawn engine share. All of them hold with and without
 * the library, but for the tests that skip themselves and say so.
 */
#ifndef SPAWN_TEST_H
#define SPAWN_TEST_H

#ifndef _GNU_SOURCE
#	define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

#ifndef POSIX_SPAWN_SETSID
#	define POSIX_SPAWN_SETSID 0x80
#endif

typedef posix_spawn_file_actions_t actions_t;
typedef int spawn_fn(pid_t *, const char *, const actions_t *,
		     const posix_spawnattr_t *, char *const[], char *const[]);

/* Removed at the end; `show` is the host program, `out` what it writes. */
static char folder[64] UNUSED;
static char show[PATH_MAX] UNUSED;
static char out[96] UNUSED;

static UNUSED bool loaded(void)
{
	void *found = dlsym(RTLD_DEFAULT, "posix_spawn_file_actions_init");
	Dl_info info;

	return found && dladdr(found, &info) &&
	       strstr(info.dli_fname, "libvspawn");
}

static bool is_off(const char *setting)
{
	const char *value = getenv(setting);

	return value && !strcmp(value, "off");
}

/* Loaded, and not told to leave everything to libc. */
static UNUSED bool active(void)
{
	return loaded() && !is_off("VSPAWN") && !is_off("VSPAWN_SPAWN");
}

/* A test that this machine cannot run. */
static UNUSED void skip(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
}

/* A path in `folder`, valid until the eighth call from now. */
static UNUSED char *in_folder(const char *name)
{
	static char paths[8][PATH_MAX];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static UNUSED void write_file(const char *path, const char *content, int mode)
{
	int fd;

	unlink(path); /* it may be a link to what must stay as it is */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content, strlen(content)),
			 (int)strlen(content));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static UNUSED int wait_for(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) != pid)
		ck_assert_int_eq(errno, EINTR);
	return status;
}

/* A failed spawn leaves nothing to wait for. */
static UNUSED void no_child(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

/* libc's own function, whatever has been put before it. */
static UNUSED void *real(const char *name)
{
	static void *libc;

	if (!libc)
		libc = dlopen("libc.so.6", RTLD_NOW);
	return libc ? dlsym(libc, name) : NULL;
}

#define REAL(name) ((__typeof__(&name))real(#name))

static UNUSED void set_up_folder(void)
{
	const char *hosts = getenv("VSPAWN_TEST_HOSTS");
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/show", hosts ? hosts : "build/hosts");
	if (!realpath(path, show)) {
		perror(path);
		exit(77);
	}
	snprintf(folder, sizeof(folder), "%.32s/vspawn-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || chmod(folder, 0755)) {
		perror(folder);
		exit(77);
	}
	snprintf(out, sizeof(out), "%s/out", folder);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	return at->level ? remove(path) : 0;
}

/* Every test starts with an empty folder. */
static void empty_folder(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static UNUSED int run_suite(const char *name, TCase *tcase)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	if (getenv("LD_PRELOAD") && strstr(getenv("LD_PRELOAD"), "libvspawn") &&
	    !loaded())
		return 2; /* would be a test of nothing */
	set_up_folder();
	tcase_add_checked_fixture(tcase, empty_folder, NULL);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	empty_folder();
	return rmdir(folder) || failed ? 1 : 0;
}

#endif

/* SPDX-License-Identifier: MIT
 * The two versions of posix_spawn(): before glibc 2.15 it ran a file of no
 * known format with the shell. */
#include "spawn_test.h"

#include <pthread.h>

#if __has_include("port.h")
#	include "port.h"
#endif

#ifdef VS_GLIBC_OLD_SPAWN
extern spawn_fn bound_spawn, bound_spawnp;
__asm__(".symver bound_spawn, posix_spawn@" VS_GLIBC_OLD_SPAWN);
__asm__(".symver bound_spawnp, posix_spawnp@" VS_GLIBC_OLD_SPAWN);
static spawn_fn *const old_spawn = bound_spawn, *const old_spawnp =
							bound_spawnp;
#else
static spawn_fn *const old_spawn, *const old_spawnp;
#endif

static int old_exit(spawn_fn *spawner, const char *file, char **args)
{
	pid_t pid = -77;
	int error = spawner(&pid, file, NULL, NULL, args, environ);

	if (error) {
		no_child();
		return -error;
	}
	return WEXITSTATUS(wait_for(pid));
}

START_TEST(old_version_runs_scripts)
{
	char *args[] = {"name", "4", NULL}, *none[] = {NULL};
	const char *file = in_folder("script");

	if (!old_spawn)
		return skip("this CPU has no old version");
	write_file(file, "test -z \"$1\" && exit 9\nexit $1$#\n", 0755);
	ck_assert_int_eq(old_exit(old_spawn, file, args), 41);
	ck_assert_int_eq(old_exit(old_spawn, file, none), 9);
	ck_assert_int_eq(old_exit(old_spawn, in_folder("none"), args), -ENOENT);
	ck_assert_int_eq(old_exit(posix_spawn, file, args), -ENOEXEC);
	/* Found in PATH, the shell is given the bare name. */
	setenv("PATH", folder, 1);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(old_exit(posix_spawnp, "script", args), -ENOEXEC);
	dup2(open("/dev/null", O_WRONLY), 2); /* it cannot open that */
	ck_assert_int_ge(old_exit(old_spawnp, "script", args), 2);
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(old_exit(old_spawnp, "script", args), 41);
}
END_TEST

START_TEST(old_version_takes_many_arguments)
{
	enum { MANY = 5000 };
	char **args = calloc(MANY + 1, sizeof(*args));
	const char *file = in_folder("script");
	actions_t actions;
	pid_t pid;

	if (!old_spawn)
		return skip("this CPU has no old version");
	write_file(file, "test $# = 4999 && test -e /dev/fd/40 && exit 7\n",
		   0755);
	for (int i = 0; i < MANY; i++)
		args[i] = "a";
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, 1, 40);
	ck_assert_int_eq(old_spawn(&pid, file, &actions, NULL, args, environ),
			 0);
	ck_assert_int_eq(WEXITSTATUS(wait_for(pid)), 7);
	posix_spawn_file_actions_destroy(&actions);
	free(args);
}
END_TEST

static void *spawn_with_many(void *args)
{
	return (void *)(long)old_exit(old_spawnp, "script", args);
}

/* Its stack has no room for them. */
START_TEST(old_version_in_a_small_thread)
{
	static char path[PATH_MAX - 40], *args[1001];
	pthread_attr_t attr;
	pthread_t thread;
	void *status;

	if (!old_spawnp)
		return skip("this CPU has no old version");
	write_file(in_folder("script"), "exit 5\n", 0755);
	ck_assert_int_eq(chdir(folder), 0);
	for (int i = 0; i < 1000; i++)
		args[i] = "a";
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 100 ? 'a' : '/';
	strcpy(path + sizeof(path) - 3, ":.");
	setenv("PATH", path, 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	ck_assert_int_eq(pthread_create(&thread, &attr, spawn_with_many, args),
			 0);
	pthread_join(thread, &status);
	/* libc may find a stack too small for its own search. */
	ck_assert((long)status == 5 || (long)status == -ENAMETOOLONG);
}
END_TEST

START_TEST(unversioned_is_new)
{
	spawn_fn *found = (spawn_fn *)dlsym(RTLD_DEFAULT, "posix_spawn");
	char *args[] = {"x", NULL};

	write_file(in_folder("script"), "exit 3\n", 0755);
	ck_assert_int_eq(old_exit(found, in_folder("script"), args), -ENOEXEC);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("spawn_old");

	tcase_add_test(t, old_version_runs_scripts);
	tcase_add_test(t, old_version_takes_many_arguments);
	tcase_add_test(t, old_version_in_a_small_thread);
	tcase_add_test(t, unversioned_is_new);
	return run_suite("spawn_old", t);
}

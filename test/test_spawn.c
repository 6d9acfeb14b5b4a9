/* SPDX-License-Identifier: MIT
 * posix_spawn(): what it returns, what it leaves behind, its two versions. */
#include "spawn_test.h"

#include <sys/resource.h>

#if __has_include("port.h")
#	include "port.h"
#endif

static pid_t spawn(const char *file, int *error)
{
	char *args[] = {"x", NULL};
	pid_t pid = -77;

	*error = posix_spawn(&pid, file, NULL, NULL, args, environ);
	if (*error) {
		ck_assert_int_eq(pid, -77);
		no_child();
	}
	return pid;
}

static int error_of(const char *file)
{
	int error;

	spawn(file, &error);
	return error;
}

START_TEST(plain)
{
	char self[16];

	must_show(NULL, NULL);
	saw("arg0", "show");
	saw("arg2", "a");
	saw("arg3", "");
	snprintf(self, sizeof(self), "%d", getpid());
	saw("ppid", self);
	no_child();
}
END_TEST

START_TEST(pid_may_be_null)
{
	char *args[] = {"show", out, NULL};
	int status;

	ck_assert_int_eq(posix_spawn(NULL, show, NULL, NULL, args, environ), 0);
	ck_assert_int_gt(wait(&status), 0);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(environment)
{
	char *args[] = {"show", out, NULL};
	char *env[] = {"SHOW_EXIT=5", "SHOWN=1", NULL};
	pid_t pid;

	ck_assert_int_eq(posix_spawn(&pid, show, NULL, NULL, args, env), 0);
	ck_assert_int_eq(WEXITSTATUS(wait_for(pid)), 5);
	read_text();
	saw("env", "SHOW_EXIT=5");
	ck_assert_int_eq(posix_spawn(&pid, show, NULL, NULL, args, NULL), 0);
	ck_assert_int_eq(wait_for(pid), 0);
}
END_TEST

START_TEST(missing_file)
{
	ck_assert_int_eq(error_of(in_folder("none")), ENOENT);
	ck_assert_int_eq(error_of(""), ENOENT);
}
END_TEST

START_TEST(not_executable)
{
	write_file(in_folder("data"), "x", 0644);
	ck_assert_int_eq(error_of(in_folder("data")), EACCES);
	ck_assert_int_eq(error_of(folder), EACCES);
}
END_TEST

START_TEST(unknown_format)
{
	write_file(in_folder("script"), "exit 3\n", 0755);
	ck_assert_int_eq(error_of(in_folder("script")), ENOEXEC);
}
END_TEST

START_TEST(missing_interpreter)
{
	write_file(in_folder("script"), "#!/no/such/program\n", 0755);
	ck_assert_int_eq(error_of(in_folder("script")), ENOENT);
}
END_TEST

START_TEST(not_a_folder)
{
	write_file(in_folder("data"), "x", 0644);
	ck_assert_int_eq(error_of(in_folder("data/x")), ENOTDIR);
}
END_TEST

START_TEST(symlink_loop)
{
	ck_assert_int_eq(symlink("loop", in_folder("loop")), 0);
	ck_assert_int_eq(error_of(in_folder("loop")), ELOOP);
}
END_TEST

START_TEST(name_too_long)
{
	char name[PATH_MAX + 10];

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(error_of(name), ENAMETOOLONG);
}
END_TEST

START_TEST(too_big)
{
	size_t size = 1 << 20;
	char *big = malloc(size), *args[] = {"x", big, NULL};
	pid_t pid;

	memset(big, 'a', size);
	big[size - 1] = '\0';
	ck_assert_int_eq(posix_spawn(&pid, show, NULL, NULL, args, environ),
			 E2BIG);
	no_child();
	free(big);
}
END_TEST

START_TEST(many_arguments)
{
	enum { MANY = 20000 };
	char **args = calloc(MANY + 1, sizeof(*args));
	pid_t pid;

	for (int i = 0; i < MANY; i++)
		args[i] = "a";
	args[1] = out;
	ck_assert_int_eq(posix_spawn(&pid, show, NULL, NULL, args, environ), 0);
	ck_assert_int_eq(wait_for(pid), 0);
	read_text();
	saw("arg5000", "a");
	free(args);
}
END_TEST

START_TEST(sigchld_ignored)
{
	pid_t pid;
	int error;

	signal(SIGCHLD, SIG_IGN);
	ck_assert_int_eq(error_of(in_folder("none")), ENOENT);
	pid = spawn(show, &error);
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

START_TEST(other_children_stay)
{
	char *args[] = {"show", out, NULL};
	pid_t pid;

	ck_assert_int_eq(posix_spawn(&pid, show, NULL, NULL, args, environ), 0);
	for (int i = 0; i < 10; i++) {
		pid_t failed;

		ck_assert_int_eq(posix_spawn(&failed, "/none", NULL, NULL, args,
					     environ),
				 ENOENT);
	}
	ck_assert_int_eq(wait_for(pid), 0);
	no_child();
}
END_TEST

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

START_TEST(nothing_leaks)
{
	char *args[] = {"true", NULL};
	int before = open_fds();

	for (int i = 0; i < 10000; i++) {
		pid_t pid;
		int error = posix_spawn(&pid, i % 4 ? show : "/none", NULL,
					NULL, args, environ);

		ck_assert_int_eq(error, i % 4 ? 0 : ENOENT);
		if (!error)
			ck_assert_int_eq(WEXITSTATUS(wait_for(pid)), 99);
	}
	ck_assert_int_eq(open_fds(), before);
	no_child();
}
END_TEST

START_TEST(standard_descriptors_closed)
{
	int saved = fcntl(2, F_DUPFD_CLOEXEC, 100);

	close(0);
	close(1);
	close(2);
	must_show(NULL, NULL);
	dup2(saved, 2);
	close(saved);
	for (int fd = 0; fd < 3; fd++) {
		char name[8];

		snprintf(name, sizeof(name), "fd%d", fd);
		ck_assert_ptr_null(seen(name));
	}
}
END_TEST

START_TEST(descriptors_used_up)
{
	while (dup(0) >= 0)
		;
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_int_eq(error_of(in_folder("none")), ENOENT);
	ck_assert_int_eq(error_of("/"), EACCES);
}
END_TEST

START_TEST(process_limit)
{
	struct rlimit none = {0, 0};
	int error;

	if (setresuid(65534, 65534, 65534))
		return skip("only root can become somebody without processes");
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	spawn(show, &error);
	ck_assert_int_eq(error, EAGAIN);
}
END_TEST

/* ---- the version of before glibc 2.15 ---- */

#if VS_GLIBC_OLD_SPAWN
extern spawn_fn bound_spawn, bound_spawnp;
__asm__(".symver bound_spawn, posix_spawn@" VS_GLIBC_BASE);
__asm__(".symver bound_spawnp, posix_spawnp@" VS_GLIBC_BASE);
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

	if (!old_spawn)
		return skip("this CPU has no old version");
	write_file(file, "test $# = 4999 && exit 7\n", 0755);
	for (int i = 0; i < MANY; i++)
		args[i] = "a";
	ck_assert_int_eq(old_exit(old_spawn, file, args), 7);
	free(args);
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

/* ---- is it really ours ---- */

START_TEST(counted_as_ours)
{
	char *args[] = {"spawn_host", show, out, NULL};
	char stats[PATH_MAX + 20], preload[PATH_MAX + 20], host[PATH_MAX];
	char *env[] = {stats, preload, NULL};
	pid_t pid;

	if (!preloaded())
		return skip("the library is not loaded");
	strcpy(host, show);
	strcpy(strrchr(host, '/'), "/spawn_host");
	snprintf(stats, sizeof(stats), "VSPAWN_STATS=%s/stats", folder);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s",
		 getenv("LD_PRELOAD"));
	ck_assert_int_eq(posix_spawn(&pid, host, NULL, NULL, args, env), 0);
	ck_assert_int_eq(wait_for(pid), 0);
	snprintf(out, sizeof(out), "%s/stats", folder);
	read_text();
	ck_assert_msg(strstr(text, "posix_spawn    spawn           4"), "%s",
		      text);
	ck_assert_msg(strstr(text, "posix_spawnp   spawn           4"), "%s",
		      text);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("spawn");

	tcase_add_test(t, plain);
	tcase_add_test(t, pid_may_be_null);
	tcase_add_test(t, environment);
	tcase_add_test(t, missing_file);
	tcase_add_test(t, not_executable);
	tcase_add_test(t, unknown_format);
	tcase_add_test(t, missing_interpreter);
	tcase_add_test(t, not_a_folder);
	tcase_add_test(t, symlink_loop);
	tcase_add_test(t, name_too_long);
	tcase_add_test(t, too_big);
	tcase_add_test(t, many_arguments);
	tcase_add_test(t, sigchld_ignored);
	tcase_add_test(t, other_children_stay);
	tcase_add_test(t, nothing_leaks);
	tcase_add_test(t, standard_descriptors_closed);
	tcase_add_test(t, descriptors_used_up);
	tcase_add_test(t, process_limit);
	tcase_add_test(t, old_version_runs_scripts);
	tcase_add_test(t, old_version_takes_many_arguments);
	tcase_add_test(t, unversioned_is_new);
	tcase_add_test(t, counted_as_ours);
	return run_suite("spawn", t);
}

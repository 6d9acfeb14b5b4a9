/* SPDX-License-Identifier: MIT
 * posix_spawn(): what it starts, and what it leaves behind. */
#include "show.h"

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

START_TEST(counted_as_ours)
{
	char *args[] = {"spawn_host", show, out, NULL};
	char stats[PATH_MAX + 20], preload[PATH_MAX + 20], host[PATH_MAX];
	char *env[] = {stats, preload, NULL};
	pid_t pid;

	if (!active())
		return skip("the library is not at work");
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
	tcase_add_test(t, many_arguments);
	tcase_add_test(t, other_children_stay);
	tcase_add_test(t, nothing_leaks);
	tcase_add_test(t, standard_descriptors_closed);
	tcase_add_test(t, counted_as_ours);
	return run_suite("spawn", t);
}

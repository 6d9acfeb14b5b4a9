/* SPDX-License-Identifier: MIT
 * posix_spawn() of what cannot be started. */
#include "spawn_test.h"

#include <setjmp.h>
#include <sys/resource.h>
#include <sys/time.h>

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
	/* glibc 2.31 takes the -1 of clone() for an error number. */
	if (error != EPERM)
		ck_assert_int_eq(error, EAGAIN);
}
END_TEST

/* ---- handlers ---- */

static volatile int strangers;

static void on_child(int sig)
{
	int saved = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		strangers++;
	errno = saved;
}

/* It has been reaped before the handler of its SIGCHLD runs. */
START_TEST(unseen_by_handlers)
{
	signal(SIGCHLD, on_child);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(error_of(in_folder("none")), ENOENT);
	ck_assert_int_eq(strangers, 0);
}
END_TEST

static sigjmp_buf out_of_it;

static void on_alarm(int sig)
{
	(void)sig;
	siglongjmp(out_of_it, 1);
}

/* Either there is no child yet, or its id is known. */
START_TEST(not_lost_to_a_jump)
{
	const struct itimerval none = {0};
	struct itimerval soon = {0};
	volatile pid_t pid;

	signal(SIGALRM, on_alarm);
	for (volatile int i = 1; i < 300; i++) {
		char *args[] = {"show", NULL};
		pid_t told = -77;

		pid = -77;
		soon.it_value.tv_usec = i;
		if (!sigsetjmp(out_of_it, 1)) {
			setitimer(ITIMER_REAL, &soon, NULL);
			posix_spawn((pid_t *)&pid, show, NULL, NULL, args,
				    environ);
			setitimer(ITIMER_REAL, &none, NULL);
		}
		told = pid;
		if (told == -77)
			no_child();
		else
			ck_assert_int_eq(wait_for(told), 99 << 8);
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("spawn_errors");

	tcase_add_test(t, missing_file);
	tcase_add_test(t, not_executable);
	tcase_add_test(t, unknown_format);
	tcase_add_test(t, missing_interpreter);
	tcase_add_test(t, not_a_folder);
	tcase_add_test(t, symlink_loop);
	tcase_add_test(t, name_too_long);
	tcase_add_test(t, too_big);
	tcase_add_test(t, sigchld_ignored);
	tcase_add_test(t, descriptors_used_up);
	tcase_add_test(t, process_limit);
	tcase_add_test(t, unseen_by_handlers);
	tcase_add_test(t, not_lost_to_a_jump);
	return run_suite("spawn_errors", t);
}

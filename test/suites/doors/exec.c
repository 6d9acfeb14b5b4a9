/* SPDX-License-Identifier: MIT
 *
 * The exec family, called in a child and in the process itself: every public
 * function gets its arguments, its environment and its errors right.
 */
#include "util.h"

extern char **environ;

/* A child that calls `call`, which has to become a program that ends with
 * `code`. */
static void child_of_each(void (*call)(void), int code)
{
	pid_t (*const forkers[])(void) = {fork, raw_fork};

	for (int i = 0; i < LENGTH(forkers); i++) {
		pid_t pid = forkers[i]();

		if (!pid) {
			call();
			_exit(99);
		}
		exits_with(pid, code);
	}
}

static char *script[] = {"sh",
			 "-c",
			 "test \"$V,$0,$1\" = value,zero,one && "
			 "exit 4",
			 "zero",
			 "one",
			 NULL};
static char *variables[] = {"V=value", "PATH=/bin:/usr/bin", NULL};

static void by_execve(void)
{
	execve("/bin/sh", script, variables);
}

static void by_execv(void)
{
	setenv("V", "value", 1);
	execv("/bin/sh", script);
}

static void by_execvp(void)
{
	setenv("V", "value", 1);
	execvp("sh", script);
}

static void by_execvpe(void)
{
	execvpe("sh", script, variables);
}

static void by_fexecve(void)
{
	fexecve(open("/bin/sh", O_RDONLY | O_CLOEXEC), script, variables);
}

static void by_execveat(void)
{
	execveat(open("/bin", O_PATH | O_DIRECTORY), "sh", script, variables,
		 0);
}

static void by_execl(void)
{
	setenv("V", "value", 1);
	execl("/bin/sh", script[0], script[1], script[2], script[3], script[4],
	      NULL);
}

static void by_execlp(void)
{
	setenv("V", "value", 1);
	execlp("sh", script[0], script[1], script[2], script[3], script[4],
	       NULL);
}

static void by_execle(void)
{
	execle("/bin/sh", script[0], script[1], script[2], script[3], script[4],
	       NULL, variables);
}

static void (*const ways[])(void) = {by_execve,	 by_execv,   by_execvp,
				     by_execvpe, by_fexecve, by_execveat,
				     by_execl,	 by_execlp,  by_execle};

START_TEST(every_function)
{
	child_of_each(ways[_i], 4);
}
END_TEST

static void no_arguments(void)
{
	const char *volatile none = NULL;

	execl("/bin/sh", none, NULL);
}

/* The kernel puts an empty argument zero in, since Linux 5.18; before, the
 * shell sees none. Neither is an error. */
START_TEST(empty)
{
	int null = open("/dev/null", O_RDONLY), old = dup(0);

	dup2(null, 0);
	child_of_each(no_arguments, 0);
	dup2(old, 0);
	close(old);
	close(null);
}
END_TEST

#define TEN(x) x, x, x, x, x, x, x, x, x, x

static void many_arguments(void)
{
	execl("/bin/sh", "sh", "-c", "test $# = 200 && exit 4", "sh", TEN("a"),
	      TEN("a"), TEN("a"), TEN("a"), TEN("a"), TEN("a"), TEN("a"),
	      TEN("a"), TEN("a"), TEN("a"), TEN("a"), TEN("a"), TEN("a"),
	      TEN("a"), TEN("a"), TEN("a"), TEN("a"), TEN("a"), TEN("a"),
	      TEN("a"), NULL);
}

START_TEST(many)
{
	child_of_each(many_arguments, 4);
}
END_TEST

/* Found in PATH behind a folder that lacks it and a file of that name that
 * cannot be executed. */
static void along_path(void)
{
	setenv("PATH", in_folder("first:/nonexistent:/bin:/usr/bin"), 1);
	execlp("sh", "sh", "-c", "exit 4", NULL);
}

START_TEST(path)
{
	char *file = in_folder("first/sh");

	ck_assert_int_eq(mkdir(in_folder("first"), 0755), 0);
	close(open(file, O_WRONLY | O_CREAT, 0644));
	child_of_each(along_path, 4);
	unlink(file);
	rmdir(in_folder("first"));
}
END_TEST

/* In this process: errors come back, and nothing else happens. */
static void fails(int result, int error)
{
	ck_assert_int_eq(errno, error);
	ck_assert_int_eq(result, -1);
	errno = 0;
}

START_TEST(errors)
{
	char *argv[] = {"x", NULL};

	fails(execve("/nonexistent", argv, environ), ENOENT);
	fails(execv("/dev/null", argv), EACCES);
	fails(execvp("no such program", argv), ENOENT);
	fails(execvpe("no such program", argv, environ), ENOENT);
	fails(execl("/etc/passwd/x", "x", NULL), ENOTDIR);
	fails(execlp("no such program", "x", NULL), ENOENT);
	fails(execle("/nonexistent", "x", NULL, environ), ENOENT);
	fails(execveat(-1, "x", argv, environ, 0), EBADF);
	fails(fexecve(-1, argv, environ), EINVAL);
}
END_TEST

/* The same errors in a child, which exits with them. */
static int expected_error;
static const char *program;

static void fails_in_child(void)
{
	execlp(program, "x", NULL);
	_exit(errno == expected_error ? 4 : 5);
}

START_TEST(errors_in_child)
{
	program = "no such program";
	expected_error = ENOENT;
	child_of_each(fails_in_child, 4);
	program = "/dev/null";
	expected_error = EACCES;
	child_of_each(fails_in_child, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("exec");

	unsetenv("VSPAWN_FORK");
	setenv("CK_FORK", "no", 1);
	tcase_add_loop_test(tcase, every_function, 0, LENGTH(ways));
	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, many);
	tcase_add_test(tcase, path);
	tcase_add_test(tcase, errors);
	tcase_add_test(tcase, errors_in_child);
	return run_suite("exec", tcase);
}

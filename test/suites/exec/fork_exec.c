/* SPDX-License-Identifier: MIT
 *
 * How a child of fork() reaches its exec: by which function, and where the
 * strings lie.
 */
#include "util.h"

/* A string of `size` bytes that begins `before` bytes ahead of the heap's
 * middle, where a page and a chunk begin. */
static char *string_at(int before, const char *text)
{
	return strcpy((char *)heap + HEAP / 2 - before, text);
}

/* The same for pointers. */
static char **pointers_at(int before)
{
	return (char **)(void *)((char *)heap + HEAP / 8 - before);
}

static pid_t (*const forkers[])(void) = {fork, _Fork, vfork};

START_TEST(simple)
{
	char *argv[] = {"sh", "-c", "exit 3", NULL};

	for (int i = 0; i < LENGTH(forkers); i++) {
		pid_t pid = i == 2 ? vfork() : forkers[i]();

		if (!pid) {
			execv("/bin/sh", argv);
			_exit(99);
		}
		exits_with(pid, 3);
	}
}
END_TEST

static void by_execl(void)
{
	execl("/bin/sh", "sh", "-c", "exit 4", NULL);
}

static void by_execle(void)
{
	char *environment[] = {"CODE=4", "PATH=/bin", NULL};

	execle("/bin/sh", "sh", "-c", "exit $CODE", NULL, environment);
}

static void by_execlp(void)
{
	execlp("sh", "sh", "-c", "exit 4", NULL);
}

static void by_execvp(void)
{
	char *argv[] = {"sh", "-c", "exit 4", NULL};

	execvp("sh", argv);
}

static void by_execvpe(void)
{
	char *argv[] = {"sh", "-c", "exit $CODE", NULL};
	char *environment[] = {"CODE=4", NULL};

	execvpe("sh", argv, environment);
}

static void by_fexecve(void)
{
	char *argv[] = {"sh", "-c", "exit 4", NULL};

	fexecve(open("/bin/sh", O_RDONLY | O_CLOEXEC), argv, environ);
}

static void by_execveat(void)
{
	char *argv[] = {"sh", "-c", "exit 4", NULL};
	int folder_fd = open("/bin", O_PATH | O_DIRECTORY);

	execveat(folder_fd, "sh", argv, environ, 0);
}

static void by_system_call(void)
{
	char *argv[] = {"sh", "-c", "exit 4", NULL};

	syscall(SYS_execve, "/bin/sh", argv, environ);
}

static void (*const ways[])(void) = {by_execl,	  by_execle,	 by_execlp,
				     by_execvp,	  by_execvpe,	 by_fexecve,
				     by_execveat, by_system_call};

START_TEST(every_function)
{
	both_exit(ways[_i], 4);
}
END_TEST

/* The strings are where a transaction has not copied the memory. */
static void strings_in_heap(void)
{
	char **argv = pointers_at(16);
	char **environment = argv + 8190;

	argv[0] = string_at(2, "sh");
	argv[1] = string_at(PAGE + 1, "-c");
	argv[2] = string_at(9 * CHUNK + 3, "test \"$V\" = value && exit 4");
	argv[3] = NULL;
	environment[0] = string_at(20 * CHUNK + 4, "V=value");
	environment[1] = NULL;
	execve(string_at(13 * CHUNK + 5, "/bin/sh"), argv, environment);
}

/* Untouched by the child, as its parent left them. */
static char **parent_argv;

static void parent_strings(void)
{
	execv(parent_argv[0], parent_argv);
}

static void parent_strings_searched(void)
{
	execvp(parent_argv[0] + 5, parent_argv);
}

START_TEST(strings)
{
	both_exit(strings_in_heap, 4);
	parent_argv = pointers_at(16);
	parent_argv[0] = string_at(3, "/bin/sh");
	parent_argv[1] = string_at(40 * CHUNK + 1, "-c");
	parent_argv[2] = string_at(50 * CHUNK + 5, "exit \"$(($# + 2))\"");
	parent_argv[3] = string_at(60 * CHUNK + PAGE + 1, "0");
	parent_argv[4] = string_at(70 * CHUNK, "1");
	parent_argv[5] = string_at(80 * CHUNK, "2");
	parent_argv[6] = NULL;
	both_exit(parent_strings, 4);
	both_exit(parent_strings_searched, 4);
}
END_TEST

/* 1 MB in 20,000 arguments and one of 120,000 bytes. */
START_TEST(huge_argv)
{
	enum { N = 20000, LEN = 120000 };
	char *at = (char *)heap + HEAP / 4;

	parent_argv = pointers_at(0);
	parent_argv[0] = "/bin/sh";
	parent_argv[1] = "-c";
	parent_argv[2] = "test $# = 20000 && test ${#1} = 120000 && "
			 "test $2,${20000} = argument-4,argument-20002 && "
			 "exit 4";
	parent_argv[3] = "sh";
	for (int i = 4; i < N + 4; i++) {
		parent_argv[i] = at;
		if (i == 4)
			memset(at, 'x', LEN);
		at += i == 4 ? LEN : sprintf(at, "argument-%d", i - 1);
		*at++ = '\0';
	}
	parent_argv[N + 3] = "argument-20002";
	parent_argv[5] = "argument-4";
	parent_argv[N + 4] = NULL;
	both_exit(parent_strings, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("exec");

	tcase_add_test(tcase, simple);
	tcase_add_loop_test(tcase, every_function, 0, LENGTH(ways));
	tcase_add_test(tcase, strings);
	tcase_add_test(tcase, huge_argv);
	return run_suite("fork: exec", tcase);
}

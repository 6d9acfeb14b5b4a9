/* SPDX-License-Identifier: MIT
 *
 * exec and posix_spawn with strings and arrays that point nowhere, also where
 * the environment is to be looked through for LD_PRELOAD: what the kernel says
 * to the same arguments.
 */
#include "bad.h"

static char program[PATH_MAX], speaker[PATH_MAX];

struct arguments {
	const char *path;
	char **argv, **envp;
};

/* ---- ways to exec ---- */

static long by_number(const struct arguments *a)
{
	return syscall(SYS_execve, a->path, a->argv, a->envp);
}

static long by_other_number(const struct arguments *a)
{
	return syscall(SYS_execveat, AT_FDCWD, a->path, a->argv, a->envp, 0);
}

static long by_execve(const struct arguments *a)
{
	return execve(a->path, a->argv, a->envp);
}

static long by_execveat(const struct arguments *a)
{
	return execveat(AT_FDCWD, a->path, a->argv, a->envp, 0);
}

/* Not with another environment. */
static long by_execv(const struct arguments *a)
{
	environ = a->envp;
	return execv(a->path, a->argv);
}

static long (*const execs[])(const struct arguments *) = {
	by_number, by_other_number, by_execve, by_execveat, by_execv};

/* How the program ends, or the errno plus 100 if it is not run. */
static int natively(const struct arguments *a)
{
	pid_t pid = raw_fork();
	int status = -1;

	if (!pid)
		vs_sys(SYS_exit_group,
		       100 - vs_sys(SYS_execve, a->path, a->argv, a->envp));
	MUST(waitpid(pid, &status, 0) == pid);
	return status;
}

static int in_child(const struct arguments *a, int way)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		static char code[16];
		char *const argv[] = {"state", "exit", code, NULL};

		execs[way](a);
		/* By exec, too: else it is a native child that says it. */
		snprintf(code, sizeof(code), "%d", 100 + errno);
		vs_sys(SYS_execve, speaker, argv, NULL);
		_exit(99);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	return status;
}

static int spawned(const struct arguments *a)
{
	int status = -1, error;
	pid_t pid;

	error = posix_spawn(&pid, a->path, NULL, NULL, a->argv, a->envp);
	if (error)
		return (100 + error) << 8;
	MUST(waitpid(pid, &status, 0) == pid);
	return status;
}

static void compare(const struct arguments *a, const char *what, int n,
		    bool spawns)
{
	int expected = natively(a), got, way = 0;

	/* Two of them, for each pointer others. */
	for (int i = 0; i < 2; i++) {
		way = (n + 2 * i) % LENGTH(execs);
		got = in_child(a, way);
		if (got != expected)
			break;
		/* Where it fails, here. */
		if (expected < 100 << 8 || execs[way] == by_execv)
			continue;
		MUST(execs[way](a) == -1);
		got = (100 + errno) << 8;
		if (got != expected)
			break;
	}
	if (got == expected && spawns) {
		way = LENGTH(execs);
		got = spawned(a);
	}
	if (got == expected)
		return;
	printf("%s, %p, way %d: wait status %#x, natively %#x\n", what, bad[n],
	       way, got, expected);
	exit(1);
}

/* ---- arguments ---- */

static void try_path(int n)
{
	char *argv[] = {"nop", "exit", "4", NULL};
	struct arguments a = {bad[n], argv, environ};

	compare(&a, "path", n, true);
}

/* libc counts the arguments for posix_spawn, and has died by then. */
static void try_argv(int n)
{
	struct arguments a = {program, bad[n], environ};

	compare(&a, "arguments", n, false);
}

static void try_argument(int n)
{
	char *argv[] = {"nop", "exit", bad[n], NULL};
	struct arguments a = {program, argv, environ};

	/* Not given. */
	if (bad[n])
		compare(&a, "an argument", n, true);
}

static void try_envp(int n)
{
	char *argv[] = {"nop", "exit", "4", NULL};
	struct arguments a = {program, argv, bad[n]};

	compare(&a, "environment", n, true);
}

/* Before or behind others. */
static void try_variable(int n)
{
	char *argv[] = {"nop", "exit", "4", NULL};
	char *first[] = {bad[n], "A=b", NULL};
	char *last[] = {"A=b", "LD_PRELOAD=", bad[n], NULL};
	struct arguments a = {program, argv, first}, b = {program, argv, last};

	compare(&a, "first variable", n, true);
	compare(&b, "last variable", n, true);
}

/* Arrays and strings that end with the memory, and have no end. */
static void try_unended(void)
{
	char **array = last_bytes(2 * sizeof(char *), 0);
	char *argv[] = {"nop", "exit", "4", NULL}, *strings[3];
	struct arguments a = {program, argv, array};
	struct arguments b = {last_bytes(300, 'p'), argv, environ};
	struct arguments c = {program, argv, strings};

	array[0] = "A=b";
	array[1] = "C=d";
	compare(&a, "environment without end", 0, true);
	compare(&b, "path without end", 0, true);
	strings[0] = last_bytes(11, 'L');
	memcpy(strings[0], "LD_PRELOAD=", 11);
	strings[1] = strings[2] = NULL;
	compare(&c, "LD_PRELOAD without end", 0, true);
}

/* Of a setting that is about the environment, only that. */
static int run(int argc UNUSED, char **argv)
{
	bool all = !strcmp(argv[2], "all");

	grow(17 << 20);
	strcpy(program, host("nop"));
	strcpy(speaker, host("state"));
	find_bad();
	for (int n = 0; n < bads; n++) {
		try_envp(n);
		try_variable(n);
		if (!all)
			continue;
		try_path(n);
		try_argv(n);
		try_argument(n);
	}
	try_unended();
	return 0;
}

static const struct part parts[] = {{"run", run}};
static const char *const settings[] = {"", "VSPAWN_CHILDREN=keep",
				       "VSPAWN_CHILDREN=drop", "VSPAWN=off"};

START_TEST(as_the_kernel)
{
	char *argv[] = {"exact_exec_pointers", "run", _i ? "some" : "all",
			NULL};
	int status = run_again(argv, settings[_i]);

	ck_assert_msg(!status, "%s: wait status %#x", settings[_i], status);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("exec pointers");

	again(argc, argv, parts, LENGTH(parts));
	tcase_add_loop_test(tcase, as_the_kernel, 0, LENGTH(settings));
	return run_suite("exact: exec with pointers to nowhere", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * What a child of fork() sees when exec fails, and what it does then.
 */
#include "util.h"

static void fails_then_succeeds(void)
{
	char *argv[] = {"sh", "-c", "exit 4", NULL};

	setenv("PATH", "/nowhere:/etc:/etc/passwd:/proc/1:/bin", 1);
	execv("/nowhere/sh", argv);
	if (errno != ENOENT)
		_exit(50);
	execv("/etc/passwd", argv);
	if (errno != EACCES)
		_exit(51);
	execv("/etc/passwd/sh", argv);
	if (errno != ENOTDIR)
		_exit(52);
	execvp("sh", argv);
}

static void fails_then_exits(void)
{
	char *argv[] = {"sh", NULL};

	execv("/nowhere/sh", argv);
	exit(errno == ENOENT ? 5 : 50);
}

/* What a program does that reports a failed exec through a pipe. */
static int report[2];

static void fails_then_writes(void)
{
	char *argv[] = {"sh", NULL};

	execv("/nowhere/sh", argv);
	(void)!write(report[1], &errno, sizeof(errno));
	_exit(6);
}

START_TEST(failing)
{
	int error = 0;

	both_exit(fails_then_succeeds, 4);
	both_exit(fails_then_exits, 5);
	ck_assert_int_eq(pipe(report), 0);
	for (int i = 0; i < 20; i++) {
		both_exit(fails_then_writes, 6);
		ck_assert_int_eq(read(report[0], &error, sizeof(error)),
				 sizeof(error));
		ck_assert_int_eq(error, ENOENT);
		ck_assert_int_eq(read(report[0], &error, sizeof(error)),
				 sizeof(error));
	}
}
END_TEST

/* The kernel's answers, not a crash. */
static void bad_pointers(void)
{
	char *argv[] = {"sh", "-c", "exit 4", NULL};
	char *bad_argv[] = {"sh", (char *)8, NULL};
	/* Unknown to the compiler, which would warn. */
	char **volatile no_argv = (char **)16;
	const char *volatile no_path = (const char *)1;

	if (execv(no_path, argv) != -1 || errno != EFAULT)
		_exit(50);
	if (execv("/bin/sh", bad_argv) != -1 || errno != EFAULT)
		_exit(51);
	if (execv("/bin/sh", no_argv) != -1 || errno != EFAULT)
		_exit(52);
	if (execve("/bin/sh", argv, no_argv) != -1 || errno != EFAULT)
		_exit(53);
	if (execv("", argv) != -1 || errno != ENOENT)
		_exit(54);
	execv("/bin/sh", argv);
}

/* An argument whose end is not mapped. */
static void unterminated(void)
{
	char *argv[] = {"sh", NULL, NULL};
	char *page = (char *)heap + HEAP / 4;

	memset(page, 'x', PAGE);
	munmap(page + PAGE, PAGE);
	argv[1] = page + PAGE - 7;
	if (execv("/bin/sh", argv) != -1 || errno != EFAULT)
		_exit(50);
	_exit(4);
}

/* Longer than MAX_ARG_STRLEN. */
static void too_long(void)
{
	char *argv[] = {"sh", (char *)heap, NULL};

	memset(heap, 'x', 200000);
	((char *)heap)[200000] = '\0';
	if (execv("/bin/sh", argv) != -1 || errno != E2BIG)
		_exit(50);
	_exit(4);
}

static void (*const errors[])(void) = {bad_pointers, unterminated, too_long};

START_TEST(kernel_errors)
{
	both_exit(errors[_i], 4);
}
END_TEST

/* execvp runs a file without #! by the shell, execv does not. */
static char *script;

static void script_by_execv(void)
{
	char *argv[] = {script, "4", NULL};

	execv(script, argv);
	if (errno != ENOEXEC)
		_exit(50);
	execvp(script, argv);
}

START_TEST(script_without_header)
{
	FILE *out;

	script = in_folder("script");
	out = fopen(script, "we");
	fputs("exit \"$1\"\n", out);
	ck_assert_int_eq(fchmod(fileno(out), 0755), 0);
	fclose(out);
	both_exit(script_by_execv, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("exec errors");

	tcase_add_test(tcase, failing);
	tcase_add_loop_test(tcase, kernel_errors, 0, LENGTH(errors));
	tcase_add_test(tcase, script_without_header);
	return run_suite("fork: exec errors", tcase);
}

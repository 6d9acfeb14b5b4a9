/* SPDX-License-Identifier: MIT
 * Which program was run, and with what: by hosts/target.c. */
#ifndef TEST_TARGET_H
#define TEST_TARGET_H

#include <spawn.h>

#include "util.h"

extern char **environ;

static char target[PATH_MAX]; /* the program */
static char *output;	      /* the file it writes, its first argument */

/* What it has to write. */
static UNUSED char *expected_text(char *const *argv, char *const *envp)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "exe %s\n", target);
	for (; *argv; argv++)
		fprintf(out, "argument %s\n", *argv);
	for (; envp && *envp; envp++)
		fprintf(out, "environment %s\n", *envp);
	fclose(out);
	return text;
}

/* It was run so, and has exited with `code`. */
static UNUSED void target_ran(int status, int code, char *const *argv,
			      char *const *envp)
{
	char *expected = expected_text(argv, envp), *got = slurp(output);

	ck_assert_msg(status == code << 8, "wait status %#x instead of exit %d",
		      status, code);
	same_text(got, expected);
	free(expected);
	free(got);
	unlink(output);
}

static UNUSED void target_set_up(void)
{
	static char copy[128];

	ck_assert_ptr_nonnull(realpath(host("target"), target));
	output = strcpy(copy, in_folder("output"));
}

#endif

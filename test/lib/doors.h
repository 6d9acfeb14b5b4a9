/* SPDX-License-Identifier: MIT
 * What is passed to a new program by each of the public functions, and is to be
 * found there. */
#ifndef TEST_DOORS_H
#define TEST_DOORS_H

#include "target.h"

enum { EXIT = 42 };

static char *argv[] = {
	"zero", NULL /* the output */, "", "two words", "-three", "*", NULL};
static char *envp[] = {"B=2",
		       "A=1",
		       "EMPTY=",
		       "TARGET_EXIT=42",
		       "PATH=/nonexistent:/bin:/usr/bin",
		       "A=again",
		       "no equals sign",
		       NULL};

static void set_up(void)
{
	target_set_up();
	argv[1] = output;
}

#endif

/* SPDX-License-Identifier: MIT
 * The names by which rules may know a command. */
#ifndef WHO_H
#define WHO_H

#include <limits.h>

extern struct who {
	char file[PATH_MAX];	 /* that runs */
	char executed[PATH_MAX]; /* as which */
	char script[PATH_MAX];	 /* empty: none */
} who;

/* Fills it in. NULL, or what was not found. */
const char *find_who(char **argv);

#endif

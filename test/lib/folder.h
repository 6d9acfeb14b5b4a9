/* SPDX-License-Identifier: MIT
 *
 * A folder for a suite's files, and what is in files.
 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case.h"

/* A folder that every user may read and write; removed at the end. */
static char folder[] UNUSED = "/tmp/vspawn-test.XXXXXX";

/* If there is none yet. */
static UNUSED bool make_folder(void)
{
	if (!access(folder, F_OK) || (mkdtemp(folder) && !chmod(folder, 0777)))
		return true;
	perror(folder);
	return false;
}

/* A path in `folder`, valid until the eighth call from now. */
static UNUSED char *in_folder(const char *name)
{
	static char paths[8][128];
	static int next;
	char *path = paths[next++ % LENGTH(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

/* ---- files ---- */

/* A file in memory that the caller has, so that reading maps changes none. */
static UNUSED void read_into(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = 0;

	ck_assert_int_ge(fd, 0);
	do {
		used += (size_t)n;
		n = read(fd, text + used, size - used - 1);
	} while (n > 0);
	close(fd);
	text[used] = '\0';
}

/* Check cannot print long ones: the first line that differs. */
static UNUSED void same_text(const char *got, const char *expected)
{
	size_t line = 0, i = 0;

	for (; got[i] && got[i] == expected[i]; i++) {
		if (got[i] == '\n')
			line = i + 1;
	}
	ck_assert_msg(got[i] == expected[i], "expected \"%.*s\" got \"%.*s\"",
		      (int)strcspn(expected + line, "\n"), expected + line,
		      (int)strcspn(got + line, "\n"), got + line);
}

/* A whole file as a string, to be freed; "" if there is none. */
static UNUSED char *slurp(const char *path)
{
	size_t size = 0, used = 0;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	do {
		used += (size_t)n;
		if (size - used < 4096)
			text = realloc(text, size += 65536);
		n = fd < 0 ? 0 : read(fd, text + used, size - used - 1);
	} while (n > 0);
	if (fd >= 0)
		close(fd);
	text[used] = '\0';
	return text;
}

#endif

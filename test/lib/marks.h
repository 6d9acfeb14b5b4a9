/* SPDX-License-Identifier: MIT
 *
 * Marks that the application itself puts on memory, so that its children lack
 * it or find it empty; which there are, and what children have.
 */
#ifndef TEST_MARKS_H
#define TEST_MARKS_H

#include "around.h"

enum { SIZE = 8 << 20, MARKS = 64 };

static char *area;

static void map_area(void)
{
	area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
	memset(area, 'a', SIZE);
}

/* Every mapping with the mark, as text. */
static void marks(char *text, size_t size)
{
	static char smaps[8 << 20];
	char *line, *rest, *save = NULL, range[64] = "";
	size_t used = 0;

	read_into("/proc/self/smaps", smaps, sizeof(smaps));
	text[0] = '\0';
	rest = smaps;
	while ((line = strtok_r(rest, "\n", &save))) {
		rest = NULL;
		if (strspn(line, "0123456789abcdef") > 6)
			snprintf(range, sizeof(range), "%.*s",
				 (int)strcspn(line, " "), line);
		if (!strncmp(line, "VmFlags:", 8) &&
		    (strstr(line, " dc") || strstr(line, " wf")))
			used += (size_t)snprintf(
				text + used, size - used, "%s%s%s\n", range,
				strstr(line, " dc") ? " dontfork" : "",
				strstr(line, " wf") ? " wipeonfork" : "");
	}
}

typedef int (*advise)(void *, size_t, int);

static int by_function(void *at, size_t size, int advice)
{
	return madvise(at, size, advice);
}

static int by_number(void *at, size_t size, int advice)
{
	return (int)syscall(SYS_madvise, at, size, advice);
}

static const advise advisers[] = {by_function, by_number};
static advise adviser;

/* A child that reads there, and ends with 4. */
static pid_t reader(char *at, bool execs)
{
	pid_t pid = fork();

	if (!pid) {
		if (*(volatile char *)at != 'a')
			_exit(50);
		if (execs)
			become_program();
		_exit(4);
	}
	return pid;
}

/* A child may not reach what is marked, and may reach the rest. */
static void child_lacks(char *at)
{
	dies_by(reader(at, false), SIGSEGV);
	dies_by(reader(at, true), SIGSEGV);
}

static void child_has(char *at)
{
	exits_with(reader(at, false), 4);
	exits_with(reader(at, true), 4);
}

#endif

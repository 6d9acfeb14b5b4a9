/* SPDX-License-Identifier: MIT
 *
 * fuzz-image ID LOG WORD...: what children become. Writes LOG, then all that
 * it can observe, to the shared memory ID. Exits with the length of its first
 * WORD.
 */
#include <sys/resource.h>
#include <sys/shm.h>

#include "fuzz.h"
#include "crowd/member.h"

extern char **environ;

/* What differs because the library is there or is not. */
static bool is_ours(const char *variable)
{
	return !strncmp(variable, "LD_PRELOAD=", 11) ||
	       !strncmp(variable, "VSPAWN", 6);
}

/* Attaching counts as address space. */
static void lift(int which)
{
	struct rlimit limit;

	getrlimit(which, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(which, &limit);
}

int main(int argc, char **argv)
{
	static struct log log;

	if (argc == 5 && !strcmp(argv[1], "member"))
		be_member(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	if (argc == 4 && !strcmp(argv[1], "target"))
		be_target(atoi(argv[2]), atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "line"))
		return write(atoi(argv[2]), argv[3], 1) != 1;
	if (argc == 3 && !strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	current = &log;
	say("image %s\n", *argv);
	/* Run by a script, whose name is the second word. */
	if (argc > 4 && !strcmp(argv[1], "with")) {
		say("script %s\n", argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 3)
		return 98;
	/* The descriptor table is dumped before anything is opened. */
	lift(RLIMIT_AS);
	shared = shmat(atoi(argv[1]), NULL, 0);
	if (shared == (void *)-1)
		return 97;
	memcpy(shared->text + shared->used, argv[2], strlen(argv[2]));
	shared->used += (unsigned)strlen(argv[2]);
	for (int i = 3; i < argc; i++)
		say("argument %s\n", argv[i]);
	for (char **e = environ; *e; e++) {
		if (!is_ours(*e))
			say("environment %s\n", *e);
	}
	flush_log();
	dump();
	flush_log();
	return argc > 3 ? (int)strlen(argv[3]) : 0;
}

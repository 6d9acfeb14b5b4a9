/* SPDX-License-Identifier: MIT
 *
 * Surroundings that a program may find itself in. A scene makes them for a
 * process of its own, starts children there in every way, and ends; what is
 * asserted holds natively, too. Under the library its summary says by which
 * engine the children were made, so that a scene proves more than that one
 * can fall back.
 */
#ifndef TEST_AROUND_H
#define TEST_AROUND_H

#include <sys/prctl.h>
#include <sys/resource.h>

#include "children.h"

static char *summary_file;
/* Transactions commit here if nothing special is around. */
static bool possible;

/* Ends a scene that this machine does not allow. */
_Noreturn static UNUSED void skip(const char *reason)
{
	printf("skipped: %s\n", reason);
	exit(77);
}

/* ---- scenes ---- */

static bool preloaded(void)
{
	const char *mode = getenv("VSPAWN_FORK");
	const char *preload = getenv("LD_PRELOAD");

	return preload && *preload && mode && strcmp(mode, "native");
}

/* False if it was skipped. */
static UNUSED bool play(void (*scene)(void))
{
	int status, fd;
	pid_t pid;

	unlink(summary_file);
	fd = open(summary_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	fchmod(fd, 0666);
	close(fd);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		scene();
		exit(0);
	}
	status = wait_for(pid);
	ck_assert_msg(!status || status == 77 << 8, "wait status %#x", status);
	return !status;
}

static bool summary_has(const char *phrase)
{
	char *text = slurp(summary_file);
	bool found = strstr(text, phrase);

	free(text);
	return found;
}

static UNUSED bool committed(void)
{
	char *text = slurp(summary_file), *at = text;
	int n = 0, sum = 0;

	while ((at = strstr(at, "committed "))) {
		at += strlen("committed ");
		if (sscanf(at, "%d", &n) == 1)
			sum += n;
	}
	free(text);
	return sum > 0;
}

static void by_engines(bool good)
{
	char *text = slurp(summary_file);

	ck_assert_msg(good, "made otherwise than expected:\n%s", text);
	free(text);
}

static void spawns_are_ours(void)
{
	by_engines(!summary_has("posix_spawn ") ||
		   summary_has("posix_spawn    spawn"));
	by_engines(!summary_has("vfork ") ||
		   summary_has("vfork          spawn"));
}

/* In mode auto a transaction that takes too long, as it may on a busy machine,
 * is not tried again: because of its price, or because it was undone, for which
 * a place is remembered by all scenes. */
static bool too_slow(void)
{
	return !strcmp(getenv("VSPAWN_FORK"), "auto") &&
	       (summary_has("take longer here than a native fork") ||
		summary_has("this call site does not exec") ||
		summary_has("a native fork is as cheap"));
}

/* By transactions, by our spawn and vfork. */
static UNUSED void commits(void (*scene)(void))
{
	if (!play(scene) || !preloaded())
		return;
	by_engines(!possible || committed() || too_slow());
	spawns_are_ours();
}

/* No transaction is tried, for that reason. */
static UNUSED void steps_aside(void (*scene)(void), const char *reason)
{
	if (!play(scene) || !preloaded())
		return;
	by_engines(!possible ||
		   (!committed() && summary_has("committed 0, rolled back 0") &&
		    summary_has(reason)));
	spawns_are_ours();
}

/* Whatever it is by: there is no room for a transaction. */
static UNUSED void works(void (*scene)(void))
{
	if (play(scene) && preloaded())
		spawns_are_ours();
}

/* ---- the suite ---- */

static void nothing_special(void)
{
	for (int n = 0; n < 3; n++)
		exits_with(by_fork(), 4);
}

/* The summary says why there are no transactions on this machine. */
static bool impossible(void)
{
	static const char *const reasons[] = {
		"kernel without", "refused",	 "no system call stub",
		"is not usable",  "is attached", "not on this CPU"};

	for (int i = 0; i < LENGTH(reasons); i++) {
		if (summary_has(reasons[i]))
			return true;
	}
	return too_slow();
}

static void set_up(void)
{
	static char path[PATH_MAX];

	program = strcpy(path, shared_host("state"));
	possible = preloaded() && play(nothing_special) && committed();
	by_engines(possible || !preloaded() || impossible());
}

/* Again, with a summary: its setting is read at load. */
static UNUSED int run_scenes(const char *name, TCase *tcase, char **argv)
{
	char *path = getenv("VSPAWN_STATS");
	size_t length = strlen(folder);
	int failed;

	if (!path || strncmp(path, folder, length - strlen("XXXXXX")) != 0) {
		if (!make_folder())
			return 2;
		setenv("VSPAWN_STATS", in_folder("summary"), 1);
		execv("/proc/self/exe", argv);
	}
	memcpy(folder, path, length);
	summary_file = strdup(path);
	tcase_add_checked_fixture(tcase, set_up, NULL);
	failed = run_suite(name, tcase);
	/* The folder of the summary is gone. */
	fflush(NULL);
	_exit(failed);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * doctor LIBRARY [--json] [-u USER] [COMMAND [ARG...] | -p PID]: what this
 * machine offers, what the library can do for a command or does in a process,
 * and a verdict, which is the exit status: 0 fine, 1 no use, 2 cannot tell.
 *
 * doctor --brief LIBRARY FORK [COMMAND...]: the wrapper's question.
 * doctor --version LIBRARY: the library's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "doctor.h"

static char self[PATH_MAX];

static void find_self(void)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0)
		self[n] = '\0';
	else
		snprintf(self, sizeof(self), "%s", name ? name : "");
}

static int usage(const char *problem, const char *what)
{
	fprintf(stderr,
		"vspawn doctor: %s%s\n"
		"usage: vspawn doctor [--json] [-u USER] [COMMAND [ARG...]]\n"
		"       vspawn doctor [--json] -p PID\n",
		problem, what);
	return CANNOT_TELL;
}

static int version(const char *library)
{
	struct image image;

	if (image_open(&image, library) || !*image.version) {
		printf("unknown\n");
		return 1;
	}
	printf("%s\n", image.version);
	return 0;
}

static bool number(const char *text, pid_t *pid)
{
	char *end;
	long n = strtol(text, &end, 10);

	*pid = (pid_t)n;
	return *text && !*end && n > 0 && n == *pid;
}

struct options {
	struct who who;
	pid_t pid;
	bool json;
	int used; /* words */
};

/* One of them; 0, or the exit status. */
static int option(struct options *options, char **argv)
{
	bool apart = argv[0][1] && !argv[0][2];
	const char *value = apart ? argv[1] : argv[0] + 2;

	if (!strcmp(argv[0], "--json")) {
		options->json = true;
		options->used++;
		return 0;
	}
	if (strncmp(argv[0], "-p", 2) != 0 && strncmp(argv[0], "-u", 2) != 0)
		return usage(argv[0], ": not an option");
	if (!value)
		return usage(argv[0], ": needs a value");
	if (argv[0][1] == 'p' && !number(value, &options->pid))
		return usage(value, ": not a process id");
	if (argv[0][1] == 'u' && !who_is(&options->who, value))
		return usage(value, ": no such user");
	options->used += apart ? 2 : 1;
	return 0;
}

/* What is preloaded, perhaps the cause of the trouble, must not be in the
 * doctor itself. */
static void leave_preloads(char **argv)
{
	static const char kept[] = "VSPAWN_DOCTOR_PRELOAD";
	const char *now = getenv("LD_PRELOAD"), *before = getenv(kept);

	if (before) {
		setenv("LD_PRELOAD", before, 1);
		unsetenv(kept);
	} else if (now && *now) {
		setenv(kept, now, 1);
		unsetenv("LD_PRELOAD");
		execv(self, argv);
		setenv("LD_PRELOAD", now, 1);
		unsetenv(kept);
	}
}

/* The library of what is asked about. */
static const char *chosen(const char *name, pid_t pid, char **command)
{
	struct target target = {.image.fd = -1};
	static char path[PATH_MAX];
	char exe[64];
	bool found;

	if (!strchr(name, '$'))
		return name;
	if (pid) {
		snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)pid);
		found = !image_open(&target.image, exe);
	} else {
		found = *command && target_follow(&target, command, true);
	}
	library_choose(path, name, found ? &target.image : NULL);
	target_close(&target);
	return path;
}

static int doctor(const char *library, char **argv)
{
	static struct options options;
	int r;

	who_am_i(&options.who);
	while (argv[options.used] && *argv[options.used] == '-') {
		if (!strcmp(argv[options.used], "--")) {
			options.used++;
			break;
		}
		r = option(&options, argv + options.used);
		if (r)
			return r;
	}
	argv += options.used;
	if (options.pid && *argv)
		return usage(*argv, ": a command, or -p PID, not both");
	if (options.json)
		report_as_json();
	library = chosen(library, options.pid, argv);
	if (options.pid)
		return process_check(options.pid, library, self);
	return diagnose(library, self, &options.who, argv);
}

int main(int argc, char **argv)
{
	find_self();
	if (argc == 2 && !strcmp(argv[1], "--exit"))
		return 0;
	if (argc == 3 && !strcmp(argv[1], "--try"))
		return trial_inside(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "--version"))
		return version(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "--brief"))
		return brief(argv[2], !strcmp(argv[3], "share"), argv + 4);
	if (argc < 2)
		return usage("the library is missing", "");
	leave_preloads(argv);
	return doctor(argv[1], argv + 2);
}

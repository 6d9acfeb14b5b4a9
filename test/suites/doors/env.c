/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_CHILDREN: what is in the environment of a new image, whatever made
 * it. Natively, everything is as the caller passed it.
 */
#include "target.h"

/* `@` stands for our path. */
static const struct {
	const char *in[6]; /* the first: the setting */
	const char *out[6];
} cases[] = {
	{{"inherit", "A=1", "LD_PRELOAD=@", "B=2"},
	 {"A=1", "LD_PRELOAD=@", "B=2"}},
	{{"inherit", "A=1"}, {"A=1"}},
	{{"inherit", "null"}, {NULL}},
	{{"inherit"}, {NULL}},

	{{"keep", "A=1", "LD_PRELOAD=@", "B=2"},
	 {"A=1", "LD_PRELOAD=@", "B=2"}},
	{{"keep", "B=2", "A=1"}, {"B=2", "A=1", "LD_PRELOAD=@"}},
	{{"keep", "B=2", "LD_PRELOAD=", "A"}, {"B=2", "LD_PRELOAD=@", "A"}},
	{{"keep", "LD_PRELOAD=/x.so", "A=1"}, {"LD_PRELOAD=/x.so:@", "A=1"}},
	{{"keep", "LD_PRELOAD=/x.so y.so:z.so"},
	 {"LD_PRELOAD=/x.so y.so:z.so:@"}},
	{{"keep", "LD_PRELOAD=/x.so @ y.so"}, {"LD_PRELOAD=/x.so @ y.so"}},
	{{"keep", "LD_PRELOAD=libvspawn.so"}, {"LD_PRELOAD=libvspawn.so"}},
	{{"keep", "LD_PRELOAD=/not/libvspawn.so"},
	 {"LD_PRELOAD=/not/libvspawn.so:@"}},
	{{"keep", "LD_PRELOADS=@", "XLD_PRELOAD=@"},
	 {"LD_PRELOADS=@", "XLD_PRELOAD=@", "LD_PRELOAD=@"}},
	{{"keep", "LD_PRELOAD=a", "LD_PRELOAD=b"},
	 {"LD_PRELOAD=a:@", "LD_PRELOAD=b:@"}},
	{{"keep", "null"}, {"LD_PRELOAD=@"}},
	{{"keep"}, {"LD_PRELOAD=@"}},

	{{"drop", "A=1", "LD_PRELOAD=@", "B=2"}, {"A=1", "B=2"}},
	{{"drop", "LD_PRELOAD=@"}, {NULL}},
	{{"drop", "LD_PRELOAD=a:@:b"}, {"LD_PRELOAD=a:b"}},
	{{"drop", "LD_PRELOAD=@:b c", "A=1"}, {"LD_PRELOAD=b c", "A=1"}},
	{{"drop", "LD_PRELOAD=a b @"}, {"LD_PRELOAD=a b"}},
	{{"drop", "LD_PRELOAD=@ a @:b:@"}, {"LD_PRELOAD=a:b"}},
	{{"drop", "LD_PRELOAD= : @ : "}, {NULL}},
	{{"drop", "LD_PRELOAD=a b", "A=1"}, {"LD_PRELOAD=a b", "A=1"}},
	{{"drop", "LD_PRELOAD=", "A=1"}, {"LD_PRELOAD=", "A=1"}},
	{{"drop", "LD_PRELOAD=libvspawn.so:a"}, {"LD_PRELOAD=a"}},
	{{"drop", "LD_PRELOAD=/usr/$LIB/libvspawn.so a"}, {"LD_PRELOAD=a"}},
	{{"drop", "LD_PRELOAD=/not/libvspawn.so"},
	 {"LD_PRELOAD=/not/libvspawn.so"}},
	{{"drop", "LD_PRELOAD=a:@", "LD_PRELOAD=@"}, {"LD_PRELOAD=a"}},
	{{"drop", "LD_PRELOADS=@", "A=1"}, {"LD_PRELOADS=@", "A=1"}},
	{{"drop", "null"}, {NULL}},
	{{"drop"}, {NULL}},
};

static const char *const doors[] = {
	"execve",      "execv",	       "execvp",  "execvpe", "execl",
	"execlp",      "execle",       "fexecve", "syscall", "syscall_at",
	"posix_spawn", "posix_spawnp", "system",  "popen",
};
static const char *const ways[] = {"none", "fork", "vfork"};

static const char *lib; /* NULL natively */
static char path[PATH_MAX];

static char *with_path(const char *text)
{
	size_t size;
	char *made;
	FILE *out = open_memstream(&made, &size);

	for (; *text; text++) {
		if (*text == '@')
			fputs(path, out);
		else
			fputc(*text, out);
	}
	fclose(out);
	return made;
}

static void set_up(void)
{
	const char *preload = getenv("LD_PRELOAD");
	const char *known = getenv("VSPAWN_LIB");

	target_set_up();
	lib = preload && known && strstr(preload, known) ? known : NULL;
	strcpy(path, known ? known : "/some/where/libvspawn.so");
}

static const char *spawn = "on";

/* The host's own environment, which says what it does with its children. */
static void run_host(const char *way, const char *door, const char *setting,
		     char *const *variables, int status)
{
	const char *mode = getenv("VSPAWN_FORK");
	char preload[PATH_MAX + 16], children[64], fork_mode[64], spawning[64];
	char *env[] = {children, fork_mode, spawning, preload, NULL};
	char *argv[16] = {"env_host", (char *)way, (char *)door, target,
			  output};
	char program[PATH_MAX];
	pid_t pid;

	ck_assert_ptr_nonnull(realpath(host("env_host"), program));
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", lib ? lib : "");
	snprintf(children, sizeof(children), "VSPAWN_CHILDREN=%s", setting);
	snprintf(fork_mode, sizeof(fork_mode), "VSPAWN_FORK=%s",
		 mode ? mode : "auto");
	snprintf(spawning, sizeof(spawning), "VSPAWN_SPAWN=%s", spawn);
	for (int i = 0; variables[i]; i++)
		argv[i + 5] = variables[i];
	pid = fork();
	if (!pid) {
		/* The loader complains about what is not there. */
		dup2(open("/dev/null", O_WRONLY), 2);
		/* Not what the suite itself has been told. */
		vs_sys(SYS_execve, program, argv, env);
		_exit(99);
	}
	exits_with(pid, status);
}

/* The lines about LD_PRELOAD: a shell exports what it likes, in its order. */
static char *only_preload(const char *text)
{
	size_t size;
	char *made;
	FILE *out = open_memstream(&made, &size);

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		if (!strncmp(at, "environment LD_PRELOAD=", 23))
			fprintf(out, "%.*s\n", (int)strcspn(at, "\n"), at);
	}
	fclose(out);
	return made;
}

static void expect(const char *door, int i, char *const *variables)
{
	char *env[8] = {NULL}, *argv[] = {target, output, NULL};
	bool shell = !strcmp(door, "system") || !strcmp(door, "popen");
	char *expected, *got = slurp(output);

	if (!lib) {
		bool null = variables[0] && !strcmp(variables[0], "null");

		for (int n = 0; variables[n] && !null; n++)
			env[n] = variables[n];
	} else {
		for (int n = 0; cases[i].out[n]; n++)
			env[n] = with_path(cases[i].out[n]);
	}
	expected = expected_text(argv, env);
	if (shell) {
		expected = only_preload(expected);
		got = only_preload(got);
	}
	same_text(got, expected);
	unlink(output);
}

static void check_case(const char *way, const char *door, int i)
{
	char *variables[8] = {NULL};

	for (int n = 1; cases[i].in[n]; n++)
		variables[n - 1] = with_path(cases[i].in[n]);
	run_host(way, door, cases[i].in[0], variables, 0);
	expect(door, i, variables);
}

START_TEST(every_case)
{
	check_case("none", "execve", _i);
	check_case("none", "posix_spawn", _i);
}
END_TEST

/* Of several variables of one name a shell passes on one; and fexecve() wants
 * an environment. */
static bool possible(const char *door, int i)
{
	bool shell = !strcmp(door, "system") || !strcmp(door, "popen");
	int n = 0;

	if (!strcmp(door, "fexecve"))
		return !cases[i].in[1] || strcmp(cases[i].in[1], "null") != 0;
	for (int k = 1; cases[i].in[k]; k++)
		n += !strncmp(cases[i].in[k], "LD_PRELOAD=", 11);
	return !shell || n < 2;
}

START_TEST(every_door)
{
	for (int i = 0; i < LENGTH(cases); i++) {
		if (!possible(doors[_i], i))
			continue;
		for (int way = 0; way < LENGTH(ways); way++) {
			/* Not in a child that must do no more than exec. */
			if (way == 2 && _i >= LENGTH(doors) - 4)
				continue;
			check_case(ways[way], doors[_i], i);
		}
	}
}
END_TEST

/* Where the engine is not to be used, or cannot be. */
START_TEST(without_engine)
{
	static const char *const spawners[] = {"posix_spawn", "system",
					       "popen"};

	spawn = "off";
	for (int i = 0; i < LENGTH(cases); i++) {
		if (possible(spawners[_i], i))
			check_case("none", spawners[_i], i);
	}
}
END_TEST

/* Natively, the kernel says so. */
START_TEST(unreadable)
{
	static const char *const settings[] = {"inherit", "keep", "drop"};
	static const char *const able[] = {
		"execve",  "execvpe",	 "execle",     "fexecve",
		"syscall", "syscall_at", "posix_spawn"};

	for (int i = 0; i < LENGTH(able) * LENGTH(settings); i++) {
		char what[] = {(char)('0' + _i), '\0'};
		char *variables[] = {"bad", what, NULL};

		for (int way = 0; way < LENGTH(ways); way++)
			run_host(ways[way], able[i % LENGTH(able)],
				 settings[i / LENGTH(able)], variables, 93);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("env");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_loop_test(tcase, every_case, 0, LENGTH(cases));
	tcase_add_loop_test(tcase, every_door, 0, LENGTH(doors));
	tcase_add_loop_test(tcase, without_engine, 0, 3);
	tcase_add_loop_test(tcase, unreadable, 0, 4);
	return run_suite("env", tcase);
}

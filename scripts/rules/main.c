/* SPDX-License-Identifier: MIT
 *
 *	vspawn rules --check FILE...		what is wrong in it
 *	vspawn rules --explain COMMAND...	what holds for its forks
 *
 * By the library's own parser.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/parse.h"
#include "who.h"

static struct vs_rules rules;
static char original[VS_RULES_FILE + 1];
static unsigned complaints;

static void complain(void *file, unsigned line, const char *text)
{
	complaints++;
	if (line)
		fprintf(stderr, "%s:%u: %s\n", (const char *)file, line, text);
	else
		fprintf(stderr, "%s: %s\n", (const char *)file, text);
}

static void read_file(char *file, bool (*wanted)(void *, const char *))
{
	struct vs_rules_reader reader = {.rules = &rules,
					 .wanted = wanted,
					 .complain = complain,
					 .arg = file};
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;
	const char *why;
	struct stat st;
	ssize_t n;

	vs_rules_begin(&reader);
	if (fd < 0 || fstat(fd, &st)) {
		complain(file, 0, strerror(errno));
		return;
	}
	why = vs_rules_unacceptable(st.st_mode, st.st_uid, geteuid(),
				    (uint64_t)st.st_size);
	if (why)
		complain(file, 0, why);
	while (size < VS_RULES_FILE &&
	       (n = read(fd, original + size, VS_RULES_FILE - size)) > 0)
		size += (size_t)n;
	close(fd);
	original[size] = '\0';
	vs_rules_feed(&reader, original, (unsigned)size);
	vs_rules_end(&reader);
}

static unsigned programs;

/* A path that there is not may be meant for another machine: a note. */
static bool note_missing(void *arg, const char *name)
{
	struct stat st;

	programs++;
	if (*name == '/' && !name[strcspn(name, "*?[")] && stat(name, &st))
		printf("%s: note: there is no %s here\n", (char *)arg, name);
	return false;
}

static int check(int argc, char **argv)
{
	unsigned before = 0;

	for (int i = 0; i < argc; i++) {
		programs = 0;
		read_file(argv[i], note_missing);
		if (complaints == before)
			printf("%s: %u rules, nothing wrong\n", argv[i],
			       programs);
		before = complaints;
	}
	return complaints > 0;
}

static bool is_mine(void *arg, const char *program)
{
	(void)arg;
	return vs_rules_path_matches(program, who.file) ||
	       vs_rules_path_matches(program, who.executed) ||
	       (*who.script && vs_rules_path_matches(program, who.script));
}

static void print_line(unsigned number)
{
	const char *at = original;

	for (unsigned n = 1; n < number && at; n++)
		at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
	if (at)
		printf("line %-10u%.*s\n", number, (int)strcspn(at, "\n"), at);
}

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value ? value : otherwise;
}

static void print_rest(int engine, int strict)
{
	static const char elsewhere[] = "at other sites";

	if (!engine)
		printf("%-15s%s\n", elsewhere, setting("VSPAWN_FORK", "auto"));
	if (!strict)
		printf("%-15sstrict=%s\n", elsewhere,
		       setting("VSPAWN_STRICT", "off"));
}

/* The first one counts; those behind one for all sites never do. */
static void print_rules(void)
{
	int engine = 0, strict = 0;

	for (unsigned i = 0; i < rules.n; i++) {
		const struct vs_rule *rule = &rules.rule[i];
		int *decided =
			rule->action == VS_RULE_STRICT ? &strict : &engine;

		if (rule->child) {
			print_line(rule->line);
			continue;
		}
		if (*decided)
			printf("never          ");
		print_line(rule->line);
		if (!rule->symbol && !rule->module)
			*decided = 1;
	}
	print_rest(engine, strict);
}

static int explain(int argc, char **argv)
{
	static char usual[] = "/etc/vspawn/rules";
	char *file = getenv("VSPAWN_RULES");
	const char *missing;

	if (argc < 1)
		return -1;
	missing = find_who(argv);
	if (missing) {
		fprintf(stderr, "vspawn: %s: no such program\n", missing);
		return 2;
	}
	printf("program        %s\n", who.file);
	printf("executed as    %s\n", who.executed);
	if (*who.script)
		printf("argument       %s\n", who.script);
	if (!file && getenv("VSPAWN_FORK")) {
		printf("rules          %s is not read: VSPAWN_FORK is set\n",
		       usual);
		file = NULL;
	} else if (!file) {
		file = access(usual, F_OK) ? NULL : usual;
	}
	printf("rules          %s\n", file && *file ? file : "none");
	if (file && *file)
		read_file(file, is_mine);
	print_rules();
	return complaints > 0;
}

int main(int argc, char **argv)
{
	int status = -1;

	if (argc > 2 && !strcmp(argv[1], "--check"))
		status = check(argc - 2, argv + 2);
	else if (argc > 2 && !strcmp(argv[1], "--explain"))
		status = explain(argc - 2, argv + 2);
	if (status < 0) {
		fputs("usage: vspawn rules --check FILE...\n"
		      "       vspawn rules --explain COMMAND [ARG...]\n",
		      stderr);
		return 2;
	}
	return status;
}

/* SPDX-License-Identifier: MIT
 * The settings: VSPAWN_* in the environment, read once at load. An unknown
 * value gets one warning and the default holds. */
#include "base/config.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/compiler.h"
#include "port.h"

struct vs_config vs_config = {.spawn = true};

struct choice {
	const char *value;
	int meaning;
};

static const struct choice main_switch[] = {{"on", 0}, {"off", 1}, {NULL, 0}};
static const struct choice on_off[] = {{"off", 0}, {"on", 1}, {NULL, 0}};
static const struct choice fork_modes[] = {{"auto", VS_FORK_AUTO},
					   {"native", VS_FORK_NATIVE},
					   {"txn", VS_FORK_TXN},
					   {"share", VS_FORK_SHARE},
					   {NULL, 0}};
static const struct choice children_modes[] = {{"inherit", VS_CHILDREN_INHERIT},
					       {"keep", VS_CHILDREN_KEEP},
					       {"drop", VS_CHILDREN_DROP},
					       {NULL, 0}};

/* The beginning of a warning. Runs before main: no stdio, and one write, so
 * that lines stay whole. */
static char *not_known(char *at, const char *name, const char *value)
{
	at = stpcpy(at, "vspawn: ");
	at = stpcpy(at, name);
	at = stpcpy(at, "=");
	at = stpncpy(at, value, 200);
	return stpcpy(at, " is not known; allowed: ");
}

static void warn(const char *name, const char *value, const struct choice *of,
		 int used)
{
	char line[512], *end = line + sizeof(line) - 1, *at;
	int saved = errno;

	at = not_known(line, name, value);
	for (const struct choice *c = of; c->value && end - at > 32; c++) {
		at = stpcpy(at, c->value);
		at = stpcpy(at, c[1].value ? ", " : ". Using ");
	}
	for (; of->value; of++) {
		if (of->meaning == used)
			at = stpcpy(at, of->value);
	}
	*at++ = '\n';
	vs_sys(SYS_write, STDERR_FILENO, line, at - line);
	errno = saved;
}

/* The meaning of `value`, or `fallback` and a warning. */
static int choose(const char *name, const char *value, const struct choice *of,
		  int fallback)
{
	for (const struct choice *c = of; c->value; c++) {
		if (!strcmp(value, c->value))
			return c->meaning;
	}
	warn(name, value, of, fallback);
	return fallback;
}

const char *vs_value_of(const char *variable, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(variable, name, len) != 0 || variable[len] != '=')
		return NULL;
	return variable + len + 1;
}

/* Copies: daemons that set their process title write over the arguments and
 * the environment. NULL if it is longer than there is room. */
static const char *keep(char *copy, size_t size, const char *file)
{
	return strlen(file) < size ? strcpy(copy, file) : NULL;
}

static void read_strict(const char *value)
{
	char line[512], *at;
	int saved = errno;

	if (vs_strict_parse(value, &vs_config.strict))
		return;
	vs_config.strict = (struct vs_strictness){VS_STRICT_OFF, 0};
	at = not_known(line, "VSPAWN_STRICT", value);
	at = stpcpy(at, "off, log:SIZE, fail:SIZE. Using off\n");
	vs_sys(SYS_write, STDERR_FILENO, line, at - line);
	errno = saved;
}

/* Which files. A shorter room for those that few programs have. */
static void read_place(const char *variable)
{
	static char stats[PATH_MAX] VS_BIG, log[512] VS_BIG, rules[512] VS_BIG,
		audit[512] VS_BIG;
	const char *v;

	if ((v = vs_value_of(variable, "VSPAWN_STATS")) && *v)
		vs_config.stats = keep(stats, sizeof(stats), v);
	else if ((v = vs_value_of(variable, "VSPAWN_LOG")) && *v)
		vs_config.log = keep(log, sizeof(log), v);
	else if ((v = vs_value_of(variable, "VSPAWN_AUDIT")) && *v)
		vs_config.audit = keep(audit, sizeof(audit), v);
	else if ((v = vs_value_of(variable, "VSPAWN_RULES")))
		vs_config.rules = keep(rules, sizeof(rules), v);
}

static void read_fork(const char *value)
{
	vs_config.fork_given = true;
	vs_config.fork_mode = (enum vs_fork_mode)choose(
		"VSPAWN_FORK", value, fork_modes, VS_FORK_AUTO);
}

static void read_one(const char *variable)
{
	const char *v;

	if ((v = vs_value_of(variable, "VSPAWN")))
		vs_config.off = choose("VSPAWN", v, main_switch, 0);
	else if ((v = vs_value_of(variable, "VSPAWN_SPAWN")))
		vs_config.spawn = choose("VSPAWN_SPAWN", v, on_off, 1);
	else if ((v = vs_value_of(variable, "VSPAWN_FORK")))
		read_fork(v);
	else if ((v = vs_value_of(variable, "VSPAWN_CHILDREN")))
		vs_config.children = (enum vs_children)choose(
			"VSPAWN_CHILDREN", v, children_modes,
			VS_CHILDREN_INHERIT);
	else if ((v = vs_value_of(variable, "VSPAWN_STRICT")))
		read_strict(v);
	else
		read_place(variable);
}

void vs_config_read(char **envp)
{
	if (getauxval(AT_SECURE))
		return;
	for (; envp && *envp; envp++) {
		if (!strncmp(*envp, "VSPAWN", 6))
			read_one(*envp);
	}
	if (vs_config.off)
		vs_config.children = VS_CHILDREN_INHERIT;
	if (vs_config.stats || vs_config.log || vs_config.rules ||
	    vs_config.audit || vs_config.strict.how)
		strncpy(vs_config.program, program_invocation_short_name,
			sizeof(vs_config.program) - 1);
	vs_config.read = true;
}

void vs_config_arguments(char **argv)
{
	if (!argv || !*argv)
		return;
	while (*++argv) {
		if (**argv == '-')
			continue;
		if (strlen(*argv) < sizeof(vs_config.argument))
			strcpy(vs_config.argument, *argv);
		return;
	}
}

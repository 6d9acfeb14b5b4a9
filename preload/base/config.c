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

/* Runs before main: no stdio, and one write, so that lines stay whole. */
static void warn(const char *name, const char *value, const struct choice *of,
		 int used)
{
	char line[512], *end = line + sizeof(line) - 1, *at = line;
	int saved = errno;

	at = stpcpy(at, "vspawn: ");
	at = stpcpy(at, name);
	at = stpcpy(at, "=");
	at = stpncpy(at, value, 200);
	at = stpcpy(at, " is not known; allowed: ");
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
 * the environment. */
static void keep_stats(const char *file)
{
	static char copy[PATH_MAX] VS_BIG;

	if (strlen(file) >= sizeof(copy))
		return;
	strcpy(copy, file);
	vs_config.stats = copy;
	strncpy(vs_config.program, program_invocation_short_name,
		sizeof(vs_config.program) - 1);
}

static void read_one(const char *variable)
{
	const char *v;

	if ((v = vs_value_of(variable, "VSPAWN")))
		vs_config.off = choose("VSPAWN", v, main_switch, 0);
	else if ((v = vs_value_of(variable, "VSPAWN_SPAWN")))
		vs_config.spawn = choose("VSPAWN_SPAWN", v, on_off, 1);
	else if ((v = vs_value_of(variable, "VSPAWN_FORK")))
		vs_config.fork_mode = (enum vs_fork_mode)choose(
			"VSPAWN_FORK", v, fork_modes, VS_FORK_AUTO);
	else if ((v = vs_value_of(variable, "VSPAWN_CHILDREN")))
		vs_config.children = (enum vs_children)choose(
			"VSPAWN_CHILDREN", v, children_modes,
			VS_CHILDREN_INHERIT);
	else if ((v = vs_value_of(variable, "VSPAWN_STATS")) && *v)
		keep_stats(v);
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
}

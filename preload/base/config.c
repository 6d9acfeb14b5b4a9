/* SPDX-License-Identifier: MIT
 * The settings: VSPAWN_* in the environment, read once at load. An unknown
 * value gets one warning and the default holds. */
#include "base/config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
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

static const struct choice formats[] = {{"text", VS_FORMAT_TEXT},
					{"line", VS_FORMAT_LINE},
					{"json", VS_FORMAT_JSON},
					{NULL, 0}};
static const struct choice signals[] = {{"none", 0},	     {"USR1", SIGUSR1},
					{"USR2", SIGUSR2},   {"HUP", SIGHUP},
					{"QUIT", SIGQUIT},   {"URG", SIGURG},
					{"WINCH", SIGWINCH}, {NULL, 0}};
static const struct choice reporters[] = {
	{"all", 0}, {"program", 1}, {NULL, 0}};

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
 * the environment. Shorter ones of what few programs have. */
static char stats_copy[PATH_MAX] VS_BIG, trace_copy[PATH_MAX] VS_BIG,
	live_copy[256] VS_BIG, log_copy[512] VS_BIG, rules_copy[512] VS_BIG,
	audit_copy[512] VS_BIG;

/* NULL if it is longer than there is room. */
static const char *keep(char *copy, size_t room, const char *value)
{
	return strlen(value) < room ? strcpy(copy, value) : NULL;
}

static void report(const char **setting, char *copy, size_t room,
		   const char *value, unsigned report)
{
	if (!*value || !keep(copy, room, value))
		return;
	*setting = copy;
	vs_config.reports |= report;
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

/* False if it is another one. */
static bool read_place(const char *variable)
{
	const char *v;

	if ((v = vs_value_of(variable, "VSPAWN_LOG")) && *v)
		vs_config.log = keep(log_copy, sizeof(log_copy), v);
	else if ((v = vs_value_of(variable, "VSPAWN_AUDIT")) && *v)
		vs_config.audit = keep(audit_copy, sizeof(audit_copy), v);
	else if ((v = vs_value_of(variable, "VSPAWN_RULES")))
		vs_config.rules = keep(rules_copy, sizeof(rules_copy), v);
	return v != NULL;
}

static void read_fork(const char *value)
{
	vs_config.fork_given = true;
	vs_config.fork_mode = (enum vs_fork_mode)choose(
		"VSPAWN_FORK", value, fork_modes, VS_FORK_AUTO);
}

static bool is_number(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == '\0';
}

/* "program" becomes its process id, in its place: the programs that this one
 * runs inherit that, and know by it that they are not meant. A pid has seven
 * digits at most (PID_MAX_LIMIT in linux/threads.h). */
static void read_reporter(char *value)
{
	long pid = vs_sys(SYS_getpid);
	char digits[8], *at = digits + sizeof(digits) - 1;

	if (is_number(value)) {
		vs_config.report_of = atol(value);
		return;
	}
	if (!choose("VSPAWN_REPORT", value, reporters, 0))
		return;
	vs_config.report_of = pid;
	*at = '\0';
	do
		*--at = (char)('0' + pid % 10);
	while (pid /= 10);
	strcpy(value, at);
}

static void read_report(char *variable)
{
	const char *v;

	if ((v = vs_value_of(variable, "VSPAWN_STATS_PID")))
		vs_config.stats_pid = is_number(v) ? atol(v) : 0;
	if ((v = vs_value_of(variable, "VSPAWN_STATS")))
		report(&vs_config.stats, stats_copy, sizeof(stats_copy), v,
		       VS_REPORT_SUMMARY);
	else if ((v = vs_value_of(variable, "VSPAWN_TRACE")))
		report(&vs_config.trace, trace_copy, sizeof(trace_copy), v,
		       VS_REPORT_TRACE);
	else if ((v = vs_value_of(variable, "VSPAWN_LIVE")))
		report(&vs_config.live, live_copy, sizeof(live_copy), v,
		       VS_REPORT_LIVE);
	else if ((v = vs_value_of(variable, "VSPAWN_STATS_FORMAT")))
		vs_config.stats_format = (enum vs_format)choose(
			"VSPAWN_STATS_FORMAT", v, formats, VS_FORMAT_TEXT);
	else if ((v = vs_value_of(variable, "VSPAWN_STATS_SIGNAL")))
		vs_config.stats_signal =
			choose("VSPAWN_STATS_SIGNAL", v, signals, 0);
	else if ((v = vs_value_of(variable, "VSPAWN_REPORT")))
		read_reporter(variable + (v - variable));
}

/* A signal alone asks for a summary, too. */
static void settle_reports(void)
{
	if (vs_config.stats_signal && !vs_config.stats) {
		vs_config.stats = "stderr";
		vs_config.reports |= VS_REPORT_SUMMARY;
	}
	if (vs_config.report_of && vs_config.report_of != vs_sys(SYS_getpid))
		vs_config.reports = 0;
}

static void read_one(char *variable)
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
	else if (!read_place(variable))
		read_report(variable);
}

void vs_config_read(char **envp)
{
	if (getauxval(AT_SECURE))
		return;
	for (; envp && *envp; envp++) {
		if (!strncmp(*envp, "VSPAWN", 6))
			read_one(*envp);
	}
	settle_reports();
	if (vs_config.off)
		vs_config.children = VS_CHILDREN_INHERIT;
	if (vs_config.reports || vs_config.log || vs_config.rules ||
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

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

/* What a value may be: the place of a word in its list is what it means. No
 * arrays of pointers, each of which would be relocated in every process. */
static const char main_switch[] = "on, off", on_off[] = "off, on",
		  fork_modes[] = "auto, native, txn, share",
		  children_modes[] = "inherit, keep, drop",
		  formats[] = "text, line, json",
		  signals[] = "none, USR1, USR2, HUP, QUIT, URG, WINCH",
		  reporters[] = "all, program";
static const unsigned char signal_of[] = {0,	   SIGUSR1, SIGUSR2, SIGHUP,
					  SIGQUIT, SIGURG,  SIGWINCH};

/* What is behind the word that begins here. */
static const char *next(const char *word)
{
	word += strcspn(word, ",");
	return *word ? word + 2 : word;
}

/* Runs before main: no stdio, and one write, so that lines stay whole. */
static void warn(const char *name, const char *value, const char *words,
		 int used)
{
	char line[512], *at = stpcpy(line, "vspawn: ");
	int saved = errno;

	at = stpcpy(at, name);
	at = stpcpy(at, "=");
	at = stpncpy(at, value, 200);
	at = stpcpy(at, " is not known; allowed: ");
	at = stpcpy(at, words);
	at = stpcpy(at, ". Using ");
	while (used--)
		words = next(words);
	at = stpncpy(at, words, strcspn(words, ","));
	*at++ = '\n';
	vs_sys(SYS_write, STDERR_FILENO, line, at - line);
	errno = saved;
}

/* Which of the words `value` is, or `fallback` and a warning. */
static int choose(const char *name, const char *value, const char *words,
		  int fallback)
{
	int i = 0;

	for (const char *word = words; *word; word = next(word), i++) {
		size_t len = strcspn(word, ",");

		if (!strncmp(value, word, len) && !value[len])
			return i;
	}
	warn(name, value, words, fallback);
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
	if (vs_strict_parse(value, &vs_config.strict))
		return;
	vs_config.strict = (struct vs_strictness){VS_STRICT_OFF, 0};
	warn("VSPAWN_STRICT", value, "off, log:SIZE, fail:SIZE", 0);
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
			signal_of[choose("VSPAWN_STATS_SIGNAL", v, signals, 0)];
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

/* SPDX-License-Identifier: MIT
 *
 * The rules of this program, and which of them holds for a call. Two sets of
 * them: one is in use, the other is for the next reading. What a site's rule is
 * is kept, because to find that out takes the loader's list.
 */
#include "rules/internal.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/line.h"
#include "kernel/lock.h"
#include "kernel/sigset.h"
#include "kernel/sys.h"
#include "libc/facts.h"
#include "libc/location.h"
#include "stats/tell/log.h"

static const char usual[] = "/etc/vspawn/rules";

/* Milliseconds between two looks at the file. */
enum { EVERY_MS = 1000 };

static struct vs_rules set[2] VS_BIG;
static struct vs_who who VS_BIG;
static struct vs_rules_stamp stamp;

/* How often a file was found to be another; set[generation % 2] is in use. The
 * other one is written to only after that has changed. 0: nothing yet. */
static _Atomic unsigned generation;

static _Atomic bool looked;
static _Atomic unsigned looked_at; /* ms; wraps */
static vs_lock lock;

static const char *file_name(void)
{
	if (vs_config.rules)
		return *vs_config.rules ? vs_config.rules : NULL;
	/* The nearer one wins. */
	return vs_config.fork_given ? NULL : usual;
}

/* ---- reading ---- */

struct said {
	unsigned count;
	char first[512];
};

static void complain(void *arg, unsigned line, const char *text)
{
	struct said *said = arg;
	struct vs_line to;

	if (said->count++)
		return;
	to = vs_line_in(said->first, sizeof(said->first) - 64);
	vs_line_put(&to, "vspawn: ");
	vs_line_put(&to, file_name());
	if (line) {
		vs_line_char(&to, ':');
		vs_line_number(&to, line, 10);
		vs_line_char(&to, ':');
	}
	vs_line_char(&to, ' ');
	vs_line_put(&to, text);
}

/* One line, however many are wrong. */
static void say(struct said *said)
{
	struct vs_line to = {said->first,
			     said->first + sizeof(said->first) - 1};

	if (!said->count)
		return;
	while (*to.at)
		to.at++;
	if (said->count > 1) {
		vs_line_put(&to, "; and ");
		vs_line_number(&to, said->count - 1, 10);
		vs_line_put(&to, " more: vspawn rules --check");
	}
	vs_log(said->first, true);
}

/* Only rules of this program are kept. */
static bool is_mine(void *arg, const char *program)
{
	(void)arg;
	for (int i = 0; i < VS_WHO_NAMES; i++) {
		if (*who.name[i] && vs_rules_path_matches(program, who.name[i]))
			return true;
	}
	return false;
}

static void read_anew(const char *name)
{
	struct vs_rules *rules = &set[(generation + 1) % 2];
	struct said said = {0};
	struct vs_rules_reader reader = {.rules = rules,
					 .wanted = is_mine,
					 .complain = complain,
					 .arg = &said};
	const char *wrong;

	wrong = vs_rules_read(name, &reader, generation ? NULL : &who);
	if (wrong) {
		rules->n = 0;
		/* That nobody has asked for is not for everybody. */
		if (vs_config.rules || wrong != vs_rules_no_access)
			complain(&said, 0, wrong);
	}
	atomic_fetch_add(&generation, 1);
	say(&said);
}

/* The file is no more: so are its rules. */
static void forget(void)
{
	set[(generation + 1) % 2].n = 0;
	atomic_fetch_add(&generation, 1);
}

static bool same(const struct vs_rules_stamp *a, const struct vs_rules_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->changed[0] == b->changed[0] &&
	       a->changed[1] == b->changed[1] &&
	       a->changed[2] == b->changed[2] && a->changed[3] == b->changed[3];
}

static void look_now(void)
{
	const char *name = file_name();
	struct vs_rules_stamp now;

	if (!name)
		return;
	vs_rules_stamp(name, &now);
	if (same(&now, &stamp))
		return;
	stamp = now;
	if (now.ino)
		read_anew(name);
	else
		forget();
}

/* Signals are blocked: a handler may fork. */
static void look(unsigned now)
{
	vs_sigset old;

	vs_block_all(&old);
	vs_lock_take(&lock);
	if (!looked || now - looked_at >= EVERY_MS) {
		looked_at = now;
		look_now();
		looked = true;
	}
	vs_lock_drop(&lock);
	vs_unblock(&old);
}

static void look_if_due(void)
{
	unsigned now = vs_coarse_ms();

	if (vs_unlikely(!looked || now - looked_at >= EVERY_MS))
		look(now);
}

/* Another thread of the parent may have been reading: then it is read again. */
void vs_rules_reset(void)
{
	if (lock)
		stamp = (struct vs_rules_stamp){0};
	lock = 0;
}

/* ---- which of them ---- */

/* Indices of the rules that hold, or NONE. */
enum { NONE = 0xff };

struct held {
	unsigned char mode, strict;
};

static struct held find(const struct vs_rules *rules, uintptr_t caller)
{
	struct held held = {NONE, NONE};
	struct vs_location at;
	bool located = false;

	for (unsigned i = 0; i < rules->n; i++) {
		const struct vs_rule *rule = &rules->rule[i];
		unsigned char *to = rule->action == VS_RULE_STRICT
					    ? &held.strict
					    : &held.mode;

		if (*to != NONE || rule->child)
			continue;
		if ((rule->symbol || rule->module) && !located) {
			located = true;
			if (!vs_locate_caller(caller, &at))
				at.offset = 0;
		}
		if ((!rule->symbol && !rule->module) ||
		    vs_rules_site_matches(
			    rules, rule,
			    *at.module ? at.module : who.name[VS_WHO_FILE],
			    at.offset, *at.symbol ? at.symbol : NULL))
			*to = (unsigned char)i;
	}
	return held;
}

/* What was found for a site lately. Two words that belong together only if the
 * one says so, mixed into the other: they are written without a lock, by
 * threads that may be stopped between them. */
enum { KEPT = 64 };

static struct {
	_Atomic uintptr_t key;
	_Atomic unsigned value; /* generation, strict, mode */
} kept[KEPT];

static uintptr_t key_of(uintptr_t caller, unsigned value)
{
	return caller ^ (uintptr_t)value * 2654435761U;
}

static struct held find_quickly(const struct vs_rules *rules, unsigned now,
				uintptr_t caller)
{
	unsigned slot = (unsigned)(caller ^ caller >> 6 ^ caller >> 12) % KEPT;
	unsigned value = kept[slot].value;
	struct held held;

	if (value >> 16 == (now & 0xffff) &&
	    kept[slot].key == key_of(caller, value))
		return (struct held){value & 0xff, value >> 8 & 0xff};
	held = find(rules, caller);
	value = now << 16 | (unsigned)held.strict << 8 | held.mode;
	kept[slot].value = value;
	kept[slot].key = key_of(caller, value);
	return held;
}

static void apply(const struct vs_rules *rules, struct held held,
		  struct vs_ruling *ruling)
{
	if (held.mode != NONE) {
		unsigned action = rules->rule[held.mode].action;

		ruling->off = action == VS_RULE_OFF;
		ruling->mode = ruling->off ? VS_FORK_NATIVE
					   : (enum vs_fork_mode)action;
	}
	if (held.strict != NONE)
		ruling->strict = rules->rule[held.strict].strict;
}

/* Again, if they have been replaced meanwhile: twice would write over them. */
void vs_rules_ask(uintptr_t caller, bool may_look, struct vs_ruling *ruling)
{
	unsigned now;

	if (may_look && vs_config.read)
		look_if_due();
	do {
		const struct vs_rules *rules;

		*ruling = (struct vs_ruling){.mode = vs_config.fork_mode,
					     .strict = vs_config.strict};
		now = generation;
		rules = &set[now % 2];
		if (vs_unlikely(now && rules->n))
			apply(rules, find_quickly(rules, now, caller), ruling);
	} while (vs_unlikely(now != generation));
}

bool vs_rules_forbid_exec(const char *path)
{
	unsigned now = generation;
	const struct vs_rules *rules = &set[now % 2];

	for (unsigned i = 0; now && path && i < rules->n; i++) {
		if (rules->rule[i].child &&
		    vs_rules_path_matches(rules->words + rules->rule[i].child,
					  path))
			return true;
	}
	return false;
}

/* The whole program is off: by the first rule that has no site. */
static bool is_off(void)
{
	const struct vs_rules *rules = &set[generation % 2];

	for (unsigned i = 0; i < rules->n; i++) {
		const struct vs_rule *rule = &rules->rule[i];

		if (!rule->child && !rule->symbol && !rule->module &&
		    rule->action != VS_RULE_STRICT)
			return rule->action == VS_RULE_OFF;
	}
	return false;
}

/* Where there were none at first, nobody asks the clock: a spawn takes some 40
 * us, a fork ten times that. */
bool vs_rules_allow_spawn(const char *file)
{
	if (vs_unlikely((!looked || generation) && vs_config.read))
		look_if_due();
	if (vs_likely(!generation))
		return true;
	return !is_off() && !vs_rules_forbid_exec(file);
}

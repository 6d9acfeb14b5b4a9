/* SPDX-License-Identifier: MIT
 *
 * Which rule of this program holds for a call. What a site's is, is kept:
 * to find that out takes all the symbols of an object.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "base/compiler.h"
#include "libc/location.h"
#include "rules/internal.h"

/* Indices of the rules that hold, or NONE. */
enum { NONE = 0xff };

struct held {
	unsigned char mode, strict;
};

/* Where the call site is: asked for once, if it is needed. */
struct place {
	bool asked, known;
	struct vs_location at;
};

/* Code that is in no object, made at run time, is at no site that a rule could
 * name. */
static bool is_at(const struct vs_rules *rules, const struct vs_rule *rule,
		  uintptr_t caller, struct place *place)
{
	const struct vs_location *at = &place->at;

	if (!rule->symbol && !rule->module)
		return true;
	if (!place->asked)
		place->known = vs_locate_caller(caller, &place->at);
	place->asked = true;
	return place->known &&
	       vs_rules_site_matches(
		       rules, rule,
		       *at->module ? at->module : vs_rules_program(),
		       at->offset, *at->symbol ? at->symbol : NULL);
}

static struct held find(const struct vs_rules *rules, uintptr_t caller)
{
	struct held held = {NONE, NONE};
	struct place place;

	place.asked = false;
	for (unsigned i = 0; i < rules->n; i++) {
		const struct vs_rule *rule = &rules->rule[i];
		unsigned char *to = rule->action == VS_RULE_STRICT
					    ? &held.strict
					    : &held.mode;

		if (*to == NONE && !rule->child &&
		    is_at(rules, rule, caller, &place))
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
		vs_rules_look_if_due();
	do {
		const struct vs_rules *rules;

		*ruling = (struct vs_ruling){.mode = vs_config.fork_mode,
					     .strict = vs_config.strict};
		now = vs_rules_generation();
		rules = vs_rules_of(now);
		if (vs_unlikely(now && rules->n))
			apply(rules, find_quickly(rules, now, caller), ruling);
	} while (vs_unlikely(now != vs_rules_generation()));
}

bool vs_rules_forbid_exec(const char *path)
{
	unsigned now = vs_rules_generation();
	const struct vs_rules *rules = vs_rules_of(now);

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
	const struct vs_rules *rules = vs_rules_of(vs_rules_generation());

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
	if (vs_unlikely(!vs_rules_never() && vs_config.read))
		vs_rules_look_if_due();
	if (vs_likely(!vs_rules_generation()))
		return true;
	return !is_off() && !vs_rules_forbid_exec(file);
}

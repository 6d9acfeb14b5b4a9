/* SPDX-License-Identifier: MIT
 * What a rule is about: patterns, and call sites. Runs in children, too. */
#include <stddef.h>

#include "base/bytes.h"
#include "rules/parse.h"

/* [a-z], [!a-z]: the pattern behind it, or NULL if it is not closed, and then
 * it is a bracket. */
static const char *in_brackets(const char *p, char c, bool *matches)
{
	bool negated = p[1] == '!' || p[1] == '^', found = false;
	const char *at = p + 1 + negated, *first = at;

	for (; *at && (*at != ']' || at == first); at++) {
		unsigned char lo = (unsigned char)*at, hi = lo;

		if (at[1] == '-' && at[2] && at[2] != ']') {
			hi = (unsigned char)at[2];
			at += 2;
		}
		found |= lo <= (unsigned char)c && (unsigned char)c <= hi;
	}
	*matches = found != negated;
	return *at ? at + 1 : NULL;
}

/* One character by the beginning of the pattern: what is behind that, or NULL.
 */
static const char *one(const char *p, char c)
{
	const char *next;
	bool matches;

	if (!*p || *p == '*')
		return NULL;
	if (*p == '?')
		return p + 1;
	if (*p == '[') {
		next = in_brackets(p, c, &matches);
		if (next)
			return matches ? next : NULL;
	}
	return *p == c ? p + 1 : NULL;
}

/* The last star takes what it has to: no recursion, which a long pattern would
 * make deep and slow. */
bool vs_rules_name_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL, *next;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if ((next = one(pattern, *name))) {
			pattern = next;
			name++;
		} else if (star) {
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool vs_rules_path_matches(const char *pattern, const char *path)
{
	bool whole = vs_base_name(pattern) != pattern;

	return vs_rules_name_matches(pattern,
				     whole ? path : vs_base_name(path));
}

bool vs_rules_site_matches(const struct vs_rules *rules,
			   const struct vs_rule *rule, const char *module,
			   uint64_t offset, const char *symbol)
{
	if (rule->symbol)
		return symbol && vs_rules_name_matches(
					 rules->words + rule->symbol, symbol);
	if (!rule->module)
		return true;
	return (rule->anywhere || rule->offset == offset) &&
	       vs_rules_path_matches(rules->words + rule->module, module);
}

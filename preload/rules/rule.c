/* SPDX-License-Identifier: MIT
 * One rule, of its words. What is wrong is said with what is allowed: nobody
 * looks into a manual at that moment. */
#include <stddef.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/line.h"
#include "rules/rule.h"

static const char actions[][8] = {"auto", "native", "txn", "share", "off"};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' ^ 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Behind the digits, of which there is one at least; or NULL. */
static const char *hexadecimal(const char *text, uint64_t *to)
{
	const char *at = text;

	for (*to = 0; digit(*at) < 16; at++) {
		if (*to >> 60)
			return NULL;
		*to = *to << 4 | (unsigned)digit(*at);
	}
	return at == text ? NULL : at;
}

void vs_rules_wrong(struct vs_rules_reader *p, const char *what,
		    const char *word, const char *text)
{
	char room[256];
	struct vs_line line = vs_line_in(room, sizeof(room));

	if (p->wrong)
		return;
	p->wrong = true;
	vs_line_put(&line, what);
	if (word) {
		struct vs_line quoted = line;

		/* A long one leaves room for what is allowed. */
		vs_line_char(&quoted, '"');
		if (quoted.end - quoted.at > 64)
			quoted.end = quoted.at + 64;
		vs_line_put(&quoted, word);
		line.at = quoted.at;
		vs_line_char(&line, '"');
	}
	vs_line_put(&line, text);
	p->complain(p->arg, p->line + 1, room);
}

/* Keeps the word, if it is of a rule that is wanted; 0: there is no room, and
 * it is wrong. */
static uint16_t keep(struct vs_rules_reader *p, const char *word)
{
	struct vs_rules *rules = p->rules;
	size_t size = vs_length(word, '\0') + 1;
	unsigned at = rules->used;

	if (!p->mine)
		return 1;
	if (size > sizeof(rules->words) - at) {
		vs_rules_wrong(
			p, "", NULL,
			"too many rules for one program; allowed: 2 KiB of "
			"words");
		return 0;
	}
	vs_copy_up(rules->words + at, word, size);
	rules->used += (unsigned)size;
	return (uint16_t)at;
}

/* SYMBOL, MODULE+0xOFFSET, MODULE+*. `+` may be in the name of the module:
 * libstdc++.so.6. */
static void read_site(struct vs_rules_reader *p, char *word)
{
	char *plus = NULL;
	const char *end;

	for (char *at = word; *at; at++) {
		if (*at == '+')
			plus = at;
	}
	if (!plus) {
		if (!*word || vs_length(word, '/') != vs_length(word, '\0'))
			vs_rules_wrong(p, "at=", NULL,
				       " is no site; allowed: at=SYMBOL, "
				       "at=MODULE+0xOFFSET, at=MODULE+*");
		p->rule.symbol = keep(p, word);
		return;
	}
	*plus = '\0';
	p->rule.module = keep(p, word);
	p->rule.anywhere = vs_same(plus + 1, "*");
	if (p->rule.anywhere && *word)
		return;
	end = plus[1] == '0' && (plus[2] | 0x20) == 'x'
		      ? hexadecimal(plus + 3, &p->rule.offset)
		      : NULL;
	if (!end || *end || !*word)
		vs_rules_wrong(
			p, "offset ", plus + 1,
			" of at=MODULE+OFFSET is not known; allowed: 0x and "
			"hexadecimal digits, or *");
}

static void read_action(struct vs_rules_reader *p, const char *word)
{
	if (vs_begins(word, "strict=")) {
		p->rule.action = VS_RULE_STRICT;
		if (!vs_strict_parse(word + 7, &p->rule.strict))
			vs_rules_wrong(
				p, "", word,
				" is not known; allowed: strict=off, "
				"strict=log:SIZE, strict=fail:SIZE, where SIZE "
				"is like 512M or 80G");
		return;
	}
	for (unsigned i = 0; i < VS_COUNT(actions); i++) {
		if (vs_same(word, actions[i])) {
			p->rule.action = (uint8_t)i;
			return;
		}
	}
	vs_rules_wrong(p, "", word, " is not known; allowed: " VS_RULE_ACTIONS);
}

static void read_condition(struct vs_rules_reader *p, char *word)
{
	if (vs_begins(word, "at=") && !p->rule.symbol && !p->rule.module)
		read_site(p, word + 3);
	else if (vs_begins(word, "exec=") && !p->rule.child && word[5])
		p->rule.child = keep(p, word + 5);
	else
		vs_rules_wrong(
			p, "", word,
			" is not known before the action, or twice; allowed: "
			"at=SITE, exec=CHILD");
}

static void check(struct vs_rules_reader *p)
{
	if (p->rule.child && p->rule.action != VS_RULE_NATIVE)
		vs_rules_wrong(p, "", NULL,
			       "what a child execs can only be forbidden; "
			       "allowed after "
			       "exec=: native");
	if (p->rule.child && (p->rule.symbol || p->rule.module))
		vs_rules_wrong(p, "", NULL,
			       "exec= and at= exclude each other; allowed: one "
			       "of them");
	if (p->mine && p->rules->n == VS_RULES)
		vs_rules_wrong(p, "", NULL,
			       "too many rules for one program; allowed: 48");
}

void vs_rule_read(struct vs_rules_reader *p, char *const word[], int n)
{
	unsigned used = p->rules->used;

	p->mine = p->wanted(p->arg, word[0]);
	p->rule = (struct vs_rule){.line = p->line + 1};
	p->rule.program = keep(p, word[0]);
	for (int i = 1; i < n - 1; i++)
		read_condition(p, word[i]);
	read_action(p, word[n - 1]);
	check(p);
	if (p->wrong || !p->mine)
		p->rules->used = used;
	else
		p->rules->rule[p->rules->n++] = p->rule;
}

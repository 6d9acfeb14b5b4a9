/* SPDX-License-Identifier: MIT
 * Rules of a text, and what is wrong with it. */
#ifndef TEST_UNIT_RULES_H
#define TEST_UNIT_RULES_H

#include "rules/parse.h"
#include "unit.h"

static struct vs_rules rules;
static char said[8192];
static int complaints;

static void complain(void *arg, unsigned line, const char *text)
{
	size_t used = strlen(said);

	ck_assert_ptr_eq(arg, said);
	snprintf(said + used, sizeof(said) - used, "%u: %s\n", line, text);
	complaints++;
}

static bool wanted(void *arg, const char *program)
{
	ck_assert_ptr_eq(arg, said);
	return strcmp(program, "other") != 0;
}

/* In pieces of that size. */
static void parse_bytes(const char *text, size_t size, size_t piece)
{
	struct vs_rules_reader reader = {&rules, wanted, complain, said};

	said[0] = '\0';
	complaints = 0;
	memset(&rules, 0x5a, sizeof(rules));
	vs_rules_begin(&reader);
	for (size_t at = 0; at < size; at += piece)
		vs_rules_feed(
			&reader, text + at,
			(unsigned)(size - at < piece ? size - at : piece));
	vs_rules_end(&reader);
}

static UNUSED void parse(const char *text)
{
	for (size_t piece = strlen(text) + 1; piece; piece /= 2)
		parse_bytes(text, strlen(text), piece);
}

static UNUSED const char *word(unsigned offset)
{
	return offset ? rules.words + offset : NULL;
}

#endif

/* SPDX-License-Identifier: MIT
 * rules/match.c: patterns and sites; and rubbish, through all of it. */
#include "rules.h"

START_TEST(patterns)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{"", "", true},		 {"", "a", false},
		{"*", "", true},	 {"*", "a/b", true},
		{"a", "a", true},	 {"a", "b", false},
		{"a*", "a", true},	 {"a*c", "abbc", true},
		{"a*c", "abcb", false},	 {"*.py", "x.py.py", true},
		{"a?c", "abc", true},	 {"a?c", "ac", false},
		{"[abc]", "b", true},	 {"[!abc]", "b", false},
		{"[^abc]", "d", true},	 {"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false}, {"[]]", "]", true},
		{"[!]]", "a", true},	 {"[a", "[a", true},
		{"[", "[", true},	 {"[a-]", "-", true},
		{"[a-", "[a-", true},	 {"a*b*c", "a1b2b3c", true},
		{"**", "x", true},	 {"*a", "aaab", false},
	};

	for (int i = 0; i < LENGTH(cases); i++)
		ck_assert_msg(vs_rules_name_matches(cases[i].pattern,
						    cases[i].name) ==
				      cases[i].matches,
			      "%s %s", cases[i].pattern, cases[i].name);
	ck_assert(vs_rules_path_matches("perl", "/usr/bin/perl"));
	ck_assert(!vs_rules_path_matches("perl", "/usr/perl/x"));
	ck_assert(vs_rules_path_matches("/usr/*/perl", "/usr/bin/perl"));
	ck_assert(!vs_rules_path_matches("/usr/perl", "/usr/bin/perl"));
	ck_assert(vs_rules_path_matches("true", "true"));
	ck_assert(vs_rules_path_matches("*", "/usr/bin/perl"));
}
END_TEST

/* A pattern that backtracks at each star would take years. */
START_TEST(many_stars)
{
	char pattern[512], name[512];

	for (size_t i = 0; i < sizeof(pattern) - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	strcpy(pattern + sizeof(pattern) - 2, "b");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert(!vs_rules_name_matches(pattern, name));
}
END_TEST

static bool site(const char *rule, const char *module, uint64_t offset,
		 const char *symbol)
{
	char text[256];

	snprintf(text, sizeof(text), "x %s txn", rule);
	parse(text);
	ck_assert_uint_eq(rules.n, 1);
	return vs_rules_site_matches(&rules, &rules.rule[0], module, offset,
				     symbol);
}

START_TEST(sites)
{
	const char *lib = "/usr/lib/libfoo.so.1";

	ck_assert(site("", lib, 1, NULL));
	ck_assert(site("at=f", lib, 1, "f"));
	ck_assert(!site("at=f", lib, 1, "g"));
	ck_assert(!site("at=f", lib, 1, NULL));
	ck_assert(site("at=f*", lib, 1, "foo"));
	ck_assert(site("at=libfoo.so.1+0x10", lib, 16, "f"));
	ck_assert(!site("at=libfoo.so.1+0x10", lib, 17, "f"));
	ck_assert(!site("at=libbar.so.1+0x10", lib, 16, "f"));
	ck_assert(site("at=libfoo*+*", lib, 17, NULL));
	ck_assert(site("at=/usr/lib/libfoo.so.1+*", lib, 17, NULL));
	ck_assert(!site("at=/lib/libfoo.so.1+*", lib, 17, NULL));
}
END_TEST

/* Bytes of which rules are made, and others: nothing is read or written beside
 * the text, each rule's words are in it, and each line is a rule, a complaint
 * or nothing. */
START_TEST(rubbish)
{
	static const char *const bits[] = {
		"a",   "at=",	"exec=", "strict=", "log:", "fail:",
		"txn", "share", "auto",	 "native",  "off",  " ",
		" ",   "\n",	"\n",	 "#",	    "+",    "0x",
		"1",   "*",	"[",	 "]",	    "/x/y", "\t",
		"80G", "-",	"\\",	 "\"",	    "\r",   "\xff",
	};
	struct dice d = dice(1);
	char text[1024];

	for (int turn = 0; turn < 20000; turn++) {
		size_t n = 0, lines = 1;
		unsigned parts = roll(&d, 60);

		for (unsigned i = 0; i < parts; i++) {
			const char *bit = bits[roll(&d, LENGTH(bits))];

			memcpy(text + n, bit, strlen(bit));
			n += strlen(bit);
			if (roll(&d, 50) == 0)
				text[n++] = (char)roll(&d, 256);
		}
		for (size_t i = 0; i < n; i++)
			lines += text[i] == '\n';
		parse_bytes(text, n, 1 + roll(&d, 70));
		ck_assert_uint_le(rules.n + (unsigned)complaints, lines);
		for (unsigned i = 0; i < rules.n; i++) {
			const struct vs_rule *r = &rules.rule[i];

			ck_assert_uint_lt(r->program, rules.used);
			ck_assert_uint_gt(strlen(rules.words + r->program), 0);
			ck_assert_uint_le(r->line, lines);
			vs_rules_path_matches(rules.words + r->program, "/a/b");
			vs_rules_site_matches(&rules, r, "/a", 1, "b");
			if (r->child)
				vs_rules_path_matches(rules.words + r->child,
						      "/a/[b");
		}
	}
}
END_TEST

UNIT(rules_match, patterns, many_stars, sites, rubbish)

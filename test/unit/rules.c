/* SPDX-License-Identifier: MIT
 * rules/parse.c, match.c, base/strict.c: each form of a rule, each mistake with
 * its words, patterns, and rubbish. */
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

static void parse(const char *text)
{
	for (size_t piece = strlen(text) + 1; piece; piece /= 2)
		parse_bytes(text, strlen(text), piece);
}

static const char *word(unsigned offset)
{
	return offset ? rules.words + offset : NULL;
}

START_TEST(each_form)
{
	parse("# a comment\n"
	      "\n"
	      "/usr/sbin/hostd txn\n"
	      "  perl\tat=Perl_pp_system  share   # why\n"
	      "* at=libfoo.so.1+0x12aF native\n"
	      "* at=libstdc++.so.6+* auto\r\n"
	      "x exec=/usr/bin/sudo native\n"
	      "x off\n"
	      "other txn\n"
	      "* strict=log:80G");
	ck_assert_str_eq(said, "");
	ck_assert_uint_eq(rules.n, 7);
	ck_assert_uint_eq(rules.rule[0].line, 3);
	ck_assert_str_eq(word(rules.rule[0].program), "/usr/sbin/hostd");
	ck_assert_int_eq(rules.rule[0].action, VS_RULE_TXN);
	ck_assert_uint_eq(rules.rule[0].symbol, 0);
	ck_assert_uint_eq(rules.rule[0].module, 0);
	ck_assert_uint_eq(rules.rule[0].child, 0);
	ck_assert_str_eq(word(rules.rule[1].program), "perl");
	ck_assert_str_eq(word(rules.rule[1].symbol), "Perl_pp_system");
	ck_assert_int_eq(rules.rule[1].action, VS_RULE_SHARE);
	ck_assert_str_eq(word(rules.rule[2].module), "libfoo.so.1");
	ck_assert_uint_eq(rules.rule[2].offset, 0x12af);
	ck_assert(!rules.rule[2].anywhere);
	ck_assert_int_eq(rules.rule[2].action, VS_RULE_NATIVE);
	ck_assert_str_eq(word(rules.rule[3].module), "libstdc++.so.6");
	ck_assert(rules.rule[3].anywhere);
	ck_assert_int_eq(rules.rule[3].action, VS_RULE_AUTO);
	ck_assert_str_eq(word(rules.rule[4].child), "/usr/bin/sudo");
	ck_assert_int_eq(rules.rule[5].action, VS_RULE_OFF);
	ck_assert_uint_eq(rules.rule[6].line, 10);
	ck_assert_int_eq(rules.rule[6].action, VS_RULE_STRICT);
	ck_assert_int_eq(rules.rule[6].strict.how, VS_STRICT_LOG);
	ck_assert(rules.rule[6].strict.bytes == 80ULL << 30);
}
END_TEST

/* The actions have the numbers of the settings. */
START_TEST(same_numbers)
{
	ck_assert_int_eq((int)VS_RULE_AUTO, (int)VS_FORK_AUTO);
	ck_assert_int_eq((int)VS_RULE_NATIVE, (int)VS_FORK_NATIVE);
	ck_assert_int_eq((int)VS_RULE_TXN, (int)VS_FORK_TXN);
	ck_assert_int_eq((int)VS_RULE_SHARE, (int)VS_FORK_SHARE);
}
END_TEST

#define SITE_HELP \
	" is no site; allowed: at=SYMBOL, at=MODULE+0xOFFSET, at=MODULE+*"
#define ALLOWED "auto, native, txn, share, off, strict=off|log:SIZE|fail:SIZE"

/* One wrong line, which is left out, among two good ones. */
static void wrong(const char *line, const char *words)
{
	char text[1024], expected[1024];

	snprintf(text, sizeof(text), "a txn\n%s\nb native\n", line);
	parse(text);
	snprintf(expected, sizeof(expected), "2: %s\n", words);
	ck_assert_str_eq(said, expected);
	ck_assert_uint_eq(rules.n, 2);
	ck_assert_str_eq(word(rules.rule[0].program), "a");
	ck_assert_str_eq(word(rules.rule[1].program), "b");
	ck_assert_uint_eq(rules.rule[1].line, 3);
}

START_TEST(mistakes)
{
	wrong("x", "no action; allowed: PROGRAM [at=SITE] [exec=CHILD] ACTION, "
		   "which is one of " ALLOWED);
	wrong("x trn", "\"trn\" is not known; allowed: " ALLOWED);
	wrong("x TXN", "\"TXN\" is not known; allowed: " ALLOWED);
	wrong("x txn txn", "\"txn\" is not known before the action, or twice; "
			   "allowed: at=SITE, exec=CHILD");
	wrong("x at=f at=g txn",
	      "\"at=g\" is not known before the action, or twice; allowed: "
	      "at=SITE, exec=CHILD");
	wrong("x a b c d", "too many words; allowed: PROGRAM [at=SITE] "
			   "[exec=CHILD] ACTION");
	wrong("x at= txn", "at=" SITE_HELP);
	wrong("x at=/lib/x.so txn", "at=" SITE_HELP);
	wrong("x at=m+12 txn",
	      "offset \"12\" of at=MODULE+OFFSET is not known; allowed: 0x and "
	      "hexadecimal digits, or *");
	wrong("x at=m+0x txn",
	      "offset \"0x\" of at=MODULE+OFFSET is not known; allowed: 0x and "
	      "hexadecimal digits, or *");
	wrong("x at=+0x1 txn",
	      "offset \"0x1\" of at=MODULE+OFFSET is not known; allowed: 0x "
	      "and hexadecimal digits, or *");
	wrong("x at=m+0x12345678901234567 txn",
	      "offset \"0x12345678901234567\" of at=MODULE+OFFSET is not "
	      "known; allowed: 0x and hexadecimal digits, or *");
	wrong("x exec=/bin/true txn",
	      "what a child execs can only be forbidden; allowed after exec=: "
	      "native");
	wrong("x exec=/bin/true strict=off",
	      "what a child execs can only be forbidden; allowed after exec=: "
	      "native");
	wrong("x at=f exec=/bin/true native",
	      "exec= and at= exclude each other; allowed: one of them");
	wrong("x strict=log",
	      "\"strict=log\" is not known; allowed: strict=off, "
	      "strict=log:SIZE, strict=fail:SIZE, where SIZE is like 512M or "
	      "80G");
	/* A long word is cut, and what is allowed still there. */
	wrong("x "
	      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
	      "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	      "a"
	      "b\" is not known; allowed: " ALLOWED);
}
END_TEST

/* A zero byte hides nothing behind it. */
START_TEST(zero_bytes)
{
	parse_bytes("a txn\nb native\0 x\nc off\n", 23, 5);
	ck_assert_str_eq(said, "2: a zero byte; allowed: text\n");
	ck_assert_uint_eq(rules.n, 2);
	ck_assert_str_eq(word(rules.rule[1].program), "c");
}
END_TEST

/* Of other programs there may be any number. */
START_TEST(too_many)
{
	static char text[100000];
	char *at = text;

	for (int i = 0; i < VS_RULES + 3; i++)
		at += sprintf(at, "p%d txn\nother txn\n", i);
	parse(text);
	ck_assert_uint_eq(rules.n, VS_RULES);
	ck_assert_int_eq(complaints, 3);
	ck_assert_ptr_nonnull(strstr(
		said, "97: too many rules for one program; allowed: 48"));
}
END_TEST

/* One that does not fit leaves room for those that do. */
START_TEST(too_many_words)
{
	static char text[100000];
	char *at = text;

	for (int i = 0; i < 5; i++)
		at += sprintf(at, "%0500d txn\n", i);
	sprintf(at, "x txn\n");
	parse(text);
	ck_assert_uint_eq(rules.n, 5);
	ck_assert_str_eq(said, "5: too many rules for one program; allowed: 2 "
			       "KiB of words\n");
	ck_assert_str_eq(word(rules.rule[4].program), "x");
	parse(strcat(text, "other at=ffffffffffffffffffffffffffffffffffffff "
			   "txn\n"));
	ck_assert_int_eq(complaints, 1);
}
END_TEST

START_TEST(long_lines)
{
	static char text[4096];

	sprintf(text, "%0*d txn\nx txn\n%0*d txn", VS_RULES_LINE - 4, 1,
		VS_RULES_LINE - 3, 1);
	parse(text);
	ck_assert_uint_eq(rules.n, 2);
	ck_assert_str_eq(said, "3: too long a line; allowed: 512 characters\n");
	memset(text, '#', sizeof(text) - 1);
	parse(text);
	ck_assert_uint_eq(rules.n, 0);
}
END_TEST

START_TEST(strict_values)
{
	static const struct {
		const char *text;
		enum vs_strict how;
		uint64_t bytes;
	} good[] = {
		{"off", VS_STRICT_OFF, 0},
		{"log:1", VS_STRICT_LOG, 1},
		{"fail:3K", VS_STRICT_FAIL, 3 << 10},
		{"log:512M", VS_STRICT_LOG, 512 << 20},
		{"fail:80G", VS_STRICT_FAIL, 80ULL << 30},
		{"fail:16777215T", VS_STRICT_FAIL, 16777215ULL << 40},
	};
	static const char *const bad[] = {
		"",
		"of",
		"offf",
		"log",
		"log:",
		"log:0",
		"log:G",
		"log:1g",
		"log:1GG",
		"log:1G ",
		"log:-1",
		"fail:1X",
		"on",
		"LOG:1G",
		"fail:16777216T",
		"log:18446744073709551616",
		"log:99999999999999999999",
	};
	struct vs_strictness got;

	for (int i = 0; i < LENGTH(good); i++) {
		ck_assert_msg(vs_strict_parse(good[i].text, &got), "%s",
			      good[i].text);
		ck_assert_int_eq(got.how, good[i].how);
		ck_assert(got.bytes == good[i].bytes);
	}
	for (int i = 0; i < LENGTH(bad); i++)
		ck_assert_msg(!vs_strict_parse(bad[i], &got), "%s", bad[i]);
}
END_TEST

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

UNIT(rules, each_form, same_numbers, mistakes, zero_bytes, too_many,
     too_many_words, long_lines, strict_values, patterns, many_stars, sites,
     rubbish)

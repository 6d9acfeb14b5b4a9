/* SPDX-License-Identifier: MIT
 * rules/parse.c, rule.c, base/strict.c: each form of a rule, each mistake with
 * its words. */
#include "rules.h"

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

UNIT(rules, each_form, same_numbers, mistakes, zero_bytes, too_many,
     too_many_words, long_lines, strict_values)

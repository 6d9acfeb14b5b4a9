/* SPDX-License-Identifier: MIT
 *
 * The text of a rules file, and what matches it. Pure: no system calls, no
 * memory but what the caller brings, nothing of libc; match.c may run in a
 * child. One rule is one line:
 *
 *	PROGRAM [at=SITE] [exec=CHILD] ACTION
 */
#ifndef VS_RULES_PARSE_H
#define VS_RULES_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"

/* What is kept of a file, and how long that and its lines may be; more is an
 * error that is said. */
enum {
	VS_RULES = 48,
	VS_RULES_WORDS = 2048,
	VS_RULES_LINE = 512,
	VS_RULES_FILE = 1 << 20,
};

enum vs_rule_action {
	VS_RULE_AUTO, /* as enum vs_fork_mode */
	VS_RULE_NATIVE,
	VS_RULE_TXN,
	VS_RULE_SHARE,
	VS_RULE_OFF,
	VS_RULE_STRICT,
};

/* Strings are offsets in the words; 0: not given. */
struct vs_rule {
	unsigned line;
	uint16_t program, child;
	uint16_t symbol; /* of the site; or */
	uint16_t module; /* with an offset, unless `anywhere` */
	bool anywhere;
	uint8_t action; /* enum vs_rule_action */
	uint64_t offset;
	struct vs_strictness strict;
};

struct vs_rules {
	unsigned n;
	unsigned used; /* of the words */
	struct vs_rule rule[VS_RULES];
	char words[VS_RULES_WORDS];
};

/* A file being read. What is behind `rules` is filled in before. */
struct vs_rules_reader {
	struct vs_rules *rules;

	/* Whether rules of this program are to be kept. */
	bool (*wanted)(void *arg, const char *program);

	/* Is told of each line that is no rule: its number, or 0 if it is the
	 * whole file, and what is wrong with it and what is allowed. */
	void (*complain)(void *arg, unsigned line, const char *text);
	void *arg;

	unsigned line;
	unsigned length; /* of what there is of it */
	bool wrong;	 /* and said */
	bool mine;	 /* wanted */
	struct vs_rule rule;
	char text[VS_RULES_LINE + 1];
};

/* Reads the file in pieces of any size, the lines first of all; and its end. */
void vs_rules_begin(struct vs_rules_reader *reader);
void vs_rules_feed(struct vs_rules_reader *reader, const char *bytes,
		   unsigned size);
void vs_rules_end(struct vs_rules_reader *reader);

/* Why a file of this type and mode, owner and size is not read by a program
 * that `self` runs; or NULL. Who else may write to it could tell that what to
 * do. */
const char *vs_rules_unacceptable(unsigned mode, unsigned owner, unsigned self,
				  uint64_t size);

/* ---- match.c ---- */

/* A path by a pattern of * ? [...]: all of it if that has a slash, else what is
 * behind its last one. */
bool vs_rules_path_matches(const char *pattern, const char *path);

/* A name by such a pattern. */
bool vs_rules_name_matches(const char *pattern, const char *name);

/* Whether the rule is of this site: a place in a module, which is a path, and
 * in a function, or NULL. */
bool vs_rules_site_matches(const struct vs_rules *rules,
			   const struct vs_rule *rule, const char *module,
			   uint64_t offset, const char *symbol);

#endif

/* SPDX-License-Identifier: MIT
 * Between the files that read rules, which are in scripts/rules/, too. */
#ifndef VS_RULES_RULE_H
#define VS_RULES_RULE_H

#include "rules/parse.h"

/* PROGRAM, two conditions at most, ACTION */
enum { VS_RULE_WORDS = 4 };

#define VS_RULE_ACTIONS \
	"auto, native, txn, share, off, strict=off|log:SIZE|fail:SIZE"

/* Reads the rule that a line of `n` words is, two at least; it is kept if it is
 * of a program that is wanted. */
void vs_rule_read(struct vs_rules_reader *reader, char *const word[], int n);

/* Complains of this line, once, and leaves it out: WHAT "WORD" TEXT; without
 * the word if that is NULL. */
void vs_rules_wrong(struct vs_rules_reader *reader, const char *what,
		    const char *word, const char *text);

#endif

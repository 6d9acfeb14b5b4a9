/* SPDX-License-Identifier: MIT
 * The lines of a file, and their words. See parse.h. */
#include <stddef.h>
#include <sys/stat.h>

#include "rules/rule.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Words, each with a NUL behind it, and how many; one more than `most` if there
 * are more. */
static int split(char *line, char *word[], int most)
{
	int n = 0;

	for (;;) {
		while (is_blank(*line))
			line++;
		if (!*line || *line == '#')
			return n;
		if (n == most)
			return n + 1;
		word[n++] = line;
		while (*line && !is_blank(*line))
			line++;
		if (*line)
			*line++ = '\0';
	}
}

static void read_line(struct vs_rules_reader *p, char *line)
{
	char *word[VS_RULE_WORDS];
	int n = split(line, word, VS_RULE_WORDS);

	if (n == 1)
		vs_rules_wrong(p, "", NULL,
			       "no action; allowed: PROGRAM [at=SITE] "
			       "[exec=CHILD] ACTION, which is one "
			       "of " VS_RULE_ACTIONS);
	else if (n > VS_RULE_WORDS)
		vs_rules_wrong(p, "", NULL,
			       "too many words; allowed: PROGRAM [at=SITE] "
			       "[exec=CHILD] ACTION");
	else if (n)
		vs_rule_read(p, word, n);
}

void vs_rules_begin(struct vs_rules_reader *p)
{
	p->line = p->length = 0;
	p->wrong = false;
	p->rules->n = 0;
	p->rules->used = 1;
	p->rules->words[0] = '\0';
}

static void line_ends(struct vs_rules_reader *p)
{
	p->text[p->length] = '\0';
	if (!p->wrong)
		read_line(p, p->text);
	p->wrong = false;
	p->length = 0;
	p->line++;
}

/* A zero byte would hide the rest of its line. */
void vs_rules_feed(struct vs_rules_reader *p, const char *bytes, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			line_ends(p);
		else if (!bytes[i])
			vs_rules_wrong(p, "", NULL,
				       "a zero byte; allowed: text");
		else if (p->length < VS_RULES_LINE)
			p->text[p->length++] = bytes[i];
		else
			vs_rules_wrong(
				p, "", NULL,
				"too long a line; allowed: 512 characters");
	}
}

void vs_rules_end(struct vs_rules_reader *p)
{
	line_ends(p);
}

const char *vs_rules_unacceptable(unsigned mode, unsigned owner, unsigned self,
				  uint64_t size)
{
	if (!S_ISREG(mode))
		return "is no regular file, and not read";
	if (mode & (S_IWGRP | S_IWOTH))
		return "is writable by others, and not read; allowed: chmod "
		       "go-w";
	if (owner && owner != self)
		return "is another user's, and not read; allowed: root's, or "
		       "that of who runs the program";
	if (size > VS_RULES_FILE)
		return "is too long, and not read; allowed: 1 MiB";
	return NULL;
}

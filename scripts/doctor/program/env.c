/* SPDX-License-Identifier: MIT
 *
 * What env (coreutils 9, busybox) does with its words, as far as it matters
 * which program is run, by which PATH, and with LD_PRELOAD or without.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

static void drop(struct target *target, int n)
{
	int i = 0;

	for (; target->words[i + n]; i++)
		target->words[i] = target->words[i + n];
	target->words[i] = NULL;
}

/* -S: the word becomes several. Quotes are rare there, and only taken off. */
static bool split(struct target *target, const char *text)
{
	char *words[WORDS], *copy = target_keep(target, strdup(text));
	char *state, *word;
	int n = 0, old = 0;

	word = copy ? strtok_r(copy, " \t\n\"'", &state) : NULL;
	for (; word && n < WORDS; word = strtok_r(NULL, " \t\n\"'", &state))
		words[n++] = word;
	while (target->words[old])
		old++;
	if (!copy || old + n > WORDS)
		return false;
	memmove(target->words + n, target->words,
		(size_t)(old + 1) * sizeof(char *));
	memcpy(target->words, words, (size_t)n * sizeof(char *));
	return true;
}

static void unset(struct target *target, const char *name)
{
	if (!strcmp(name, "LD_PRELOAD"))
		target->without = true;
	if (!strcmp(name, "PATH"))
		target->search = "/bin:/usr/bin";
}

static void assign(struct target *target, char *word)
{
	if (!strncmp(word, "LD_PRELOAD=", 11))
		target->without = !strstr(word, "libvspawn.so");
	if (!strncmp(word, "PATH=", 5))
		target->search = word + 5;
}

/* The argument of an option: the rest of the word, or the next one. */
static char *argument(struct target *target, char *rest)
{
	char *next = target->words[1];

	if (*rest) {
		drop(target, 1);
		return rest;
	}
	drop(target, next ? 2 : 1);
	return next;
}

/* -i, -u NAME, -C DIR, -S STRING, -a NAME, -v, -0; several in one word, too. */
static bool short_options(struct target *target, char *word)
{
	for (word++; *word; word++) {
		char *arg;

		switch (*word) {
		case 'i':
			target->without = true;
			break;
		case 'v':
		case '0':
			break;
		case 'u':
		case 'a':
		case 'C':
		case 'S':
			arg = argument(target, word + 1);
			if (!arg)
				return false;
			if (*word == 'u')
				unset(target, arg);
			return *word != 'S' || split(target, arg);
		default:
			return false;
		}
	}
	drop(target, 1);
	return true;
}

static bool long_option(struct target *target, char *word)
{
	char *value = strchr(word, '=');

	if (!strcmp(word, "--ignore-environment"))
		target->without = true;
	else if (!strncmp(word, "--unset=", 8))
		unset(target, value + 1);
	else if (!strncmp(word, "--split-string=", 15)) {
		drop(target, 1);
		return split(target, value + 1);
	} else if (!strcmp(word, "--unset") || !strcmp(word, "--chdir") ||
		   !strcmp(word, "--split-string"))
		return false; /* in two words: not worth it */
	drop(target, 1);
	return true;
}

bool env_follow(struct target *target)
{
	drop(target, 1);
	while (target->words[0]) {
		char *word = target->words[0];

		if (!strcmp(word, "--")) {
			drop(target, 1);
			break;
		}
		if (!strcmp(word, "-")) {
			target->without = true;
			drop(target, 1);
		} else if (!strncmp(word, "--", 2)) {
			if (!long_option(target, word))
				return false;
		} else if (*word == '-') {
			if (!short_options(target, word))
				return false;
		} else {
			break;
		}
	}
	while (target->words[0] && strchr(target->words[0], '=')) {
		assign(target, target->words[0]);
		drop(target, 1);
	}
	return target->words[0] != NULL;
}

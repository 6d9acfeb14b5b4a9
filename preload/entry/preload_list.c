/* SPDX-License-Identifier: MIT
 * The text of LD_PRELOAD: see internal.h. Nothing in it is reordered. */
#include <string.h>

#include "entry/internal.h"

static bool separates(char c)
{
	return c == ' ' || c == ':';
}

static size_t separators(const char *at)
{
	size_t n = 0;

	while (separates(at[n]))
		n++;
	return n;
}

static size_t element(const char *at)
{
	size_t n = 0;

	while (at[n] && !separates(at[n]))
		n++;
	return n;
}

static bool same(const char *at, size_t n, const char *name)
{
	return strlen(name) == n && !strncmp(at, name, n);
}

/* Where the last component of a path begins. */
static size_t base(const char *at, size_t n)
{
	while (n && at[n - 1] != '/')
		n--;
	return n;
}

/* Is it us? Also by the bare name, which the loader has turned into a path,
 * and by one with a token like $LIB in it, which it has replaced. */
static bool ours(const char *name, const char *at, size_t n)
{
	size_t slash = base(at, n);
	bool token = false;

	if (same(at, n, name))
		return true;
	for (size_t i = 0; i < slash; i++)
		token |= at[i] == '$';
	return (!slash || token) &&
	       same(at + slash, n - slash, name + base(name, strlen(name)));
}

bool vs_preload_names(const char *value, const char *name)
{
	for (value += separators(value); *value; value += separators(value)) {
		size_t n = element(value);

		if (ours(name, value, n))
			return true;
		value += n;
	}
	return false;
}

char *vs_preload_without(char *to, const char *value, const char *name)
{
	bool empty = true;

	while (*value) {
		size_t before = separators(value);
		size_t n = element(value + before);

		if (n && !ours(name, value + before, n)) {
			if (empty) {
				value += before;
				before = 0;
			}
			memcpy(to, value, before + n);
			to += before + n;
			empty = false;
		}
		value += before + n;
	}
	return empty ? NULL : to;
}

char *vs_preload_with(char *to, const char *value, const char *name)
{
	to = stpcpy(to, value);
	if (*value)
		*to++ = ':';
	return stpcpy(to, name);
}

/* SPDX-License-Identifier: MIT
 * Bytes and strings where libc's functions may not be called: in a child. */
#ifndef VS_BYTES_H
#define VS_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/* Upwards, so that the places may overlap if `to` is below `from`. Returns the
 * end of the copy. The barrier keeps compilers from making this a call of
 * memcpy(). */
static inline char *vs_copy_up(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		__asm__ volatile("" ::: "memory");
	}
	return to + n;
}

/* The same by words, where both ends allow it: for whole pages. */
static inline void vs_copy_words(void *to, const void *from, size_t n)
{
	enum { WORDS = 4 };
	typedef struct {
		unsigned long word[WORDS];
	} __attribute__((may_alias, packed)) block;
	char *at = to;
	const char *end = (const char *)from + n;

	for (; n >= sizeof(block); n -= sizeof(block)) {
		*(block *)(void *)at = *(const block *)(const void *)(end - n);
		at += sizeof(block);
		__asm__ volatile("" ::: "memory");
	}
	vs_copy_up(at, end - n, n);
}

/* Up to `end` or the terminating NUL. */
static inline size_t vs_length(const char *s, char end)
{
	size_t n = 0;

	while (s[n] && s[n] != end)
		n++;
	return n;
}

static inline bool vs_begins(const char *s, const char *with)
{
	for (; *with; s++, with++) {
		if (*s != *with)
			return false;
	}
	return true;
}

static inline bool vs_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* What is behind the last slash. */
static inline const char *vs_base_name(const char *path)
{
	const char *base = path;

	for (; *path; path++) {
		if (*path == '/')
			base = path + 1;
	}
	return base;
}

#endif

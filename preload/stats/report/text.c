/* SPDX-License-Identifier: MIT
 * See text.h. */
#include "stats/report/text.h"

#include <string.h>

void vs_put_bytes(struct vs_text *to, const char *s, size_t n)
{
	if (n > to->room - to->size) {
		n = to->room - to->size;
		to->cut = true;
	}
	memcpy(to->buf + to->size, s, n);
	to->size += n;
}

void vs_put(struct vs_text *to, const char *s)
{
	vs_put_bytes(to, s, strlen(s));
}

static void pad(struct vs_text *to, size_t have, unsigned width)
{
	for (; have < width; have++)
		vs_put_bytes(to, " ", 1);
}

void vs_put_left(struct vs_text *to, const char *s, unsigned width)
{
	vs_put(to, s);
	pad(to, strlen(s), width);
}

/* The last of the digits is at end[-1]. */
static char *digits(char *end, uint64_t n, unsigned base)
{
	do
		*--end = "0123456789abcdef"[n % base];
	while (n /= base);
	return end;
}

enum { DIGITS = 24 };

void vs_put_number(struct vs_text *to, uint64_t n, unsigned width)
{
	char buf[DIGITS], *at = digits(buf + DIGITS, n, 10);
	size_t size = (size_t)(buf + DIGITS - at);

	pad(to, size, width);
	vs_put_bytes(to, at, size);
}

void vs_put_tenths(struct vs_text *to, uint64_t n, unsigned width)
{
	enum { POINT = 2 };

	vs_put_number(to, n / 10, width > POINT ? width - POINT : 0);
	vs_put_bytes(to, ".", 1);
	vs_put_number(to, n % 10, 0);
}

void vs_put_hex(struct vs_text *to, uint64_t n)
{
	char buf[DIGITS], *at = digits(buf + DIGITS, n, 16);

	vs_put(to, "0x");
	vs_put_bytes(to, at, (size_t)(buf + DIGITS - at));
}

/* ---- JSON ---- */

/* How many bytes the character at `s` has; 0: that is no UTF-8 (RFC 3629). */
static size_t character(const unsigned char *s, size_t n)
{
	unsigned lo = 0x80, hi = 0xbf;
	size_t size;

	if (*s < 0x80)
		return 1;
	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	size = *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	if (size > n)
		return 0;
	lo = *s == 0xe0 ? 0xa0 : *s == 0xf0 ? 0x90 : lo;
	hi = *s == 0xed ? 0x9f : *s == 0xf4 ? 0x8f : hi;
	if (s[1] < lo || s[1] > hi)
		return 0;
	for (size_t i = 2; i < size; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return size;
}

static void put_escaped(struct vs_text *to, const char *prefix, unsigned char c)
{
	const char hex[] = {"0123456789abcdef"[c >> 4],
			    "0123456789abcdef"[c & 15]};
	char whole[6];

	memcpy(whole, prefix, 4);
	memcpy(whole + 4, hex, 2);
	vs_put_bytes(to, whole, sizeof(whole));
}

void vs_put_quoted(struct vs_text *to, const char *s, size_t n)
{
	vs_put_bytes(to, "\"", 1);
	while (n) {
		unsigned char c = (unsigned char)*s;
		size_t size = character((const unsigned char *)s, n);

		if (!size)
			put_escaped(to, "\\udc", c);
		else if (c < 0x20 || c == 0x7f)
			put_escaped(to, "\\u00", c);
		else if (c == '"' || c == '\\')
			vs_put_bytes(to, c == '"' ? "\\\"" : "\\\\", 2);
		else
			vs_put_bytes(to, s, size);
		size = size ? size : 1;
		s += size;
		n -= size;
	}
	vs_put_bytes(to, "\"", 1);
}

/* SPDX-License-Identifier: MIT
 *
 * Text in a buffer, without stdio, which a signal handler may be inside of.
 * What does not fit is left out. Used by scripts/stats/, too.
 */
#ifndef VS_TEXT_H
#define VS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_text {
	char *buf;
	size_t room, size;
	bool cut; /* something was left out */
};

void vs_put(struct vs_text *to, const char *s);
void vs_put_bytes(struct vs_text *to, const char *s, size_t n);

/* Padded with blanks to `width`: behind it, or before the number. */
void vs_put_left(struct vs_text *to, const char *s, unsigned width);
void vs_put_number(struct vs_text *to, uint64_t n, unsigned width);

/* n / 10, with one decimal place. */
void vs_put_tenths(struct vs_text *to, uint64_t n, unsigned width);
void vs_put_hex(struct vs_text *to, uint64_t n);

/* A string of JSON, with its quotes. A byte that is no UTF-8 becomes a lone
 * surrogate, \udc80 to \udcff, as in Python's "surrogateescape". */
void vs_put_quoted(struct vs_text *to, const char *s, size_t n);

#endif

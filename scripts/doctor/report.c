/* SPDX-License-Identifier: MIT
 * What was found: a line for each check at once, or all of it as JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

enum { SCHEMA = 1 };

static const char marks[][8] = {"ok", "warning", "no", "unknown"};
static const char verdicts[][16] = {"fine", "no use", "cannot tell"};
static bool json;
static unsigned lines;

void report_as_json(void)
{
	json = true;
	printf("{\"schema\":%d,\"checks\":[", SCHEMA);
}

/* A name is no reason to move the cursor. */
static void print_plain(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?'
								    : *text);
}

/* The length of the UTF-8 character that begins there, or 0. */
static int utf8(const unsigned char *at)
{
	int n = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
	unsigned code = at[0] & (0xffU >> (n + 1));

	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	for (int i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if ((n == 3 && (code < 0x800 || (code & 0xf800) == 0xd800)) ||
	    (n == 4 && (code < 0x10000 || code > 0x10ffff)))
		return 0;
	return n;
}

/* A byte that is not UTF-8 becomes U+DC80 to U+DCFF, as in a trace. */
static void print_string(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	putchar('"');
	while (*at) {
		int n = *at < 0x80 ? 1 : utf8(at);

		if (n == 0)
			printf("\\udc%02x", *at);
		else if (*at < ' ' || *at == 0x7f)
			printf("\\u%04x", *at);
		else if (*at == '"' || *at == '\\')
			printf("\\%c", *at);
		else
			fwrite(at, 1, (size_t)n, stdout);
		at += n ? n : 1;
	}
	putchar('"');
}

void report(enum mark mark, const char *check, const char *remedy,
	    const char *format, ...)
{
	char text[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (json) {
		printf("%s\n{\"check\":", lines++ ? "," : "");
		print_string(check);
		printf(",\"mark\":\"%s\",\"found\":", marks[mark]);
		print_string(text);
		printf(",\"remedy\":");
		if (remedy)
			print_string(remedy);
		else
			printf("null");
		putchar('}');
		return;
	}
	printf("%-8s %-15s ", marks[mark], check);
	print_plain(text);
	if (remedy) {
		printf(" -> ");
		print_plain(remedy);
	}
	putchar('\n');
	/* What comes next may take a moment, or be the end. */
	fflush(stdout);
}

int report_end(enum verdict verdict, const char *format, ...)
{
	char text[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (json) {
		printf("\n],\"verdict\":\"%s\",\"why\":", verdicts[verdict]);
		print_string(text);
		printf(",\"status\":%d}\n", verdict);
	} else {
		printf("verdict: ");
		print_plain(text);
		putchar('\n');
	}
	return fflush(stdout) ? CANNOT_TELL : (int)verdict;
}

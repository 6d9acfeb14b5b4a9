/* SPDX-License-Identifier: MIT
 * See line.h. */
#include "base/line.h"

void vs_line_put(struct vs_line *line, const char *text)
{
	for (; *text; text++)
		vs_line_char(line, *text);
}

void vs_line_number(struct vs_line *line, uint64_t n, unsigned base)
{
	char digits[24];
	int count = 0;

	do
		digits[count++] = "0123456789abcdef"[n % base];
	while (n /= base);
	while (count)
		vs_line_char(line, digits[--count]);
}

void vs_line_name(struct vs_line *line, const char *name, long pid)
{
	for (; *name; name++) {
		if (name[0] == '%' && name[1] == 'p') {
			vs_line_number(line, (uint64_t)pid, 10);
			name++;
		} else {
			vs_line_char(line, *name);
		}
	}
}

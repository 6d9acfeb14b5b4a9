/* SPDX-License-Identifier: MIT
 * See line.h. */
#include "base/line.h"

void vs_put(struct vs_line *line, const char *text)
{
	for (; *text; text++)
		vs_put_char(line, *text);
}

void vs_put_number(struct vs_line *line, uint64_t n, unsigned base)
{
	char digits[24];
	int count = 0;

	do
		digits[count++] = "0123456789abcdef"[n % base];
	while (n /= base);
	while (count)
		vs_put_char(line, digits[--count]);
}

void vs_put_name(struct vs_line *line, const char *name, long pid)
{
	for (; *name; name++) {
		if (name[0] == '%' && name[1] == 'p') {
			vs_put_number(line, (uint64_t)pid, 10);
			name++;
		} else {
			vs_put_char(line, *name);
		}
	}
}

/* SPDX-License-Identifier: MIT
 * One line of text, made up without libc, and cut off where its room ends. */
#ifndef VS_LINE_H
#define VS_LINE_H

#include <stddef.h>
#include <stdint.h>

struct vs_line {
	char *at, *end; /* of the room; there is always one for a NUL */
};

static inline struct vs_line vs_line_in(char *room, size_t size)
{
	*room = '\0';
	return (struct vs_line){room, room + size - 1};
}

static inline void vs_line_char(struct vs_line *line, char c)
{
	if (line->at < line->end)
		*line->at++ = c;
	*line->at = '\0';
}

/* These, too, leave a NUL at the end. */
void vs_line_put(struct vs_line *line, const char *text);
void vs_line_number(struct vs_line *line, uint64_t n, unsigned base);

/* The name of a file, with a process id for %p. */
void vs_line_name(struct vs_line *line, const char *name, long pid);

#endif

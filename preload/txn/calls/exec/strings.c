/* SPDX-License-Identifier: MIT
 *
 * The strings of an exec. A program that makes each of them by malloc(), as
 * libuv does with all of the environment, has them all over its heap: each
 * would bring in a chunk of its own, and be needed in another one by the next
 * child.
 */
#include "base/bytes.h"
#include "base/compiler.h"
#include "txn/calls/exec/exec.h"
#include "txn/child/internal.h"
#include "txn/map/lazy.h"

/* So many chunks take as long as one demand. */
enum { LEAST = 5 };

enum { VECTOR = VS_STRINGS, TEXT = 1 << 14 };

static struct {
	char *vector[VECTOR];
	char text[TEXT];
} room VS_BIG;

static unsigned taken; /* bytes of the text */

static bool is_lacking(const char *s)
{
	return vs_pages_lacking((uintptr_t)s);
}

/* With the NULL at the end. */
static unsigned length(char *const *vector)
{
	unsigned n = 0;

	if (!vector)
		return 0;
	while (n < VECTOR && vector[n])
		n++;
	return n + 1;
}

/* Where those that are lacking are: in which chunks, of the first LEAST; and a
 * number for all of them. */
struct survey {
	uintptr_t chunk[LEAST], sum;
	unsigned n;
};

static void survey(struct survey *s, char *const *vector)
{
	for (; vector && *vector; vector++) {
		uintptr_t chunk = (uintptr_t)*vector >> VS_CHUNK_SHIFT;
		unsigned i = 0;

		if (!is_lacking(*vector))
			continue;
		s->sum = s->sum * 31 + chunk;
		while (i < s->n && s->chunk[i] != chunk)
			i++;
		if (i == s->n && i < LEAST)
			s->chunk[s->n++] = chunk;
	}
}

/* Where they are in the same places as those of the child before, to bring in
 * the memory around them is better: it is known then, and the next child has it
 * from the start. */
static bool is_better(const struct survey *s)
{
	return s->n == LEAST && !vs_site_same_strings(vs_txn.site, s->sum);
}

static char **copy_vector(char **to, char *const *vector, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = vector[i];
	return to + n;
}

/* The copy of a string, if there is one, and room for it. */
static char *take(char *s, const char *from, unsigned size)
{
	char *to = room.text + taken;

	if (!size || size > TEXT - taken)
		return s;
	vs_copy_up(to, from, size);
	taken += size;
	return to;
}

/* Those in [at, end) that are lacking. */
static void take_served(char **at, char **end)
{
	struct vs_strings *list = vs_txn_strings();
	struct vs_string *next = list->string;

	for (char **s = at; s < end; s++) {
		if (is_lacking(*s))
			next++->at = (uintptr_t)*s;
	}
	vs_fetch_strings((unsigned)(next - list->string));
	next = list->string;
	for (; at < end; at++) {
		if (!is_lacking(*at))
			continue;
		*at = take(*at, (const char *)list + next->text, next->size);
		next++;
	}
}

/* Where the parent does not serve. A long one, and one that does not end in its
 * chunk, stay where they are. */
static void take_read(char **at, char **end)
{
	enum { LONG = 1024 };
	uintptr_t len;
	long got, size;
	char *to;

	for (; at < end; at++) {
		to = room.text + taken;
		len = vs_pages_lacking((uintptr_t)*at);
		len = len < LONG ? len : LONG;
		len = len < TEXT - taken ? len : TEXT - taken;
		got = len ? vs_fetch(to, (uintptr_t)*at, len) : 0;
		for (size = 0; size < got && to[size];)
			size++;
		if (got <= 0 || size == got)
			continue;
		taken += (unsigned)size + 1;
		*at = to;
	}
}

/* Once in a child: the copies may be in use still, by libc's execvp(), whose
 * next try comes here again, with those that could not be copied. */
void vs_exec_gather(char *const **argv, char *const **envp)
{
	static bool tried VS_HOT;
	struct survey lacking = {.n = 0};
	unsigned args, vars;
	char **second, **end;

	if (!vs_lazy_count() || tried)
		return;
	args = length(*argv);
	vars = length(*envp);
	survey(&lacking, *argv);
	survey(&lacking, *envp);
	tried = lacking.n == LEAST;
	if (vs_likely(!is_better(&lacking)) || args + vars > VECTOR)
		return;
	second = copy_vector(room.vector, *argv, args);
	end = copy_vector(second, *envp, vars);
	if (vs_txn.serves)
		take_served(room.vector, end);
	else
		take_read(room.vector, end);
	if (args)
		*argv = room.vector;
	if (vars)
		*envp = second;
}

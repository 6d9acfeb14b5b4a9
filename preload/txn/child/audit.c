/* SPDX-License-Identifier: MIT
 *
 * Finds what the child has written: each byte of its private writable memory
 * that is not what its parent has at the same place. Memory that has stayed
 * lazy it has not touched. What was written and then put back is not seen;
 * what other threads of the parent have written since the fork is.
 */
#include "txn/child/audit.h"

#include "base/bytes.h"
#include "base/image.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "txn/child/internal.h"

enum { WORD = sizeof(uintptr_t) };

/* As far below the frame of fork()'s caller, and not further, is its stack. */
enum { DEAD = 1 << 20 };

static void add(struct vs_audit_runs *to, uintptr_t at, uintptr_t len)
{
	struct vs_audit_run *last = to->n ? &to->run[to->n - 1] : NULL;

	if (last && last->at + last->len == at) {
		last->len += len;
	} else if (to->n < VS_AUDIT_RUNS) {
		to->run[to->n++] = (struct vs_audit_run){at, len};
	} else {
		to->more = true;
	}
}

/* Where the comparison is in the list of libc's. */
static bool was_libc(const struct vs_audit_runs *libc, unsigned *i,
		     uintptr_t at)
{
	while (*i < libc->n && libc->run[*i].at + libc->run[*i].len <= at)
		++*i;
	return *i < libc->n && at >= libc->run[*i].at;
}

struct comparison {
	struct vs_audit *a;
	struct vs_audit_runs *to;
	const struct vs_audit_runs *without; /* or NULL */
	unsigned i;			     /* in that */
};

static void compare_bytes(struct comparison *c, uintptr_t at,
			  const unsigned char *parents)
{
	const volatile unsigned char *own = (const void *)at;

	for (uintptr_t i = 0; i < WORD; i++) {
		if (own[i] == parents[i])
			continue;
		if (!c->without || !was_libc(c->without, &c->i, at + i))
			add(c->to, at + i, 1);
	}
}

static void compare_word(struct comparison *c, uintptr_t at,
			 const uintptr_t *parents)
{
	struct vs_audit *a = c->a;

	if (*(const volatile uintptr_t *)at == *parents)
		return;
	if (at < a->caller_sp && a->caller_sp - at < DEAD)
		a->dead += WORD;
	else
		compare_bytes(c, at, (const void *)parents);
}

/* What the parent cannot read, or does not have, was made by the child: but for
 * a guard of a thread's stack (glibc 2.42, Linux 6.13), which nobody can. */
static void compare_range(struct comparison *c, uintptr_t lo, uintptr_t hi)
{
	const uintptr_t *parents = (const void *)c->a->chunk;

	for (uintptr_t at = lo; at < hi;) {
		uintptr_t room = VS_CHUNK - at % VS_CHUNK;
		uintptr_t len = room < hi - at ? room : hi - at;
		long n = vs_fetch(c->a->chunk, at, len);

		if (n < WORD) {
			if (vs_readable(at))
				add(c->to, at, VS_PAGE);
			at = vs_page_down(at) + VS_PAGE;
			continue;
		}
		for (long i = 0; i < n / WORD; i++)
			compare_word(c, at + (uintptr_t)i * WORD, &parents[i]);
		at += (uintptr_t)n / WORD * WORD;
	}
}

static void compare(struct vs_audit *a, struct vs_audit_runs *to,
		    const struct vs_audit_runs *without)
{
	struct comparison c = {.a = a, .to = to, .without = without};
	struct vs_range image = vs_image();
	struct vs_map map;

	to->n = 0;
	to->more = false;
	a->dead = 0;
	a->unknown =
		vs_txn.mem_fd < 0 || vs_maps_open(&a->maps, a->text, false) < 0;
	if (a->unknown)
		return;
	while (vs_maps_next(&a->maps, &map)) {
		/* Ours, and what the kernel has joined with it. */
		if (map.at.lo >= vs_page_down(image.lo) && map.at.lo < image.hi)
			map.at.lo = vs_page_up(image.hi);
		if (!map.shared && map.at.lo < map.at.hi)
			compare_range(&c, map.at.lo, map.at.hi);
	}
	a->unknown = a->maps.failed;
	vs_maps_close(&a->maps);
}

void vs_audit_begins(uintptr_t caller_sp)
{
	struct vs_audit *a = vs_audit_record();

	a->caller_sp = caller_sp;
	a->compared = false;
	*a->runs = '\0';
	for (unsigned i = 0; i < VS_AUDIT_CALLS; i++)
		a->calls[i] = 0;
	compare(a, &a->by_libc, NULL);
	a->began = true;
}

void vs_audit_exec(const char *path)
{
	struct vs_audit *a = vs_audit_record();
	size_t n = path ? vs_length(path, '\0') : 0;

	if (n < sizeof(a->runs))
		*vs_copy_up(a->runs, path, n) = '\0';
	compare(a, &a->wrote, &a->by_libc);
	a->compared = true;
}

/* SPDX-License-Identifier: MIT
 *
 * The parent hands its memory to the child: where that could not read it, or
 * would need a descriptor that other threads see. Both have a store in common.
 * What the children of this site have needed is put there before the clone;
 * what else it needs the child demands, by a bit in the word that the parent's
 * thread waits for anyway, and that thread copies it there: only what was left
 * out of the copy, which is anonymous memory. Behind a file there could be a
 * server that waits for this very thread. Raw system calls only.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "kernel/sys.h"
#include "memory/reading.h"
#include "txn/able/able.h"
#include "txn/internal.h"
#include "txn/map/lazy.h"
#include "txn/map/parts.h"

/* Slots of the store that have been used in this transaction: noted before, for
 * the task that writes to them may not get to its end. */
static unsigned used VS_HOT;

static void will_use(unsigned slots)
{
	slots = slots < VS_STORE ? slots : VS_STORE;
	used = used > slots ? used : slots;
}

/* ---- chunks ---- */

/* The parts of a chunk that the child lacks. False if one of them cannot be
 * read, as a guard region, and the child has to ask page by page; or if there
 * is none. */
static bool copy_chunk(unsigned char *to, uintptr_t base)
{
	uintptr_t end = base + VS_CHUNK;
	struct vs_part part;
	bool any = false;

	for (uintptr_t at = base; vs_parts_above(at, &part) && part.at.lo < end;
	     at = part.at.hi) {
		uintptr_t lo = part.at.lo > base ? part.at.lo : base;
		uintptr_t hi = part.at.hi < end ? part.at.hi : end;

		if (!(part.flags & VS_PART_PROT) || part.flags & VS_PART_SHARED)
			continue;
		if (vs_reading_take(to + (lo - base), lo, hi - lo) !=
		    (long)(hi - lo))
			return false;
		any = true;
	}
	return any;
}

/* The same while the list of parts is an old one, which the child renews: it
 * may want all of the chunk then, so all of it is read, or nothing. What cannot
 * be touched by now looks like a protection key; the child will not ask for it.
 */
static bool copy_whole(unsigned char *to, uintptr_t base)
{
	int i = vs_lazy_above(base);
	struct vs_range lazy;

	if (i == vs_lazy_count())
		return false;
	lazy = vs_lazy(i);
	if (lazy.lo > base || base + VS_CHUNK > lazy.hi)
		return false;
	return vs_reading_take_whole(to, base, VS_CHUNK);
}

static void add(struct vs_served *s, uintptr_t chunk, bool old)
{
	unsigned char *to = vs_txn.store[s->stocked];
	uintptr_t base = chunk << VS_CHUNK_SHIFT;

	will_use(s->stocked + 1);
	if (old ? copy_whole(to, base) : copy_chunk(to, base))
		s->stock[s->stocked++] = chunk;
}

/* What children of this site have needed, from the i-th on. */
static void add_needed(struct vs_served *s, unsigned i, bool old)
{
	uintptr_t chunk;

	for (; s->stocked < VS_STORE; i++) {
		chunk = vs_site_needed(vs_txn.site, i);
		if (!chunk)
			return;
		add(s, chunk, old);
	}
}

static void stock(void *served)
{
	struct vs_served *s = served;

	s->stocked = 0;
	add_needed(s, 0, vs_txn.renew);
}

/* What is needed may be in the copy, all of it. */
static bool is_any_left_out(void)
{
	uintptr_t chunk;

	for (unsigned i = 0; (chunk = vs_site_needed(vs_txn.site, i)); i++) {
		if (vs_lazy_meets(chunk << VS_CHUNK_SHIFT, VS_CHUNK))
			return true;
	}
	return false;
}

void vs_serve_stock(void)
{
	struct vs_served *s = &vs_txn.page->served;

	s->stocked = 0;
	if (is_any_left_out())
		vs_reading(stock, s, vs_txn_seen()->filters);
}

/* ---- while the child runs ---- */

/* Which of those that are needed it is, or -1. */
static int index_of(uintptr_t chunk)
{
	uintptr_t at;

	for (int i = 0; (at = vs_site_needed(vs_txn.site, (unsigned)i)); i++) {
		if (at == chunk)
			return i;
	}
	return -1;
}

/* How much of it can be read at once, at most what one chunk has. */
static uintptr_t servable(uintptr_t from, uintptr_t len)
{
	uintptr_t room = VS_CHUNK - from % VS_CHUNK;
	struct vs_part part;

	len = len < room ? len : room;
	if (!vs_parts_above(from, &part) || part.at.lo > from)
		return 0;
	return len < part.at.hi - from ? len : part.at.hi - from;
}

/* Puts into the store what the child has asked for, and, since each demand
 * costs two wake-ups, what it will ask for next. A child that starts brings in
 * what its site is known to need in ascending order: all of that from here on.
 * Else the chunks of the range that it named. Where the first of them cannot be
 * had whole, the store gets as much of it as can be read, and that is returned.
 */
static long answer(struct vs_served *s)
{
	uintptr_t from = s->from, len = s->len;
	uintptr_t chunk = from >> VS_CHUNK_SHIFT, last;
	int at = index_of(chunk);

	s->stocked = 0;
	if (!servable(from, len))
		return -EFAULT;
	last = (from + len - 1) >> VS_CHUNK_SHIFT;
	if (at >= 0)
		add_needed(s, (unsigned)at, false);
	else
		for (; chunk <= last && s->stocked < VS_STORE; chunk++)
			add(s, chunk, false);
	if (s->stocked && s->stock[0] == from >> VS_CHUNK_SHIFT)
		return 0;
	s->stocked = 0;
	return vs_reading_take_pages(vs_txn.store[0], from,
				     servable(from, len));
}

/* A string that ends in the chunk where it begins: its size; else 0. */
static unsigned copy_string(char *to, uintptr_t from, uintptr_t room)
{
	enum { PIECE = 512 };
	uintptr_t len = servable(from, room), piece;
	unsigned n = 0, end;

	for (; n < len; n = end) {
		piece = len - n < PIECE ? len - n : PIECE;
		if (vs_reading_take(to + n, from + n, piece) != (long)piece)
			return 0;
		for (end = n + (unsigned)piece; n < end; n++) {
			if (!to[n])
				return n + 1;
		}
	}
	return 0;
}

static void answer_strings(struct vs_served *s)
{
	struct vs_strings *list = vs_txn_strings();
	unsigned end = sizeof(*list), size;

	s->stocked = 0;
	for (unsigned i = 0; i < s->strings && i < VS_STRINGS; i++) {
		/* With what one that does not end leaves. */
		will_use(end / VS_CHUNK + 2);
		size = copy_string((char *)list + end, list->string[i].at,
				   (uintptr_t)VS_STORE * VS_CHUNK - end);
		list->string[i].text = end;
		list->string[i].size = size;
		end += size;
	}
}

static void serve(void *served)
{
	struct vs_served *s = served;

	if (s->strings)
		answer_strings(s);
	else
		s->got = answer(s);
}

/* The child may have died meanwhile: what the kernel has written to the word
 * then stays. */
bool vs_serve(unsigned alive)
{
	struct vs_txn_page *page = vs_txn.page;
	unsigned demand = alive | FUTEX_OWNER_DIED;

	if (atomic_load(&page->word) != demand)
		return false;
	vs_reading(serve, &page->served, vs_txn_seen()->filters);
	if (atomic_compare_exchange_strong(&page->word, &demand, alive))
		vs_sys(SYS_futex, &page->word, FUTEX_WAKE, 1);
	return true;
}

/* ---- afterwards ---- */

static void wipe(unsigned char *at, uintptr_t size)
{
	enum { WORDS = 4 };
	typedef struct {
		uint64_t word[WORDS];
	} __attribute__((may_alias)) block;

	for (uintptr_t i = 0; i < size; i += sizeof(block)) {
		*(block *)(void *)(at + i) = (block){0};
		__asm__ volatile("" ::: "memory");
	}
}

/* What the program erases, and what it has kept from being paged out or dumped,
 * shall be nowhere else. */
void vs_serve_wipe(void)
{
	if (!used) /* not even that is written, which would be a fault */
		return;
	wipe(vs_txn.store[0], (uintptr_t)used * VS_CHUNK);
	used = 0;
}

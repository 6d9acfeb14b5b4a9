/* SPDX-License-Identifier: MIT
 *
 * The parent hands its memory to the child: where that could not read it, or
 * would need a descriptor that other threads see. Both have a store in common.
 * What the children of this site have needed is put there before the clone;
 * what else it needs the child demands, by a bit in the word that the parent's
 * thread waits for anyway, and that thread copies it there. It reads itself by
 * a system call, so that another thread's munmap() is no fault here; and only
 * what was left out of the copy, which is anonymous memory: behind a file there
 * could be a server that waits for this very thread. Raw system calls only.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "kernel/read_self.h"
#include "kernel/sys.h"
#include "txn/internal.h"

/* ---- before the clone ---- */

/* The parts of a chunk that the child will lack. False if one of them cannot be
 * read, as a guard region, and the child has to ask page by page; or if there
 * is none. */
static bool copy_chunk(unsigned char *to, uintptr_t base)
{
	bool any = false;

	for (int i = 0; i < vs_txn.lazies; i++) {
		uintptr_t lo = vs_txn.lazy[i].lo, hi = vs_txn.lazy[i].hi;

		if (hi <= base || lo >= base + VS_CHUNK)
			continue;
		lo = lo > base ? lo : base;
		hi = hi < base + VS_CHUNK ? hi : base + VS_CHUNK;
		if (vs_read_self(to + (lo - base), lo, hi - lo) !=
		    (long)(hi - lo))
			return false;
		any = true;
	}
	return any;
}

void vs_serve_stock(void)
{
	unsigned n = 0;
	uintptr_t chunk;

	for (unsigned i = 0; n < VS_STOCK; i++) {
		chunk = vs_site_needed(vs_txn.site, i);
		if (!chunk)
			break;
		if (copy_chunk(vs_txn.store[n], chunk << VS_CHUNK_SHIFT))
			vs_txn.stock[n++] = chunk;
	}
	vs_txn.stocked = n;
}

/* ---- while the child runs ---- */

/* The most that one demand has brought, in bytes. */
static uintptr_t brought;

/* How much of it there is to be read at once. */
static uintptr_t servable(uintptr_t from, uintptr_t len)
{
	if (len > VS_DEMAND * VS_CHUNK)
		return 0;
	for (int i = 0; i < vs_txn.lazies; i++) {
		const struct vs_range *r = &vs_txn.lazy[i];

		if (vs_range_has(r, from))
			return len < r->hi - from ? len : r->hi - from;
	}
	return 0;
}

static long answer(uintptr_t from, uintptr_t len)
{
	len = servable(from, len);
	if (!len)
		return -EFAULT;
	brought = brought > len ? brought : len;
	return vs_read_self(vs_txn.store[VS_STOCK], from, len);
}

/* The child may have died meanwhile: what the kernel has written to the word
 * then stays. */
bool vs_serve(unsigned alive)
{
	struct vs_txn_page *page = vs_txn.page;
	unsigned demand = alive | FUTEX_OWNER_DIED;

	if (atomic_load(&page->word) != demand)
		return false;
	page->demand.got = answer(page->demand.from, page->demand.len);
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
	wipe(vs_txn.store[0], (uintptr_t)vs_txn.stocked * VS_CHUNK);
	wipe(vs_txn.store[VS_STOCK], brought);
	brought = 0;
}

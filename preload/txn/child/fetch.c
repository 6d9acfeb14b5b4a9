/* SPDX-License-Identifier: MIT
 *
 * Where the child's pages come from: through a descriptor of the parent's
 * memory, which stays bound to that and goes on working after the child has
 * dropped its privileges; or from the store that it shares with the parent,
 * whose thread serves it (txn/serve.c).
 */
#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "base/bytes.h"
#include "txn/child/internal.h"

/* Milliseconds: after the former it is looked whether there is a parent still;
 * after the latter its thread is gone, because another one has made an exec, or
 * has been stopped: nothing has happened yet, so it may be as if that had come
 * before the fork. A machine that is busy needs less; and what comes of it is a
 * native fork. */
enum { LOOK = 20, GIVE_UP = 2000 };

/* What the parent has put there already: the bytes, 0 if none. */
static long from_stock(unsigned char *to, uintptr_t from, uintptr_t len)
{
	const struct vs_served *s = &vs_txn.page->served;
	uintptr_t chunk = from >> VS_CHUNK_SHIFT, at = from % VS_CHUNK;

	for (unsigned i = 0; i < s->stocked; i++) {
		if (s->stock[i] != chunk)
			continue;
		len = len < VS_CHUNK - at ? len : VS_CHUNK - at;
		vs_copy_words(to, vs_txn.store[i] + at, len);
		return (long)len;
	}
	return 0;
}

/* Until the word is no demand any more. */
static void wait_for_answer(unsigned asked)
{
	const struct timespec look = {.tv_nsec = LOOK * 1000000L};
	_Atomic unsigned *word = &vs_txn.page->word;
	int looks = 0;
	long r;

	vs_sys(SYS_futex, word, FUTEX_WAKE, 1);
	while (atomic_load(word) == asked) {
		r = vs_sys(SYS_futex, word, FUTEX_WAIT, asked, &look);
		if (!r || r == -EAGAIN || r == -EINTR)
			continue;
		if (++looks > GIVE_UP / LOOK ||
		    vs_sys(SYS_getppid) != vs_txn.parent)
			vs_child_rollback(VS_UNDONE_TIMEOUT, 0);
	}
}

static void demand(void)
{
	unsigned idle = (unsigned)vs_sys(SYS_gettid) | FUTEX_WAITERS;
	unsigned word = idle | FUTEX_OWNER_DIED;

	if (!atomic_compare_exchange_strong(&vs_txn.page->word, &idle, word))
		vs_child_rollback(VS_UNDONE_SETUP, 0);
	wait_for_answer(word);
}

static long by_demand(unsigned char *to, uintptr_t from, uintptr_t len)
{
	struct vs_txn_page *page = vs_txn.page;

	page->served.strings = 0;
	page->served.from = from;
	page->served.len = len;
	demand();
	if (page->served.got > 0)
		vs_copy_words(to, vs_txn.store[0], (uintptr_t)page->served.got);
	if (page->served.got)
		return page->served.got;
	return from_stock(to, from, len);
}

void vs_fetch_strings(unsigned n)
{
	vs_txn.page->served.strings = n;
	demand();
}

long vs_fetch(void *to, uintptr_t from, uintptr_t len)
{
	unsigned char *at = to;
	uintptr_t done = 0;
	long n;

	if (!vs_txn.serves)
		return vs_sys(SYS_pread64, vs_txn.mem_fd, to, len, from);
	for (; done < len; done += (uintptr_t)n) {
		n = from_stock(at + done, from + done, len - done);
		if (!n)
			n = by_demand(at + done, from + done, len - done);
		if (n <= 0)
			return done ? (long)done : n;
	}
	return (long)done;
}

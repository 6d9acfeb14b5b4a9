/* SPDX-License-Identifier: MIT
 * See state.h. Raw system calls only. */
#include <stdatomic.h>
#include <stddef.h>

#include "base/range.h"
#include "kernel/once.h"
#include "kernel/sys.h"
#include "txn/record/state.h"

/* Of files there may be until it is known. */
struct vs_txn vs_txn = {.mem_fd = -1, .of_files = true};

bool vs_txn_step(enum vs_txn_phase from, enum vs_txn_phase to)
{
	int phase = (int)from;

	return atomic_compare_exchange_strong(&vs_txn.page->phase, &phase,
					      (int)to);
}

/* What each child touches comes first: one read enters the pages around it, if
 * they are of one mapping. */
static struct vs_once once VS_HOT;
static struct {
	union {
		struct vs_txn_page page;
		char whole[VS_PAGE];
	};
	union {
		struct vs_parts_list parts;
		char pages[(sizeof(struct vs_parts_list) + VS_PAGE - 1) /
			   VS_PAGE * VS_PAGE];
	};
	unsigned char store[VS_STORE][VS_CHUNK];
	union {
		struct vs_command command;
		char all[VS_PAGE];
	};
} place VS_BIG __attribute__((aligned(VS_PAGE)));

_Static_assert(sizeof(struct vs_txn_page) <= VS_PAGE, "one page");

struct vs_command *vs_txn_command(void)
{
	return &place.command;
}

struct vs_strings *vs_txn_strings(void)
{
	return (void *)place.store;
}

struct vs_parts_list *vs_txn_parts(void)
{
	return &place.parts;
}

static long map_place(int flags)
{
	return vs_sys(SYS_mmap, &place, sizeof(place), PROT_READ | PROT_WRITE,
		      flags | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

bool vs_txn_make_page(void)
{
	if (!vs_map_once(&once, &place, sizeof(place), MAP_SHARED))
		return false;
	vs_txn.page = &place.page;
	vs_txn.store = place.store;
	return true;
}

/* There may be a process that shares the page without our knowing. It would see
 * what children are handed from now on, and could answer in our place. */
static _Atomic bool exposed VS_HOT;

void vs_txn_exposed(void)
{
	exposed = true;
}

bool vs_txn_renew_page(void)
{
	if (vs_likely(!exposed))
		return true;
	if (map_place(MAP_SHARED) != (long)&place)
		return false;
	vs_parts_forget();
	exposed = false;
	return true;
}

/* At once, and not at its own first fork: the child may be about to become a
 * process that is trusted less, and must not see its parent's page then. */
void vs_txn_forget(void)
{
	if (vs_once_inherited(&once) && map_place(MAP_PRIVATE) != (long)&place)
		vs_sys(SYS_mprotect, &place, sizeof(place), PROT_NONE);
	vs_parts_forget();
	exposed = false;
	once = (struct vs_once){0};
	vs_txn.page = NULL;
	vs_txn.mem_fd = -1;
}

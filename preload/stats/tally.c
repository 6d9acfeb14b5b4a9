/* SPDX-License-Identifier: MIT
 *
 * Counting, into private memory or into a file that several processes have
 * mapped. Places in tables are taken by compare-and-swap and never given back.
 */
#include <string.h>

#include "base/compiler.h"
#include "libc/module.h"
#include "port.h"
#include "stats/internal.h"

struct vs_tally *vs_tally;
struct vs_live *vs_live;

static void add(vs_counter *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* The highest bit of `low` first, as vs_wide_read() has it. */
void vs_wide_add(struct vs_wide *to, uint64_t n)
{
	uint32_t most = INT32_MAX, more = n < most ? (uint32_t)n : most;
	uint32_t before = atomic_fetch_add(&to->low, more);

	if ((before ^ (before + more)) >> 31)
		add(&to->halves);
}

unsigned vs_bucket_of(uint64_t ns)
{
	unsigned octave, bucket;

	if (ns < VS_OCTAVE)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	bucket = (octave - 2) * VS_OCTAVE +
		 (unsigned)(ns >> (octave - 3)) % VS_OCTAVE;
	return bucket < VS_BUCKETS ? bucket : VS_BUCKETS - 1;
}

/* Whether the free place is ours now; or another thread has taken it for the
 * same: then *key is it. */
static bool claim(vs_counter *key, uint32_t wanted)
{
	uint32_t free = 0;

	return atomic_compare_exchange_strong(key, &free, wanted);
}

static struct vs_row *row_of(struct vs_tally *t, enum vs_entry entry,
			     enum vs_engine engine)
{
	uint32_t key = vs_row_key(entry, engine);

	for (int i = 0; i < VS_MAX_ROWS; i++) {
		struct vs_row *row = &t->row[i];

		if (!row->key && claim(&row->key, key))
			strncpy(row->entry, vs_entry_name(entry),
				sizeof(row->entry) - 1);
		if (vs_likely(row->key == key))
			return row;
	}
	return &t->row[VS_MAX_ROWS - 1];
}

void vs_tally_call(struct vs_tally *to, const struct vs_call *call, uint64_t ns)
{
	const struct vs_verdict *v = &call->verdict;
	struct vs_row *row = row_of(to, call->entry, v->engine);

	add(&row->calls);
	if (ns) {
		vs_wide_add(&row->us, ns / 1000);
		add(&row->bucket[vs_bucket_of(ns)]);
	}
	if (v->engine == VS_NATIVE)
		add(&to->native[v->why].calls);
	if (v->engine == VS_TXN && v->native_us > ns / 1000)
		vs_wide_add(&to->saved_us, v->native_us - ns / 1000);
}

/* ---- call sites ---- */

/* Knuth, The Art of Computer Programming, 6.4. Two sites with one key are one,
 * which has never been seen. */
static uint32_t place_key(const struct vs_call *call)
{
	uint64_t at = call->caller;
	uint32_t key = (uint32_t)(at ^ at >> 32) * 2654435761U;

	key += vs_row_key(call->entry, call->verdict.engine);
	return key ? key : 1;
}

static void name_place(struct vs_place *place, const struct vs_call *call)
{
	uintptr_t offset;

	place->address = call->caller;
	place->engine = call->verdict.engine;
	strncpy(place->entry, vs_entry_name(call->entry),
		sizeof(place->entry) - 1);
	if (vs_module_of(call->caller, place->module, sizeof(place->module),
			 &offset))
		place->offset = offset;
	atomic_store(&place->ready, 1);
}

static struct vs_place *place_of(struct vs_tally *t, const struct vs_call *call)
{
	uint32_t key = place_key(call);

	for (int i = 0; i < VS_MAX_PLACES; i++) {
		struct vs_place *place = &t->place[i];

		if (!place->key && claim(&place->key, key))
			name_place(place, call);
		if (place->key == key)
			return place;
	}
	return NULL;
}

static void count_place(struct vs_place *place, const struct vs_call *call,
			uint64_t ns)
{
	const struct vs_verdict *v = &call->verdict;

	add(&place->calls);
	if (v->engine == VS_NATIVE)
		place->why = v->why;
	if (v->undone != VS_UNDONE_NOT) {
		add(&place->undone);
		place->undone_why = v->undone;
	}
	if (v->fetched_kb)
		vs_wide_add(&place->fetched_kb, v->fetched_kb);
	if (!ns)
		return;
	vs_wide_add(&place->us, ns / 1000);
	add(&place->bucket[vs_bucket_of(ns)]);
	if (v->engine == VS_TXN && v->native_us > ns / 1000)
		vs_wide_add(&place->saved_us, v->native_us - ns / 1000);
}

struct vs_place *vs_tally_place(struct vs_tally *to, const struct vs_call *call,
				uint64_t ns)
{
	struct vs_place *place = NULL;

	if (call->caller)
		place = place_of(to, call);
	if (place)
		count_place(place, call, ns);
	else
		add(&to->elsewhere);
	return place;
}

/* ---- what became of transactions ---- */

static void blame(struct vs_tally *t, long nr)
{
	uint32_t key = (uint32_t)(nr - VS_FIRST_NUMBER) + 1;

	for (int i = 0; i < VS_MAX_CULPRITS; i++) {
		struct vs_culprit *c = &t->culprit[i];

		if (!c->key && claim(&c->key, key))
			strncpy(c->name, vs_syscall_name(nr),
				sizeof(c->name) - 1);
		if (c->key == key) {
			add(&c->calls);
			return;
		}
	}
}

static void undone(struct vs_tally *t, const struct vs_verdict *v)
{
	long nr = v->detail - VS_FIRST_NUMBER;

	add(&t->undone[v->undone].calls);
	if ((v->undone == VS_UNDONE_SYSCALL ||
	     v->undone == VS_UNDONE_MEMORY_CALL) &&
	    nr >= 0 && nr < VS_SYSCALLS)
		blame(t, v->detail);
}

static void took(struct vs_cause *cause, uint64_t ns)
{
	add(&cause->took_calls);
	vs_wide_add(&cause->took_us, ns / 1000);
}

/* These two cost less natively, and so does what never execs. */
static bool may_be_lost(enum vs_why_native why)
{
	return why != VS_WHY_SMALL && why != VS_WHY_SLOW &&
	       why != VS_WHY_LEARNED;
}

void vs_tally_fork(struct vs_tally *to, const struct vs_verdict *v, uint64_t ns)
{
	if (v->undone != VS_UNDONE_NOT)
		undone(to, v);
	if (!ns || v->engine != VS_NATIVE)
		return;
	if (v->undone != VS_UNDONE_NOT)
		took(&to->undone[v->undone], ns);
	else if (may_be_lost(v->why))
		took(&to->native[v->why], ns);
	else if (v->because != VS_UNDONE_NOT)
		took(&to->undone[v->because], ns);
}

/* SPDX-License-Identifier: MIT
 * See audit.h. What is known of each call site grows; it is told when it does.
 */
#include "audit/internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "base/config.h"
#include "kernel/sys.h"
#include "stats/tell/log.h"

enum { SITES = 32, TEXT = 16384 };

/* Mapped at load, for none but who audits needs it. */
static struct audit {
	_Atomic int busy; /* not every CPU has atomic bytes */
	struct vs_audit record;
	struct vs_audit_site site[SITES];
	char text[TEXT];
} * audit;

void vs_audit_prepare(void)
{
	audit = vs_map_new(sizeof(*audit), MAP_PRIVATE);
}

void vs_audit_reset(void)
{
	if (vs_unlikely(audit != NULL))
		audit->busy = 0;
}

struct vs_audit *vs_audit_claim(void)
{
	if (vs_likely(!audit) || atomic_exchange(&audit->busy, 1))
		return NULL;
	audit->record.began = false;
	return &audit->record;
}

static struct vs_audit_site *site_of(uintptr_t caller)
{
	for (int i = 0; i < SITES; i++) {
		struct vs_audit_site *site = &audit->site[i];

		if (!site->caller)
			site->caller = caller;
		if (site->caller == caller)
			return site;
	}
	return NULL;
}

/* ---- what is new ---- */

static struct vs_audit_place *place_of(struct vs_audit_site *site,
				       const struct vs_audit_place *like)
{
	for (unsigned i = 0; i < site->n; i++) {
		struct vs_audit_place *place = &site->place[i];

		if (place->kind == like->kind &&
		    !strcmp(place->name, like->name))
			return place;
	}
	if (site->n == VS_AUDIT_PLACES) {
		site->more = true;
		return NULL;
	}
	site->told = false;
	site->place[site->n] = *like;
	site->place[site->n].bytes = 0;
	return &site->place[site->n++];
}

/* In steps, for it may be of several places: not too many. */
static void add_run(struct vs_audit_site *site, const struct vs_audit *record,
		    const struct vs_audit_run *run, unsigned long *bytes)
{
	enum { STEPS = 64, LEAST = 4 };
	uintptr_t step = run->len / STEPS + LEAST;

	for (uintptr_t i = 0; i < run->len; i += step) {
		struct vs_audit_place like, *place;

		if (!vs_audit_where(run->at + i, record->caller_sp, &like))
			continue;
		place = place_of(site, &like);
		if (place)
			bytes[place - site->place] +=
				run->len - i < step ? run->len - i : step;
	}
}

static void add_memory(struct vs_audit_site *site,
		       const struct vs_audit *record)
{
	unsigned long bytes[VS_AUDIT_PLACES] = {0};

	for (unsigned i = 0; i < record->wrote.n; i++)
		add_run(site, record, &record->wrote.run[i], bytes);
	for (unsigned i = 0; i < site->n; i++) {
		if (bytes[i] > site->place[i].bytes)
			site->place[i].bytes = bytes[i];
	}
	site->more |= record->wrote.more;
	if (record->dead > site->dead)
		site->dead = (unsigned)record->dead;
}

static void add_calls(struct vs_audit_site *site, const struct vs_audit *record)
{
	for (unsigned i = 0; i < VS_AUDIT_CALLS; i++) {
		if (!record->calls[i] || site->calls[i])
			continue;
		site->calls[i] = 1;
		site->told = false;
	}
}

static void add(struct vs_audit_site *site, const struct vs_audit *record,
		const struct vs_verdict *verdict)
{
	if (verdict->engine == VS_TXN && record->compared) {
		if (!site->committed++)
			site->told = false;
		if (*record->runs)
			memcpy(site->runs, record->runs, sizeof(site->runs));
		site->unknown += record->unknown;
		add_memory(site, record);
		add_calls(site, record);
	} else if (verdict->undone) {
		if (!site->undone++ || site->why.undone != verdict->undone ||
		    site->why.detail != verdict->detail)
			site->told = false;
		site->why = *verdict;
	} else if (!site->unknown++) {
		site->why = *verdict;
		site->told = false;
	}
}

/* errno was as it was before, as long as it was looked at. */
void vs_audit_tell(struct vs_audit *record, uintptr_t caller,
		   const struct vs_verdict *verdict)
{
	struct vs_audit_site *site = site_of(caller);
	struct vs_line line = vs_line_in(audit->text, TEXT);
	int saved = errno;

	if (site)
		add(site, record, verdict);
	if (site && !site->told) {
		site->told = true;
		vs_audit_report(&line, site);
		vs_log_text(vs_config.audit, audit->text,
			    (size_t)(line.at - audit->text));
	}
	errno = saved;
	audit->busy = 0;
}

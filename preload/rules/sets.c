/* SPDX-License-Identifier: MIT
 *
 * The rules of this program, as the file says now. Two sets of them: one is in
 * use, the other is for the next reading.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/line.h"
#include "kernel/lock.h"
#include "kernel/own_memory.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "libc/facts.h"
#include "rules/internal.h"
#include "stats/tell/log.h"

static const char usual[] = "/etc/vspawn/rules";

/* Milliseconds between two looks at the file. */
enum { EVERY_MS = 1000 };

static struct vs_rules set[2] VS_BIG;
static struct vs_who who VS_BIG;
static struct vs_rules_stamp stamp;

/* set[generation % 2] is in use. The other one is written to only after that
 * has changed. 0: nothing yet. */
static _Atomic unsigned generation;

static _Atomic bool looked;
static _Atomic unsigned looked_at; /* ms; wraps */
static vs_lock lock;

static const char *file_name(void)
{
	if (vs_config.rules)
		return *vs_config.rules ? vs_config.rules : NULL;
	/* The nearer one wins. */
	return vs_config.fork_given ? NULL : usual;
}

/* ---- reading ---- */

struct said {
	unsigned count;
	char first[512];
};

static void complain(void *arg, unsigned line, const char *text)
{
	struct said *said = arg;
	struct vs_line to;

	if (said->count++)
		return;
	to = vs_line_in(said->first, sizeof(said->first) - 64);
	vs_line_put(&to, "vspawn: ");
	vs_line_put(&to, file_name());
	if (line) {
		vs_line_char(&to, ':');
		vs_line_number(&to, line, 10);
		vs_line_char(&to, ':');
	}
	vs_line_char(&to, ' ');
	vs_line_put(&to, text);
}

/* One line, however many are wrong. */
static void say(struct said *said)
{
	struct vs_line to = {said->first,
			     said->first + sizeof(said->first) - 1};

	if (!said->count)
		return;
	while (*to.at)
		to.at++;
	if (said->count > 1) {
		vs_line_put(&to, "; and ");
		vs_line_number(&to, said->count - 1, 10);
		vs_line_put(&to, " more: vspawn rules --check");
	}
	vs_log(said->first, true);
}

/* Only rules of this program are kept. */
static bool is_mine(void *arg, const char *program)
{
	(void)arg;
	for (int i = 0; i < VS_WHO_NAMES; i++) {
		if (*who.name[i] && vs_rules_path_matches(program, who.name[i]))
			return true;
	}
	return false;
}

static void read_anew(const char *name)
{
	struct vs_rules *rules = &set[(generation + 1) % 2];
	struct said said = {0};
	struct vs_rules_reader reader = {.rules = rules,
					 .wanted = is_mine,
					 .complain = complain,
					 .arg = &said};
	const char *wrong;

	wrong = vs_rules_read(name, &reader, generation ? NULL : &who);
	if (wrong) {
		rules->n = 0;
		/* That nobody has asked for is not for everybody. */
		if (vs_config.rules || wrong != vs_rules_no_access)
			complain(&said, 0, wrong);
	}
	atomic_fetch_add(&generation, 1);
	say(&said);
}

/* The file is no more: so are its rules. */
static void forget(void)
{
	set[(generation + 1) % 2].n = 0;
	atomic_fetch_add(&generation, 1);
}

static bool same(const struct vs_rules_stamp *a, const struct vs_rules_stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->changed[0] == b->changed[0] &&
	       a->changed[1] == b->changed[1] &&
	       a->changed[2] == b->changed[2] && a->changed[3] == b->changed[3];
}

static void look_now(void)
{
	const char *name = file_name();
	struct vs_rules_stamp now;

	if (!name)
		return;
	vs_rules_stamp(name, &now);
	if (same(&now, &stamp))
		return;
	stamp = now;
	if (now.ino)
		read_anew(name);
	else
		forget();
}

/* Signals are blocked: a handler may fork. A child by vfork(), which may be
 * killed and leave the lock taken, makes do with what is known; so does one by
 * a clone that we were not told of, to which nobody might give it back. */
static void look(unsigned now)
{
	vs_sigset old;

	if (!vs_memory_is_own())
		return;
	vs_block_all(&old);
	vs_lock_take(&lock);
	if (!looked || now - looked_at >= EVERY_MS) {
		looked_at = now;
		look_now();
		looked = true;
	}
	vs_lock_drop(&lock);
	vs_unblock(&old);
}

void vs_rules_look_if_due(void)
{
	unsigned now = vs_coarse_ms();

	if (vs_unlikely(!looked || now - looked_at >= EVERY_MS))
		look(now);
}

/* Another thread of the parent may have been reading: then it is read again. */
void vs_rules_reset(void)
{
	if (lock)
		stamp = (struct vs_rules_stamp){0};
	vs_lock_reset(&lock);
}

unsigned vs_rules_generation(void)
{
	return generation;
}

const struct vs_rules *vs_rules_of(unsigned of)
{
	return &set[of % 2];
}

const char *vs_rules_program(void)
{
	return who.name[VS_WHO_FILE];
}

bool vs_rules_never(void)
{
	return looked && !generation;
}

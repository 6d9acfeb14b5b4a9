/* SPDX-License-Identifier: MIT
 * A line of VSPAWN_TRACE; libvspawn(7) says what is in it. */
#include <string.h>

#include "base/config.h"
#include "libc/facts.h"
#include "port.h"
#include "stats/internal.h"

/* For what comes behind the arguments, whatever they are. */
enum { TAIL = 640 };

static void put_key(struct vs_text *to, const char *key)
{
	vs_put(to, to->size > 1 ? ",\"" : "\"");
	vs_put(to, key);
	vs_put(to, "\":");
}

static void put_string(struct vs_text *to, const char *key, const char *value)
{
	put_key(to, key);
	vs_put_quoted(to, value, strlen(value));
}

static void put_number(struct vs_text *to, const char *key, uint64_t value)
{
	put_key(to, key);
	vs_put_number(to, value, 0);
}

/* With six decimal places, which a double has room for until 2242. */
static void put_seconds(struct vs_text *to, const char *key, uint64_t ns)
{
	static const char zeros[] = "00000";
	uint64_t us = ns / 1000 % 1000000;
	unsigned digits = 1;

	put_number(to, key, ns / 1000000000);
	vs_put(to, ".");
	for (uint64_t n = us; n >= 10; n /= 10)
		digits++;
	vs_put_bytes(to, zeros, 6 - digits);
	vs_put_number(to, us, 0);
}

/* False if it does not fit, with nothing written. */
static bool put_limited(struct vs_text *to, const char *s, size_t n)
{
	struct vs_text rest = *to;

	rest.room -= TAIL;
	if (rest.size + 1 >= rest.room)
		return false;
	if (to->buf[to->size - 1] != '[' && to->buf[to->size - 1] != ':')
		vs_put(&rest, ",");
	vs_put_quoted(&rest, s, n);
	if (rest.cut)
		return false;
	to->size = rest.size;
	return true;
}

/* A file and its arguments. Of what is too long the first part is there. */
struct arguments {
	struct vs_text *to;
	bool cut;
	unsigned count;
};

static void put_argument(struct arguments *a, const char *s, size_t n)
{
	enum { LONGEST = 1024 };

	if (a->count++ == 0) {
		put_key(a->to, "executable");
	} else if (a->count == 2) {
		vs_put(a->to, ",\"argv\":[");
	}
	if (n > LONGEST) {
		n = LONGEST;
		a->cut = true;
	}
	while (!put_limited(a->to, s, n)) {
		a->cut = true;
		if (n == 0)
			break;
		n /= 2;
	}
}

static void put_strings(struct arguments *a, const struct vs_command *from)
{
	const char *at = from->text, *end = from->text + from->size;

	while (at < end) {
		size_t n = strnlen(at, (size_t)(end - at));

		put_argument(a, at, n);
		at += n + 1;
	}
	a->cut |= from->cut;
}

static void put_command(struct vs_text *to, const struct vs_command *command)
{
	struct arguments a = {.to = to};

	put_strings(&a, command);
	if (a.count > 1)
		vs_put(to, "]");
	if (a.cut)
		vs_put(to, ",\"cut\":true");
}

static void put_site(struct vs_text *to, const struct vs_call *call,
		     const struct vs_place *place)
{
	char buf[160];
	struct vs_text site = {buf, sizeof(buf), 0, false};

	if (!call->caller)
		return;
	if (place && place->ready && place->offset) {
		vs_put(&site,
		       *place->module ? place->module : vs_config.program);
		vs_put(&site, "+");
		vs_put_hex(&site, place->offset);
	} else {
		vs_put_hex(&site, call->caller);
	}
	put_key(to, "site");
	vs_put_quoted(to, buf, site.size);
}

static void put_reasons(struct vs_text *to, const struct vs_verdict *v)
{
	if (v->engine == VS_NATIVE && v->why != VS_WHY_NONE)
		put_string(to, "reason", vs_native_text(v->why));
	if (v->undone == VS_UNDONE_NOT)
		return;
	put_string(to, "undone", vs_undone_text(v->undone));
	if (v->undone == VS_UNDONE_SYSCALL ||
	    v->undone == VS_UNDONE_MEMORY_CALL)
		put_string(to, "by", vs_syscall_name(v->detail));
}

void vs_put_trace(struct vs_text *to, const struct vs_call *call, uint64_t ns,
		  const struct vs_place *place)
{
	const struct vs_verdict *v = &call->verdict;

	vs_put(to, "{");
	put_seconds(to, "ts", vs_time_ns(CLOCK_REALTIME) - ns);
	put_number(to, "pid", (uint64_t)vs_sys(SYS_getpid));
	put_number(to, "tid", (uint64_t)vs_sys(SYS_gettid));
	put_string(to, "program", vs_config.program);
	put_string(to, "function", vs_entry_name(call->entry));
	if (!call->execs) {
		put_string(to, "engine", vs_names.engine[v->engine]);
		put_string(to, "result", call->result < 0 ? "error" : "ok");
	}
	if (call->result < 0)
		put_number(to, "errno", (uint64_t)-call->result);
	if (call->start)
		put_number(to, "ns", ns);
	if (call->result > 0)
		put_number(to, "child", (uint64_t)call->result);
	if (v->command && v->command->size)
		put_command(to, v->command);
	put_site(to, call, place);
	if (v->fetched_kb)
		put_number(to, "fetched_kb", v->fetched_kb);
	put_reasons(to, v);
	vs_put(to, "}\n");
}

/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_TRACE: each call, as a line of JSON. It is written by the parent, when
 * the call has returned, in one write() that is shorter than PIPE_BUF.
 * libvspawn(7) says what is in it.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include "base/compiler.h"
#include "base/config.h"
#include "base/range.h"
#include "kernel/sigmask.h"
#include "stats/internal.h"
#include "stats/life.h"

_Atomic unsigned vs_trace_lost, vs_trace_error;

enum { LINE = 3072 };
_Static_assert(LINE <= PIPE_BUF, "one write is one line");

/* NULL: there is to be no trace any more. */
static const char *target;

/* Once, not for each line, whose caller may have a small stack. */
void vs_trace_begin(void)
{
	static char room[PATH_MAX] VS_BIG;
	struct vs_text path = {room, sizeof(room), 0, false};

	target = vs_expand(&path, vs_config.trace) ? room : NULL;
	vs_trace_lost = vs_trace_error = 0;
}

/* A seccomp filter of the program's own may kill for any call of ours. */
static _Atomic bool filtered;

void vs_stats_filtered(void)
{
	filtered = true;
}

static void write_line(const struct vs_call *call, uint64_t ns,
		       const struct vs_place *place)
{
	char line[LINE];
	struct vs_text text = {line, sizeof(line), 0, false};
	long r = -ENAMETOOLONG;

	if (filtered)
		r = -EPERM;
	else if (target)
		vs_put_trace(&text, call, ns, place);
	if (text.cut)
		r = -EMSGSIZE;
	else if (text.size)
		r = vs_append(target, &text, true);
	if (r >= 0)
		return;
	vs_trace_lost++;
	vs_trace_error = (unsigned)-r;
	if (vs_live) {
		vs_live->trace_lost++;
		vs_live->trace_error = (unsigned)-r;
	}
}

/* ---- what is run, as the caller has it ---- */

/* By a call that every program with a filter of its own may make, unlike the
 * one of kernel/unharmed/read_self.h. */
static bool is_readable(uintptr_t addr)
{
	uintptr_t page = vs_page_down(addr);

	return page && vs_readable(page);
}

/* Up to `end`, where other strings may be. False if there is no room for more,
 * or it is no string: the call says EFAULT to that, and not we a fault. */
static bool add_string(struct vs_command *to, const char *from)
{
	for (uintptr_t at = (uintptr_t)from; to->size < VS_COMMAND_ROOM; at++) {
		if ((at == (uintptr_t)from || at % VS_PAGE == 0) &&
		    !is_readable(at))
			break;
		to->text[to->size++] = *(const char *)at;
		if (!*(const char *)at)
			return true;
	}
	to->cut = true;
	return false;
}

static void add_command(struct vs_command *to, const char *file,
			char *const *argv)
{
	to->size = 0;
	to->cut = false;
	if (!add_string(to, file ? file : ""))
		return;
	for (; argv; argv++) {
		if (!is_readable((uintptr_t)argv) ||
		    !is_readable((uintptr_t)(argv + 1) - 1) || !*argv ||
		    !add_string(to, *argv))
			return;
	}
}

void vs_trace(const struct vs_call *call, uint64_t ns,
	      const struct vs_place *place)
{
	struct vs_command command;
	struct vs_call told = *call;

	if (call->file && !filtered) {
		add_command(&command, call->file, call->argv);
		told.verdict.command = &command;
	}
	write_line(&told, ns, place);
}

void vs_stats_exec(enum vs_entry entry, const char *file, char *const *argv)
{
	const struct vs_call call = {.entry = entry,
				     .execs = true,
				     .file = file ? file : "",
				     .argv = argv};

	vs_trace(&call, 0, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_TRACE: each call, as a line of JSON. It is written by the parent, when
 * the call has returned, in one write() that is shorter than PIPE_BUF. README
 * says what is in it.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include "base/compiler.h"
#include "base/config.h"
#include "kernel/read_self.h"
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

void vs_trace(const struct vs_call *call, uint64_t ns,
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

/* ---- before an exec ---- */

/* Reads as the kernel would, for it is the kernel who says EFAULT to what is no
 * string. False if there is no room left, or nothing there. */
static bool add_string(struct vs_command *to, const char *from)
{
	size_t room = VS_COMMAND_ROOM - to->size;
	char *at = to->text + to->size;
	long n = vs_read_self(at, (uintptr_t)from, room);
	size_t len = n > 0 ? strnlen(at, (size_t)n) : 0;

	if (n <= 0)
		return false;
	to->cut = len == (size_t)n;
	to->size += (unsigned)(len + !to->cut);
	return !to->cut;
}

static void add_command(struct vs_command *to, const char *file,
			char *const *argv)
{
	char *arg;

	to->size = 0;
	to->cut = false;
	if (!add_string(to, file ? file : ""))
		return;
	for (;
	     argv &&
	     vs_read_self(&arg, (uintptr_t)argv, sizeof(arg)) == sizeof(arg) &&
	     arg;
	     argv++) {
		if (!add_string(to, arg))
			return;
	}
}

void vs_stats_exec(enum vs_entry entry, const char *file, char *const *argv)
{
	struct vs_command command;
	const struct vs_call call = {.entry = entry,
				     .execs = true,
				     .verdict = {.command = &command}};

	add_command(&command, file, argv);
	vs_trace(&call, 0, NULL);
}

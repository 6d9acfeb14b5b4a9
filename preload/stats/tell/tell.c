/* SPDX-License-Identifier: MIT
 * See tell.h. */
#include "stats/tell/tell.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/config.h"
#include "base/line.h"
#include "kernel/sys.h"
#include "libc/location.h"
#include "stats/names.h"
#include "stats/tell/log.h"

void vs_tell_site(struct vs_line *line, uintptr_t caller, bool function)
{
	struct vs_location at;

	if (!vs_locate_caller(caller, &at)) {
		vs_line_put(line, "0x");
		vs_line_number(line, caller, 16);
		return;
	}
	vs_line_put(line,
		    *at.module ? vs_base_name(at.module) : vs_config.program);
	vs_line_put(line, "+0x");
	vs_line_number(line, at.offset, 16);
	if (function && *at.symbol) {
		vs_line_put(line, " (");
		vs_line_put(line, at.symbol);
		vs_line_put(line, ")");
	}
}

void vs_tell_call(struct vs_line *line, long nr)
{
	vs_line_put(line, vs_syscall_name(nr));
}

void vs_tell_undone_why(struct vs_line *line, const struct vs_verdict *verdict)
{
	vs_line_put(line, vs_undone_text(verdict->undone));
	if (verdict->undone != VS_UNDONE_SYSCALL)
		return;
	vs_line_put(line, ": ");
	vs_tell_call(line, verdict->detail);
}

/* vspawn: pid 4711 (hostd): fork at hostd+0x1234: WHAT: WHY */
static void begin(struct vs_line *line, enum vs_entry entry, uintptr_t caller)
{
	vs_line_put(line, "vspawn: pid ");
	vs_line_number(line, (uint64_t)vs_sys(SYS_getpid), 10);
	vs_line_put(line, " (");
	vs_line_put(line, vs_config.program);
	vs_line_put(line, "): ");
	vs_line_put(line, vs_entry_name(entry));
	vs_line_put(line, " at ");
	vs_tell_site(line, caller, true);
	vs_line_put(line, ": ");
}

void vs_tell_native(enum vs_entry entry, uintptr_t caller,
		    const struct vs_verdict *verdict)
{
	char room[900];
	struct vs_line line = vs_line_in(room, sizeof(room));
	int saved = errno;

	begin(&line, entry, caller);
	if (verdict->why != VS_WHY_STRICT)
		vs_line_put(&line, "native fork of a big process: ");
	vs_line_put(&line, vs_native_text(verdict->why));
	vs_log(room, true);
	errno = saved;
}

/* Sites that were told of. One that falls out is told of again. */
static _Atomic uintptr_t told[64];

void vs_tell_undone(enum vs_entry entry, uintptr_t caller,
		    const struct vs_verdict *verdict)
{
	_Atomic uintptr_t *slot = &told[(caller ^ caller >> 6) % 64];
	char room[900];
	struct vs_line line = vs_line_in(room, sizeof(room));
	int saved = errno;

	if (!vs_config.log || atomic_exchange(slot, caller) == caller)
		return;
	begin(&line, entry, caller);
	vs_line_put(&line, "rolled back: ");
	vs_tell_undone_why(&line, verdict);
	vs_log(room, false);
	errno = saved;
}

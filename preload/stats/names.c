/* SPDX-License-Identifier: MIT
 * How engines and reasons are called; copied into each live file. Arrays of
 * characters, not of pointers: those would be relocated each time the library
 * is loaded. */
#include <asm/unistd.h>

#include "port.h"
#include "stats/internal.h"

_Static_assert((int)VS_ENGINES == (int)VS_NAMED_ENGINES &&
		       (int)VS_SPAWN == (int)VS_ROW_SPAWN &&
		       (int)VS_TXN == (int)VS_ROW_TXN &&
		       (int)VS_NATIVE == (int)VS_ROW_NATIVE,
	       "the layout has the same");
_Static_assert((int)VS_WHYS <= (int)VS_MAX_WHYS &&
		       (int)VS_UNDONES <= (int)VS_MAX_UNDONES,
	       "the layout has room");

const struct vs_names vs_names = {
	.engine =
		{
			[VS_SPAWN] = "spawn",
			[VS_TXN] = "txn",
			[VS_SHARE] = "share",
			[VS_NATIVE] = "native",
		},
	.why =
		{
#define NATIVE(name, text) [VS_WHY_##name] = {#name, text},
#define UNDONE(name, text)
#include "stats/reason.def"
#undef NATIVE
#undef UNDONE
		},
	.undone =
		{
#define NATIVE(name, text)
#define UNDONE(name, text) [VS_UNDONE_##name] = {#name, text},
#include "stats/reason.def"
#undef NATIVE
#undef UNDONE
		},
};

static const char entry_names[VS_ENTRIES][48] = {
#define ENTRY(name, kind) [VS_ENTRY_##name] = #name,
#include "entry/entry.def"
#undef ENTRY
};

static const char syscall_names[VS_SYSCALLS][32] = {
#include "syscall_names.h"
};

const char *vs_entry_name(enum vs_entry entry)
{
	return entry_names[entry];
}

const char *vs_syscall_name(long nr)
{
	nr -= VS_FIRST_NUMBER;
	if (nr < 0 || nr >= VS_SYSCALLS || !*syscall_names[nr])
		return "?";
	return syscall_names[nr];
}

const char *vs_native_text(enum vs_why_native why)
{
	return vs_names.why[why].text;
}

const char *vs_undone_text(enum vs_why_undone why)
{
	return vs_names.undone[why].text;
}

/* SPDX-License-Identifier: MIT
 * See unwind.h. The tables: Linux Standard Base, "Exception Frames". */
#include <stddef.h>
#include <string.h>

#include "libc/module.h"
#include "port.h"
#include "libc/unwind/unwind.h"
#include "libc/unwind/unwind_rules.h"

#if VS_ARCH_SHARE

static intptr_t s32(const unsigned char *at)
{
	return (int32_t)vs_u32(at);
}

/* ---- from an address to the function ---- */

/* The sorted table of all toolchains: (function, entry) as offsets. */
static const unsigned char *entry_before(const unsigned char *hdr, uintptr_t pc)
{
	static const unsigned char usual[4] = {1, 0x1b, 0x03, 0x3b};
	const unsigned char *table = hdr + 12;
	uint32_t lo = 0, hi;

	if (memcmp(hdr, usual, sizeof(usual)) != 0)
		return NULL;
	hi = vs_u32(hdr + 8);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if ((uintptr_t)hdr + (uintptr_t)s32(table + 8UL * mid) <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? hdr + s32(table + 8UL * (lo - 1) + 4) : NULL;
}

/* A function and its entry in .eh_frame. */
struct function {
	uintptr_t start, end;
	const unsigned char *fde;
};

static bool find_text(uintptr_t pc, struct vs_text *text)
{
	struct vs_module module;

	if (!vs_module_at(pc, &module))
		return false;
	*text = (struct vs_text){module.at.lo, module.at.hi, module.frame_hdr};
	return true;
}

static bool find_function(uintptr_t pc, const struct vs_text *text,
			  struct function *function)
{
	const unsigned char *fde;

	fde = text->hdr ? entry_before(text->hdr, pc) : NULL;
	if (!fde)
		return false;
	function->fde = fde;
	function->start = (uintptr_t)(fde + 8) + (uintptr_t)s32(fde + 8);
	function->end = function->start + vs_u32(fde + 12);
	return pc >= function->start && pc < function->end;
}

bool vs_within_function(const struct vs_text *text, uintptr_t pc)
{
	struct function function;

	return pc > text->start && pc < text->end &&
	       find_function(pc, text, &function) && pc != function.start;
}

/* ---- the walk ---- */

static uint64_t code_before(uintptr_t pc)
{
	uint64_t code;

	memcpy(&code, (const void *)(pc - sizeof(code)), sizeof(code));
	return code;
}

/* A call may be the last instruction of its function, hence pc - 1. */
static bool find_rule(uintptr_t pc, struct vs_unwind_rule *rule)
{
	struct function function;
	struct vs_unwind_rules rules;

	if ((pc - 1 < rule->text.start || pc - 1 >= rule->text.end) &&
	    !find_text(pc - 1, &rule->text))
		return false;
	if (!find_function(pc - 1, &rule->text, &function) ||
	    !vs_unwind_rules(function.fde, function.start, pc - 1, &rules) ||
	    !rules.ra_saved)
		return false;
	if (rules.cfa_reg != VS_DWARF_SP && rules.cfa_reg != VS_DWARF_FP)
		return false;
	rule->by_fp = rules.cfa_reg == VS_DWARF_FP;
	rule->cfa_offset = rules.cfa_offset;
	rule->fp_offset = rules.fp_offset;
	rule->ra_offset = rules.ra_offset;
	rule->fp_saved = rules.fp_saved;
	rule->fp_lost = rules.fp_lost;
	rule->pc = pc;
	rule->code = code_before(pc);
	return true;
}

bool vs_unwind(struct vs_frame *frame, struct vs_unwind_cache *cache)
{
	struct vs_unwind_rule *rule;
	uintptr_t pc = frame->pc, cfa, ra_at;

	rule = &cache->rule[(pc ^ pc >> 4 ^ pc >> 8) % VS_UNWIND_CACHE];
	if (!pc)
		return false;
	if (rule->pc != pc || rule->code != code_before(pc)) {
		rule->pc = 0;
		rule->text = frame->text;
		if (!find_rule(pc, rule))
			return false;
	}
	cfa = (rule->by_fp ? frame->fp : frame->sp) +
	      (uintptr_t)rule->cfa_offset;
	ra_at = cfa + (uintptr_t)rule->ra_offset;
	if (cfa <= frame->sp || cfa > frame->top || cfa % sizeof(cfa) ||
	    ra_at < frame->sp || ra_at >= cfa || ra_at % sizeof(cfa))
		return false;
	if (rule->fp_lost)
		frame->fp = 0; /* then no frame can be based on it */
	else if (rule->fp_saved)
		frame->fp = *(uintptr_t *)(cfa + (uintptr_t)rule->fp_offset);
	frame->ra_at = ra_at;
	frame->pc = vs_code_address(*(uintptr_t *)frame->ra_at);
	frame->sp = cfa;
	frame->text = rule->text;
	return true;
}

#endif

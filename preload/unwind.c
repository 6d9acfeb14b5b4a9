/* SPDX-License-Identifier: MIT
 * See unwind.h. The format: Linux Standard Base, "Exception Frames"; DWARF 4,
 * section 6.4. */
#include <link.h>
#include <stddef.h>
#include <string.h>

#include "port.h"
#include "unwind.h"

#if VS_ARCH_TXN

/* Pointer encodings */
enum { ABSOLUTE = 0x00, PC_RELATIVE = 0x10, SDATA4 = 0x0b, OMITTED = 0xff };

static uint32_t u32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static intptr_t s32(const unsigned char *at)
{
	return (int32_t)u32(at);
}

static uintptr_t uleb(const unsigned char **at)
{
	uintptr_t value = 0;
	unsigned shift = 0;

	do {
		value |= (uintptr_t)(**at & 0x7f) << shift;
		shift += 7;
	} while (*(*at)++ & 0x80 && shift < 63);
	return value;
}

static intptr_t sleb(const unsigned char **at)
{
	const unsigned char *from = *at;
	uintptr_t value = uleb(at);
	unsigned shift = 7 * (unsigned)(*at - from);

	if ((*at)[-1] & 0x40 && shift < 63)
		value |= -((uintptr_t)1 << shift);
	return (intptr_t)value;
}

/* ---- from an address to the function ---- */

struct search {
	uintptr_t pc;
	struct vs_text text;
};

static int in_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	struct vs_text *text = &search->text;
	bool inside = false;

	(void)size;
	text->hdr = NULL;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + ph->p_vaddr;

		if (ph->p_type == PT_GNU_EH_FRAME)
			text->hdr = (const unsigned char *)start;
		if (ph->p_type == PT_LOAD && ph->p_flags & PF_X &&
		    search->pc - start < ph->p_memsz) {
			text->start = start;
			text->end = start + ph->p_memsz;
			inside = true;
		}
	}
	return inside;
}

/* The sorted table of all toolchains: (function, entry) as offsets. */
static const unsigned char *entry_before(const unsigned char *hdr, uintptr_t pc)
{
	static const unsigned char usual[4] = {1, 0x1b, 0x03, 0x3b};
	const unsigned char *table = hdr + 12;
	uint32_t lo = 0, hi;

	if (memcmp(hdr, usual, sizeof(usual)))
		return NULL;
	hi = u32(hdr + 8);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if ((uintptr_t)hdr + s32(table + 8UL * mid) <= pc)
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
	struct search search = {.pc = pc};

	if (!dl_iterate_phdr(in_object, &search))
		return false;
	*text = search.text;
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
	function->start = (uintptr_t)(fde + 8) + s32(fde + 8);
	function->end = function->start + u32(fde + 12);
	return pc >= function->start && pc < function->end;
}

bool vs_within_function(const struct vs_text *text, uintptr_t pc)
{
	struct function function;

	return pc > text->start && pc < text->end &&
	       find_function(pc, text, &function) && pc != function.start;
}

/* ---- where its frame ends ---- */

/* How to find the frame's end, and the caller's frame pointer. */
struct rules {
	uintptr_t cfa_reg;
	intptr_t cfa_offset;
	intptr_t fp_offset; /* from the end; 0: not saved */
	bool unknown;	    /* the end is computed by an expression */
	bool fp_lost;	    /* the same for the frame pointer */
};

struct program {
	uintptr_t code_align;
	intptr_t data_align;
	uintptr_t at, stop; /* pc */
	struct rules now, initial, kept[4];
	unsigned n_kept;
};

static void saved_at(struct program *p, uintptr_t reg, intptr_t factored)
{
	if (reg != VS_DWARF_FP)
		return;
	p->now.fp_offset = factored * p->data_align;
	p->now.fp_lost = false;
}

static void as_before(struct program *p, uintptr_t reg)
{
	if (reg != VS_DWARF_FP)
		return;
	p->now.fp_offset = p->initial.fp_offset;
	p->now.fp_lost = p->initial.fp_lost;
}

/* DW_CFA_expression and the like: reg, block. */
static void by_expression(struct program *p, const unsigned char **at)
{
	uintptr_t reg = uleb(at), length = uleb(at);

	if (reg == VS_DWARF_FP)
		p->now.fp_lost = true;
	*at += length;
}

/* One instruction whose upper two bits are zero. False: unknown. */
static bool extended(struct program *p, unsigned op, const unsigned char **at)
{
	uintptr_t reg;

	switch (op) {
	case 0x00: /* nop */
		return true;
	case 0x02: /* advance_loc1 */
		p->at += *(*at)++ * p->code_align;
		return true;
	case 0x03: /* advance_loc2 */
		p->at += ((*at)[0] | (*at)[1] << 8) * p->code_align;
		*at += 2;
		return true;
	case 0x04: /* advance_loc4 */
		p->at += u32(*at) * p->code_align;
		*at += 4;
		return true;
	case 0x05: /* offset_extended */
		reg = uleb(at);
		saved_at(p, reg, (intptr_t)uleb(at));
		return true;
	case 0x06: /* restore_extended */
		as_before(p, uleb(at));
		return true;
	case 0x07: /* undefined: the return address of an outermost frame */
		reg = uleb(at);
		p->now.unknown |= reg == VS_DWARF_RA;
		p->now.fp_lost |= reg == VS_DWARF_FP;
		return true;
	case 0x08: /* same_value */
		if (uleb(at) == VS_DWARF_FP)
			p->now.fp_offset = 0;
		return true;
	case 0x0a: /* remember_state */
		if (p->n_kept == sizeof(p->kept) / sizeof(*p->kept))
			return false;
		p->kept[p->n_kept++] = p->now;
		return true;
	case 0x0b: /* restore_state */
		if (!p->n_kept)
			return false;
		p->now = p->kept[--p->n_kept];
		return true;
	case 0x0c: /* def_cfa */
		p->now.cfa_reg = uleb(at);
		p->now.cfa_offset = (intptr_t)uleb(at);
		p->now.unknown = false;
		return true;
	case 0x0d: /* def_cfa_register */
		p->now.cfa_reg = uleb(at);
		return true;
	case 0x0e: /* def_cfa_offset */
		p->now.cfa_offset = (intptr_t)uleb(at);
		return true;
	case 0x0f: /* def_cfa_expression */
		p->now.unknown = true;
		reg = uleb(at);
		*at += reg;
		return true;
	case 0x10: /* expression */
	case 0x16: /* val_expression */
		by_expression(p, at);
		return true;
	case 0x11: /* offset_extended_sf */
		reg = uleb(at);
		saved_at(p, reg, sleb(at));
		return true;
	case 0x2e: /* GNU_args_size */
		uleb(at);
		return true;
	default:
		return false;
	}
}

static bool execute(struct program *p, const unsigned char *at,
		    const unsigned char *end)
{
	while (at < end && p->at <= p->stop) {
		unsigned op = *at++, low = op & 0x3f;

		switch (op >> 6) {
		case 1: /* advance_loc */
			p->at += low * p->code_align;
			break;
		case 2: /* offset */
			saved_at(p, low, (intptr_t)uleb(&at));
			break;
		case 3: /* restore */
			as_before(p, low);
			break;
		default:
			if (!extended(p, op, &at))
				return false;
		}
	}
	return true;
}

/* Run the common and the function's own instructions up to `pc`. */
static bool rules_at(const struct function *function, uintptr_t pc,
		     struct rules *rules)
{
	const unsigned char *fde = function->fde, *fde_end, *cie, *cie_end;
	const unsigned char *at;
	const char *letter;
	struct program p = {.stop = UINTPTR_MAX};
	unsigned pointers = ABSOLUTE;
	uintptr_t skip;

	fde_end = fde + 4 + u32(fde);
	cie = fde + 4 - u32(fde + 4);
	cie_end = cie + 4 + u32(cie);
	letter = (const char *)cie + 9;
	at = cie + 9 + strlen(letter) + 1;
	p.code_align = uleb(&at);
	p.data_align = sleb(&at);
	if (cie[8] == 1 ? *at++ != VS_DWARF_RA : uleb(&at) != VS_DWARF_RA)
		return false;
	if (*letter != 'z')
		return false;
	skip = uleb(&at);
	for (const unsigned char *data = at; *++letter;) {
		if (*letter == 'R')
			pointers = *data++;
		else if (*letter == 'L')
			data++;
		else if (*letter == 'P') /* the personality function */
			data += (*data & 0x0f) == SDATA4 ? 5 : 9;
		else /* among them 'S', a signal frame */
			return false;
	}
	if (pointers != (PC_RELATIVE | SDATA4) ||
	    !execute(&p, at + skip, cie_end))
		return false;
	p.initial = p.now;
	p.at = function->start;
	p.stop = pc;
	at = fde + 16;
	skip = uleb(&at);
	if (!execute(&p, at + skip, fde_end))
		return false;
	*rules = p.now;
	return !p.now.unknown;
}

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
	struct rules rules;

	if ((pc - 1 < rule->text.start || pc - 1 >= rule->text.end) &&
	    !find_text(pc - 1, &rule->text))
		return false;
	if (!find_function(pc - 1, &rule->text, &function) ||
	    !rules_at(&function, pc - 1, &rules))
		return false;
	if (rules.cfa_reg != VS_DWARF_SP && rules.cfa_reg != VS_DWARF_FP)
		return false;
	rule->by_fp = rules.cfa_reg == VS_DWARF_FP;
	rule->cfa_offset = rules.cfa_offset;
	rule->fp_offset = rules.fp_offset;
	rule->fp_saved = rules.fp_offset != 0;
	rule->fp_lost = rules.fp_lost;
	rule->pc = pc;
	rule->code = code_before(pc);
	return true;
}

bool vs_unwind(struct vs_frame *frame, struct vs_unwind_cache *cache)
{
	struct vs_unwind_rule *rule;
	uintptr_t pc = frame->pc, cfa;

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
	if (cfa <= frame->sp || cfa > frame->top || cfa % sizeof(cfa))
		return false;
	if (rule->fp_lost)
		frame->fp = 0; /* then no frame can be based on it */
	else if (rule->fp_saved)
		frame->fp = *(uintptr_t *)(cfa + (uintptr_t)rule->fp_offset);
	frame->pc = *(uintptr_t *)(cfa - sizeof(uintptr_t));
	frame->sp = cfa;
	frame->text = rule->text;
	return true;
}

#endif

/* SPDX-License-Identifier: MIT
 * What the instructions in .eh_frame say of a frame: Linux Standard Base,
 * "Exception Frames"; DWARF 4, section 6.4. */
#include <string.h>

#include "port.h"
#include "libc/unwind/cfa.h"
#include "libc/unwind/unwind_rules.h"

#if VS_ARCH_SHARE

/* ---- what they do ---- */

struct program {
	uintptr_t code_align, data_align;
	uintptr_t at, stop; /* pc */
	struct vs_unwind_rules now, initial, kept[4];
	unsigned n_kept;
};

/* Where a register is. */
struct place {
	intptr_t offset;
	bool saved, lost;
};

static void fp_is(struct vs_unwind_rules *now, const struct place *at)
{
	now->fp_offset = at->offset;
	now->fp_saved = at->saved;
	now->fp_lost = at->lost;
}

static void ra_is(struct vs_unwind_rules *now, const struct place *at)
{
	now->ra_offset = at->offset;
	now->ra_saved = at->saved;
}

static struct place initially(const struct program *p, uintptr_t reg)
{
	const struct vs_unwind_rules *r = &p->initial;

	if (reg == VS_DWARF_RA)
		return (struct place){r->ra_offset, r->ra_saved, false};
	return (struct place){r->fp_offset, r->fp_saved, r->fp_lost};
}

/* One about how register `reg` is to be found. */
static void find_register(struct program *p, unsigned op, uintptr_t reg,
			  uintptr_t factor)
{
	struct place at = {0};

	/* An outermost frame has no return address. */
	if (op == CFA_UNDEFINED && reg == VS_DWARF_RA)
		p->now.unknown = true;
	switch (op) {
	case CFA_OFFSET:
	case CFA_OFFSET_EXTENDED:
	case CFA_OFFSET_EXTENDED_SF:
		at.saved = true;
		at.offset = (intptr_t)(factor * p->data_align);
		break;
	case CFA_RESTORE:
	case CFA_RESTORE_EXTENDED:
		at = initially(p, reg);
		break;
	case CFA_SAME_VALUE:
		break;
	default:
		at.lost = true;
	}
	if (reg == VS_DWARF_FP)
		fp_is(&p->now, &at);
	else if (reg == VS_DWARF_RA)
		ra_is(&p->now, &at);
}

/* False: more is kept than there is room for, or nothing. */
static bool keep_or_restore(struct program *p, unsigned op)
{
	if (op == CFA_REMEMBER_STATE) {
		if (p->n_kept == sizeof(p->kept) / sizeof(*p->kept))
			return false;
		p->kept[p->n_kept++] = p->now;
		return true;
	}
	if (!p->n_kept)
		return false;
	p->now = p->kept[--p->n_kept];
	return true;
}

static bool execute_one(struct program *p, const struct vs_cfa *cfa)
{
	uintptr_t a = cfa->operand[0], b = cfa->operand[1];

	switch (cfa->op) {
	case CFA_NOP:
	case CFA_NEGATE_RA_STATE: /* that it is signed can be seen, too */
	case CFA_GNU_ARGS_SIZE:
		return true;
	case CFA_ADVANCE_LOC:
	case CFA_ADVANCE_LOC1:
	case CFA_ADVANCE_LOC2:
	case CFA_ADVANCE_LOC4:
		p->at += a * p->code_align;
		return true;
	case CFA_REMEMBER_STATE:
	case CFA_RESTORE_STATE:
		return keep_or_restore(p, cfa->op);
	case CFA_DEF_CFA:
		p->now.cfa_offset = (intptr_t)b;
		p->now.unknown = false;
		p->now.cfa_reg = a;
		return true;
	case CFA_DEF_CFA_REGISTER:
		p->now.cfa_reg = a;
		return true;
	case CFA_DEF_CFA_OFFSET:
		p->now.cfa_offset = (intptr_t)a;
		return true;
	case CFA_DEF_CFA_EXPRESSION:
		p->now.unknown = true;
		return true;
	default:
		find_register(p, cfa->op, a, b);
		return true;
	}
}

static bool execute(struct program *p, const unsigned char *at,
		    const unsigned char *end)
{
	struct vs_cfa cfa;

	while (at < end && p->at <= p->stop) {
		if (!vs_cfa_next(&at, &cfa) || !execute_one(p, &cfa))
			return false;
	}
	return true;
}

/* ---- the common part of several functions' entries ---- */

/* Its instructions, or NULL. Pointers in the entries have to be the usual
 * 4 bytes, relative to themselves: DW_EH_PE_pcrel | DW_EH_PE_sdata4. */
static const unsigned char *common(const unsigned char *cie, struct program *p)
{
	const char *letter = (const char *)cie + 9;
	const unsigned char *at = cie + 9 + strlen(letter) + 1, *end;
	bool usual = false;
	uintptr_t ra, size;

	p->code_align = vs_uleb(&at);
	p->data_align = vs_sleb(&at);
	ra = cie[8] == 1 ? *at++ : vs_uleb(&at);
	if (ra != VS_DWARF_RA || *letter != 'z')
		return NULL;
	size = vs_uleb(&at);
	end = at + size;
	while (*++letter) {
		if (*letter == 'R')
			usual = *at++ == 0x1b;
		else if (*letter == 'L')
			at++;
		else if (*letter == 'P') /* the personality: 4 or 8 bytes */
			at += (*at & 0x07) == 0x03 ? 5 : 9;
		else if (*letter != 'B' || !VS_SIGNED_CODE)
			return NULL; /* 'S' is a signal frame */
	}
	return usual ? end : NULL;
}

bool vs_unwind_rules(const unsigned char *fde, uintptr_t start, uintptr_t pc,
		     struct vs_unwind_rules *rules)
{
	const unsigned char *cie = fde + 4 - vs_u32(fde + 4);
	struct program p = {.stop = UINTPTR_MAX};
	const unsigned char *at = common(cie, &p);
	uintptr_t size;

	if (!at || !execute(&p, at, cie + 4 + vs_u32(cie)))
		return false;
	p.initial = p.now;
	p.at = start;
	p.stop = pc;
	at = fde + 16;
	size = vs_uleb(&at);
	if (!execute(&p, at + size, fde + 4 + vs_u32(fde)))
		return false;
	*rules = p.now;
	return !p.now.unknown;
}

#endif

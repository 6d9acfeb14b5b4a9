/* SPDX-License-Identifier: MIT
 * The instructions in .eh_frame: Linux Standard Base, "Exception Frames"; DWARF
 * 4, section 6.4. */
#include <string.h>

#include "port.h"
#include "share/unwind_rules.h"

#if VS_ARCH_SHARE

/* ---- what instructions are made of ---- */

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

static uintptr_t sleb(const unsigned char **at)
{
	const unsigned char *from = *at;
	uintptr_t value = uleb(at);
	unsigned shift = 7 * (unsigned)(*at - from);

	if ((*at)[-1] & 0x40 && shift < 63)
		value |= -((uintptr_t)1 << shift);
	return value;
}

/* DW_CFA_, those of the upper two bits with a zero below. */
enum {
	NOP = 0x00,
	ADVANCE_LOC1 = 0x02,
	ADVANCE_LOC2 = 0x03,
	ADVANCE_LOC4 = 0x04,
	OFFSET_EXTENDED = 0x05,
	RESTORE_EXTENDED = 0x06,
	UNDEFINED = 0x07,
	SAME_VALUE = 0x08,
	REMEMBER_STATE = 0x0a,
	RESTORE_STATE = 0x0b,
	DEF_CFA = 0x0c,
	DEF_CFA_REGISTER = 0x0d,
	DEF_CFA_OFFSET = 0x0e,
	DEF_CFA_EXPRESSION = 0x0f,
	EXPRESSION = 0x10,
	OFFSET_EXTENDED_SF = 0x11,
	VAL_EXPRESSION = 0x16,
	NEGATE_RA_STATE = 0x2d,
	GNU_ARGS_SIZE = 0x2e,
	ADVANCE_LOC = 0x40,
	OFFSET = 0x80,
	RESTORE = 0xc0,
};

/* Operands: unsigned and signed LEB128, an expression's length and bytes,
 * bytes of an integer. */
static const char operands[][3] = {
	[NOP] = "-",
	[ADVANCE_LOC1] = "1",
	[ADVANCE_LOC2] = "2",
	[ADVANCE_LOC4] = "4",
	[OFFSET_EXTENDED] = "uu",
	[RESTORE_EXTENDED] = "u",
	[UNDEFINED] = "u",
	[SAME_VALUE] = "u",
	[REMEMBER_STATE] = "-",
	[RESTORE_STATE] = "-",
	[DEF_CFA] = "uu",
	[DEF_CFA_REGISTER] = "u",
	[DEF_CFA_OFFSET] = "u",
	[DEF_CFA_EXPRESSION] = "x",
	[EXPRESSION] = "ux",
	[OFFSET_EXTENDED_SF] = "us",
	[VAL_EXPRESSION] = "ux",
	[NEGATE_RA_STATE] = "-",
	[GNU_ARGS_SIZE] = "u",
	[ADVANCE_LOC] = "-",
	[OFFSET] = "u",
	[RESTORE] = "-",
};

static uintptr_t operand(char kind, const unsigned char **at)
{
	unsigned char bytes[4] = {0};
	uintptr_t value;

	switch (kind) {
	case 'u':
		return uleb(at);
	case 's':
		return sleb(at);
	case 'x':
		value = uleb(at);
		*at += value;
		return value;
	case '1':
	case '2':
	case '4': /* little-endian, as is every CPU that has a folder */
		memcpy(bytes, *at, (size_t)(kind - '0'));
		*at += kind - '0';
		return vs_u32(bytes);
	}
	return 0;
}

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
	if (op == UNDEFINED && reg == VS_DWARF_RA)
		p->now.unknown = true;
	switch (op) {
	case OFFSET:
	case OFFSET_EXTENDED:
	case OFFSET_EXTENDED_SF:
		at.saved = true;
		at.offset = (intptr_t)(factor * p->data_align);
		break;
	case RESTORE:
	case RESTORE_EXTENDED:
		at = initially(p, reg);
		break;
	case SAME_VALUE:
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
	if (op == REMEMBER_STATE) {
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

static bool execute_one(struct program *p, unsigned op, uintptr_t a,
			uintptr_t b)
{
	switch (op) {
	case NOP:
	case NEGATE_RA_STATE: /* that it is signed can be seen, too */
	case GNU_ARGS_SIZE:
		return true;
	case ADVANCE_LOC:
	case ADVANCE_LOC1:
	case ADVANCE_LOC2:
	case ADVANCE_LOC4:
		p->at += a * p->code_align;
		return true;
	case REMEMBER_STATE:
	case RESTORE_STATE:
		return keep_or_restore(p, op);
	case DEF_CFA:
		p->now.cfa_offset = (intptr_t)b;
		p->now.unknown = false;
		p->now.cfa_reg = a;
		return true;
	case DEF_CFA_REGISTER:
		p->now.cfa_reg = a;
		return true;
	case DEF_CFA_OFFSET:
		p->now.cfa_offset = (intptr_t)a;
		return true;
	case DEF_CFA_EXPRESSION:
		p->now.unknown = true;
		return true;
	default:
		find_register(p, op, a, b);
		return true;
	}
}

static bool execute(struct program *p, const unsigned char *at,
		    const unsigned char *end)
{
	while (at < end && p->at <= p->stop) {
		unsigned op = *at++;
		uintptr_t value[3] = {0};
		int n = 0;

		if (op >> 6) { /* the first operand is in it */
			value[n++] = op & 0x3f;
			op &= 0xc0;
		}
		if (op == NEGATE_RA_STATE && !VS_SIGNED_CODE)
			return false;
		if (op >= sizeof(operands) / sizeof(*operands) ||
		    !operands[op][0])
			return false;
		for (const char *kind = operands[op]; *kind; kind++)
			value[n++] = operand(*kind, &at);
		if (!execute_one(p, op, value[0], value[1]))
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

	p->code_align = uleb(&at);
	p->data_align = sleb(&at);
	ra = cie[8] == 1 ? *at++ : uleb(&at);
	if (ra != VS_DWARF_RA || *letter != 'z')
		return NULL;
	size = uleb(&at);
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
	size = uleb(&at);
	if (!execute(&p, at + size, fde + 4 + vs_u32(fde)))
		return false;
	*rules = p.now;
	return !p.now.unknown;
}

#endif

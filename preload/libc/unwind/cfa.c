/* SPDX-License-Identifier: MIT
 * See cfa.h. */
#include <string.h>

#include "port.h"
#include "libc/unwind/cfa.h"
#include "libc/unwind/unwind_rules.h"

#if VS_ARCH_SHARE

uintptr_t vs_uleb(const unsigned char **at)
{
	uintptr_t value = 0;
	unsigned shift = 0;

	do {
		value |= (uintptr_t)(**at & 0x7f) << shift;
		shift += 7;
	} while (*(*at)++ & 0x80 && shift < 63);
	return value;
}

uintptr_t vs_sleb(const unsigned char **at)
{
	const unsigned char *from = *at;
	uintptr_t value = vs_uleb(at);
	unsigned shift = 7 * (unsigned)(*at - from);

	if ((*at)[-1] & 0x40 && shift < 63)
		value |= -((uintptr_t)1 << shift);
	return value;
}

/* Operands: unsigned and signed LEB128, an expression's length and bytes,
 * bytes of an integer. */
static const char operands[][3] = {
	[CFA_NOP] = "-",
	[CFA_ADVANCE_LOC1] = "1",
	[CFA_ADVANCE_LOC2] = "2",
	[CFA_ADVANCE_LOC4] = "4",
	[CFA_OFFSET_EXTENDED] = "uu",
	[CFA_RESTORE_EXTENDED] = "u",
	[CFA_UNDEFINED] = "u",
	[CFA_SAME_VALUE] = "u",
	[CFA_REMEMBER_STATE] = "-",
	[CFA_RESTORE_STATE] = "-",
	[CFA_DEF_CFA] = "uu",
	[CFA_DEF_CFA_REGISTER] = "u",
	[CFA_DEF_CFA_OFFSET] = "u",
	[CFA_DEF_CFA_EXPRESSION] = "x",
	[CFA_EXPRESSION] = "ux",
	[CFA_OFFSET_EXTENDED_SF] = "us",
	[CFA_VAL_EXPRESSION] = "ux",
	[CFA_NEGATE_RA_STATE] = "-",
	[CFA_GNU_ARGS_SIZE] = "u",
	[CFA_ADVANCE_LOC] = "-",
	[CFA_OFFSET] = "u",
	[CFA_RESTORE] = "-",
};

static uintptr_t operand(char kind, const unsigned char **at)
{
	unsigned char bytes[4] = {0};
	uintptr_t value;

	switch (kind) {
	case 'u':
		return vs_uleb(at);
	case 's':
		return vs_sleb(at);
	case 'x':
		value = vs_uleb(at);
		*at += value;
		return value;
	case '1':
	case '2':
	case '4': /* little-endian, as is every CPU that can share */
		memcpy(bytes, *at, (size_t)(kind - '0'));
		*at += kind - '0';
		return vs_u32(bytes);
	}
	return 0;
}

bool vs_cfa_next(const unsigned char **at, struct vs_cfa *cfa)
{
	unsigned op = *(*at)++;
	int n = 0;

	*cfa = (struct vs_cfa){0};
	if (op >> 6) { /* the first operand is in it */
		cfa->operand[n++] = op & 0x3f;
		op &= 0xc0;
	}
	if (op == CFA_NEGATE_RA_STATE && !VS_SIGNED_CODE)
		return false;
	if (op >= sizeof(operands) / sizeof(*operands) || !operands[op][0])
		return false;
	for (const char *kind = operands[op]; *kind; kind++)
		cfa->operand[n++] = operand(*kind, at);
	cfa->op = op;
	return true;
}

#endif

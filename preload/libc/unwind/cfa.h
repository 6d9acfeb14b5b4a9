/* SPDX-License-Identifier: MIT
 * The instructions of .eh_frame, one by one: DWARF 4, section 6.4.2. */
#ifndef VS_CFA_H
#define VS_CFA_H

#include <stdbool.h>
#include <stdint.h>

/* DW_CFA_...: those of the upper two bits with a zero below. */
enum {
	CFA_NOP = 0x00,
	CFA_ADVANCE_LOC1 = 0x02,
	CFA_ADVANCE_LOC2 = 0x03,
	CFA_ADVANCE_LOC4 = 0x04,
	CFA_OFFSET_EXTENDED = 0x05,
	CFA_RESTORE_EXTENDED = 0x06,
	CFA_UNDEFINED = 0x07,
	CFA_SAME_VALUE = 0x08,
	CFA_REMEMBER_STATE = 0x0a,
	CFA_RESTORE_STATE = 0x0b,
	CFA_DEF_CFA = 0x0c,
	CFA_DEF_CFA_REGISTER = 0x0d,
	CFA_DEF_CFA_OFFSET = 0x0e,
	CFA_DEF_CFA_EXPRESSION = 0x0f,
	CFA_EXPRESSION = 0x10,
	CFA_OFFSET_EXTENDED_SF = 0x11,
	CFA_VAL_EXPRESSION = 0x16,
	CFA_NEGATE_RA_STATE = 0x2d, /* return addresses are signed, or not */
	CFA_GNU_ARGS_SIZE = 0x2e,
	CFA_ADVANCE_LOC = 0x40,
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xc0,
};

struct vs_cfa {
	unsigned op;
	uintptr_t operand[3];
};

/* Numbers of any length (LEB128), of which 63 bits are read. */
uintptr_t vs_uleb(const unsigned char **at);
uintptr_t vs_sleb(const unsigned char **at);

/* Reads one, and goes behind it. False if it is not known. */
bool vs_cfa_next(const unsigned char **at, struct vs_cfa *cfa);

#endif

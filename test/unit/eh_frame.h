/* SPDX-License-Identifier: MIT
 * Entries of .eh_frame that are made up, and what libc/unwind/unwind_rules.c
 * makes of them. */
#ifndef TEST_UNIT_EH_FRAME_H
#define TEST_UNIT_EH_FRAME_H

#include "libc/unwind/unwind_rules.h"
#include "unit.h"

enum { FP = VS_DWARF_FP, SP = VS_DWARF_SP, RA = VS_DWARF_RA, OTHER = 3 };
enum { START = 0x1000 };

/* ---- entries ---- */

static unsigned char entry[512];
static unsigned char *at, *fde;

static void bytes(const void *from, size_t n)
{
	memcpy(at, from, n);
	at += n;
}

static void word(uint32_t value)
{
	bytes(&value, sizeof(value));
}

/* The length in front of what ends here. */
static void close_entry(unsigned char *from)
{
	uint32_t size;

	while ((at - from) % 8)
		*at++ = 0;
	size = (uint32_t)(at - from - 4);
	memcpy(from, &size, sizeof(size));
}

struct cie {
	const char *letters; /* its augmentation, and what they stand for */
	const char *data;
	size_t size;
	unsigned char version, ra, code_align;
	bool long_ra;	  /* its number, in more bytes than it needs */
	const char *code; /* more instructions for all its functions */
};

#define USUAL "\033", 1, 1, RA, 1

/* A common part, which says: the frame ends at sp + 8, the return address is
 * right below. */
static void begin(const struct cie *cie)
{
	const unsigned char first[] = {0x0c, SP, 8, 0x80 | RA, 1};

	/* Behind the end nothing is understood. */
	memset(entry, 0x0b, sizeof(entry));
	at = entry;
	word(0); /* length */
	word(0); /* it is a common one */
	*at++ = cie->version;
	bytes(cie->letters, strlen(cie->letters) + 1);
	*at++ = cie->code_align;
	*at++ = 0x78; /* data alignment: -8 */
	*at++ = cie->ra | (cie->long_ra ? 0x80 : 0);
	if (cie->long_ra)
		*at++ = 0;
	if (*cie->letters == 'z') {
		*at++ = (unsigned char)cie->size;
		bytes(cie->data, cie->size);
	}
	bytes(first, sizeof(first));
	if (cie->code)
		bytes(cie->code, strlen(cie->code));
	close_entry(entry);
}

/* The entry of a function with these instructions. */
static void function(const struct cie *cie, const char *code, size_t size)
{
	begin(cie);
	fde = at;
	word(0);
	word((uint32_t)(fde + 4 - entry));
	word(START); /* not looked at */
	word(0x100);
	/* A function's own data, which is no code: def_cfa_offset 64. */
	bytes("\004\016\100\016\100", 5);
	bytes(code, size);
	close_entry(fde);
}

static const struct cie usual = {"zR", USUAL};

#define CODE(text) function(&usual, text, sizeof(text) - 1)

/* "sp+8 saved-16": where the frame ends and the frame pointer is, `n` bytes
 * into the function. */
static const char *rules_at(unsigned n)
{
	static char text[64];
	struct vs_unwind_rules r;

	if (!vs_unwind_rules(fde, START, START + n, &r))
		return "unknown";
	sprintf(text, "%s%+ld",
		r.cfa_reg == SP	  ? "sp"
		: r.cfa_reg == FP ? "fp"
				  : "other",
		(long)r.cfa_offset);
	if (r.fp_lost)
		strcat(text, " lost");
	if (r.fp_saved)
		sprintf(text + strlen(text), " saved%+ld", (long)r.fp_offset);
	/* Where it is, as the common part says. */
	if (!r.ra_saved)
		strcat(text, " no return");
	else if (r.ra_offset != -8)
		sprintf(text + strlen(text), " return%+ld", (long)r.ra_offset);
	return text;
}

#define AT(n, text) ck_assert_str_eq(rules_at(n), text)

#endif

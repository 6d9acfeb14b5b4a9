/* SPDX-License-Identifier: MIT
 * share/unwind_rules.c on made up entries of .eh_frame: each instruction, and
 * what it must not take for one it knows. */
#include "port.h"
#include "share/unwind_rules.h"
#include "unit.h"

#if VS_ARCH_SHARE

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

#	define USUAL "\033", 1, 1, RA, 1

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

#	define CODE(text) function(&usual, text, sizeof(text) - 1)

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

#	define AT(n, text) ck_assert_str_eq(rules_at(n), text)

/* ---- what compilers make ---- */

START_TEST(push_and_pop)
{
	/* push %rbp; mov %rsp, %rbp; ... leave; ret */
	CODE("\x41\x0e\x10\x86\x02\x43\x0d\x06\x60\x0c\x07\x08\x42\xc6");
	AT(0, "sp+8");
	AT(1, "sp+16 saved-16");
	AT(3, "sp+16 saved-16");
	AT(4, "fp+16 saved-16");
	AT(35, "fp+16 saved-16");
	AT(36, "sp+8 saved-16");
	AT(37, "sp+8 saved-16");
	AT(38, "sp+8");
	AT(1000, "sp+8");
}
END_TEST

START_TEST(advances)
{
	/* by 1, 2 and 4 bytes, and 63 in the instruction */
	CODE("\x02\x80\x0e\x10\x03\x00\x01\x0e\x18\x04\x00\x00\x01\x00"
	     "\x0e\x20\x7f\x0e\x28");
	AT(127, "sp+8");
	AT(128, "sp+16");
	AT(128 + 255, "sp+16");
	AT(128 + 256, "sp+24");
	AT(128 + 256 + 65535, "sp+24");
	AT(128 + 256 + 65536, "sp+32");
	AT(128 + 256 + 65536 + 62, "sp+32");
	AT(128 + 256 + 65536 + 63, "sp+40");
}
END_TEST

START_TEST(code_alignment)
{
	static const struct cie by_four = {"zR", "\033", 1, 1, RA, 4};

	function(&by_four, "\x41\x0e\x10", 3);
	AT(3, "sp+8");
	AT(4, "sp+16");
}
END_TEST

/* The return address is somewhere else, in a register, in a place that only an
 * expression tells, and as it was. */
START_TEST(return_address)
{
	const unsigned char code[] = {
		0x41, 0x80 | RA, 3, 0x41, 0x08, RA,	   0x41,
		0x10, RA,	 1, 0,	  0x41, 0xc0 | RA,
	};

	function(&usual, (const char *)code, sizeof(code));
	AT(0, "sp+8");
	AT(1, "sp+8 return-24");
	AT(2, "sp+8 no return");
	AT(3, "sp+8 no return");
	AT(4, "sp+8");
}
END_TEST

/* What holds for all of them is what restore goes back to. */
START_TEST(common_instructions)
{
	static const struct cie saves = {"zR", USUAL, .code = "\206\003"};

	function(&saves, "\x41\x86\x05\x41\xc6\x41\x08\x06\x41\x06\x06", 11);
	AT(0, "sp+8 saved-24");
	AT(1, "sp+8 saved-40");
	AT(2, "sp+8 saved-24");
	AT(3, "sp+8");
	AT(4, "sp+8 saved-24");
}
END_TEST

START_TEST(two_states)
{
	/* remember_state; def_cfa_offset; restore_state, nested */
	CODE("\x0a\x41\x0e\x10\x86\x02\x0a\x41\x0e\x18\x08\x06\x41\x0b\x41\x0b"
	     "\x41\x0e\x30");
	AT(0, "sp+8");
	AT(1, "sp+16 saved-16");
	AT(2, "sp+24");
	AT(3, "sp+16 saved-16");
	AT(4, "sp+8");
	AT(5, "sp+48");
}
END_TEST

START_TEST(long_operands)
{
	/* def_cfa_offset 0x4321; offset_extended rbp 300 */
	CODE("\x41\x0e\xa1\x86\x01\x05\x06\xac\x02");
	AT(1, "sp+17185 saved-2400");
	/* def_cfa rbp, with a number that is longer than it need be */
	CODE("\x41\x0c\x86\x80\x00\x90\x80\x80\x00");
	AT(1, "fp+16");
}
END_TEST

/* More than 64 bits is not a number: whatever it is taken for, it ends. */
START_TEST(endless_operands)
{
	CODE("\x41\x0e\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	ck_assert_str_ne(rules_at(1), "sp+8");
	CODE("\x41\x11\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	     "\x7f");
	ck_assert_str_ne(rules_at(1), "sp+8");
}
END_TEST

/* Each way to say where the frame pointer is. */
START_TEST(frame_pointer)
{
	CODE("\x86\x02");
	AT(0, "sp+8 saved-16");
	CODE("\x05\x06\x03");
	AT(0, "sp+8 saved-24");
	/* offset_extended_sf -4, so above the end of the frame */
	CODE("\x11\x06\x7c");
	AT(0, "sp+8 saved+32");
	/* offset_extended_sf 2 */
	CODE("\x11\x06\x02");
	AT(0, "sp+8 saved-16");
	CODE("\x86\x02\xc6");
	AT(0, "sp+8");
	CODE("\x86\x02\x06\x06");
	AT(0, "sp+8");
	CODE("\x86\x02\x08\x06");
	AT(0, "sp+8");
	CODE("\x86\x02\x07\x06");
	AT(0, "sp+8 lost");
	CODE("\x10\x06\x02\x77\x10");
	AT(0, "sp+8 lost");
	CODE("\x16\x06\x02\x77\x10");
	AT(0, "sp+8 lost");
	CODE("\x10\x06\x02\x77\x10\x86\x03");
	AT(0, "sp+8 saved-24");
}
END_TEST

/* Of other registers nothing is noted. */
START_TEST(other_registers)
{
	CODE("\x83\x02\xc3\x05\x0c\x03\x06\x0c\x07\x0d\x08\x0e\x10\x0f\x02"
	     "\x77\x10\x16\x03\x01\x30\x11\x03\x7f\x2e\x20\x00\x00\x41\x0e"
	     "\x10");
	AT(0, "sp+8");
	AT(1, "sp+16");
}
END_TEST

START_TEST(end_by_expression)
{
	CODE("\x41\x0f\x03\x77\x80\x01\x41\x0c\x07\x10\x41\x0d\x03");
	AT(0, "sp+8");
	AT(1, "unknown");
	AT(2, "sp+16");
	AT(3, "other+16");
}
END_TEST

/* The outermost frame. */
START_TEST(no_return_address)
{
	CODE("\x07\x10");
	AT(0, "unknown");
	CODE("\x41\x07\x10");
	AT(0, "sp+8");
	AT(1, "unknown");
}
END_TEST

/* ---- what is not known ends the walk ---- */

START_TEST(unknown_instructions)
{
	/* set_loc, register, def_cfa_sf, def_cfa_offset_sf, val_offset,
	 * val_offset_sf, a number of a vendor's, one too big */
	static const char *const codes[] = {
		"\x01",		"\x09\x06\x03", "\x12\x07\x7f", "\x13\x7f",
		"\x14\x06\x02", "\x15\x06\x02", "\x1d",		"\x2d",
		"\x2f",		"\x3f",
	};

	for (int i = 0; i < LENGTH(codes); i++) {
		char code[8] = {0x41};

		strcpy(code + 1, codes[i]);
		function(&usual, code, strlen(code));
		AT(0, "sp+8");
		AT(1, "unknown");
	}
}
END_TEST

START_TEST(states)
{
	/* One to restore that is not there; more than there is room for. */
	CODE("\x0b");
	AT(0, "unknown");
	CODE("\x0a\x0a\x0a\x0a\x0b\x0b\x0b\x0b");
	AT(0, "sp+8");
	CODE("\x0a\x0a\x0a\x0a\x0a\x0b\x0b\x0b\x0b\x0b");
	AT(0, "unknown");
}
END_TEST

START_TEST(common_parts)
{
	static const struct {
		struct cie cie;
		const char *expect;
	} all[] = {
		{{"zR", USUAL}, "sp+8"},
		{{"zR", "\033", 1, 3, RA, 1}, "sp+8"},
		{{"zR", "\033", 1, 3, RA, 1, .long_ra = true}, "sp+8"},
		/* more data than its letters stand for */
		{{"zR", "\033\206\011", 3, 1, RA, 1}, "sp+8"},
		/* C++: a personality of 4 and of 8 bytes, a table */
		{{"zPLR", "\033abcd\033\033", 7, 1, RA, 1}, "sp+8"},
		{{"zPLR", "\233abcd\033\033", 7, 1, RA, 1}, "sp+8"},
		{{"zPLR", "\000abcdefgh\033\033", 11, 1, RA, 1}, "sp+8"},
		{{"zRPL", "\033\033abcd\033", 7, 1, RA, 1}, "sp+8"},
		/* other pointers, a signal frame, none of it */
		{{"zR", "\000", 1, 1, RA, 1}, "unknown"},
		{{"zR", "\003", 1, 1, RA, 1}, "unknown"},
		{{"zRS", "\033", 1, 1, RA, 1}, "unknown"},
		{{"zRB", "\033", 1, 1, RA, 1}, "unknown"},
		{{"z", "", 0, 1, RA, 1}, "unknown"},
		{{"", "", 0, 1, RA, 1}, "unknown"},
		{{"eh", "", 0, 1, RA, 1}, "unknown"},
		/* another return address */
		{{"zR", "\033", 1, 1, RA + 1, 1}, "unknown"},
		{{"zR", "\033", 1, 3, OTHER, 1}, "unknown"},
	};

	for (int i = 0; i < LENGTH(all); i++) {
		function(&all[i].cie, "\x41\x0e\x10", 3);
		if (strcmp(rules_at(0), all[i].expect) != 0)
			ck_abort_msg("%d: %s", i, rules_at(0));
	}
}
END_TEST

/* Whatever the bytes are, an end is come to. */
START_TEST(random_instructions)
{
	struct dice d = dice(1);
	unsigned understood = 0;

	for (int i = 0; i < 20000; i++) {
		char code[32];
		unsigned n = roll(&d, sizeof(code));

		for (unsigned j = 0; j < n; j++)
			code[j] = (char)(roll(&d, 3) ? roll(&d, 0x18)
						     : roll(&d, 256));
		function(&usual, code, n);
		understood += strcmp(rules_at(roll(&d, 100)), "unknown") != 0;
	}
	ck_assert_uint_gt(understood, 2000);
	ck_assert_uint_lt(understood, 18000);
}
END_TEST

UNIT(unwind_rules, push_and_pop, advances, code_alignment, common_instructions,
     return_address, two_states, long_operands, endless_operands, frame_pointer,
     other_registers, end_by_expression, no_return_address,
     unknown_instructions, states, common_parts, random_instructions)

#else

int main(void)
{
	puts("no --fork=share on this CPU");
	return 77;
}

#endif

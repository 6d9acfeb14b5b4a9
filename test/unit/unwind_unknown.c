/* SPDX-License-Identifier: MIT
 * libc/unwind/unwind_rules.c on made up entries of .eh_frame: what is not known
 * ends the walk. */
#include "port.h"
#include "libc/unwind/unwind_rules.h"
#include "unit.h"

#if VS_ARCH_SHARE

#	include "eh_frame.h"

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

UNIT(unwind_unknown, unknown_instructions, states, common_parts,
     random_instructions)

#else

int main(void)
{
	puts("no --fork=share on this CPU");
	return 77;
}

#endif

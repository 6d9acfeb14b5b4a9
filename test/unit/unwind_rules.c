/* SPDX-License-Identifier: MIT
 * libc/unwind/unwind_rules.c on made up entries of .eh_frame: each instruction,
 * and what it must not take for one it knows. */
#include "port.h"
#include "libc/unwind/unwind_rules.h"
#include "unit.h"

#if VS_ARCH_SHARE

#	include "eh_frame.h"

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

UNIT(unwind_rules, push_and_pop, advances, code_alignment, common_instructions,
     return_address, two_states, long_operands, endless_operands, frame_pointer,
     other_registers, end_by_expression, no_return_address)

#else

int main(void)
{
	puts("no --fork=share on this CPU");
	return 77;
}

#endif

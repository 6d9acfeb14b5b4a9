/* SPDX-License-Identifier: MIT
 * Functions whose frames differ, in all the ways that compilers know; some are
 * written by hand. */
#ifndef TEST_UNIT_FRAMES_H
#define TEST_UNIT_FRAMES_H

#include "unit.h"

#define PLAIN __attribute__((noinline, noclone))
#define NO_FP __attribute__((noinline, noclone, optimize("omit-frame-pointer")))

/* What the last one calls. */
static void walk(void);

/* ---- functions whose frames differ ---- */

typedef void function(struct dice *d, int depth);

static function any;

static void go_on(struct dice *d, int depth)
{
	if (depth)
		any(d, depth - 1);
	else
		walk();
}

/* Something to do after the call, or it would be a jump. */
#define AFTER	   __asm__ volatile("" ::: "memory")
#define USE(thing) __asm__ volatile("" ::"r"(thing) : "memory")

static PLAIN void plain(struct dice *d, int depth)
{
	go_on(d, depth);
	AFTER;
}

static NO_FP void no_fp(struct dice *d, int depth)
{
	char small[24];

	USE(small);
	go_on(d, depth);
	USE(small);
}

static NO_FP void no_fp_many_registers(struct dice *d, int depth)
{
	unsigned a = roll(d, 100), b = roll(d, 100), c = roll(d, 100);
	unsigned e = roll(d, 100), f = roll(d, 100), g = roll(d, 100);

	go_on(d, depth);
	__asm__ volatile("" ::"r"(a), "r"(b), "r"(c), "r"(e), "r"(f), "r"(g));
}

/* The frame is as big as was drawn: only the frame pointer tells where it
 * ends. */
static NO_FP void variable(struct dice *d, int depth)
{
	char array[1 + roll(d, 500)];

	USE(array);
	go_on(d, depth);
	USE(array);
}

/* More stack below the frame, for arguments. */
static NO_FP void many_arguments(struct dice *d, int depth)
{
	char text[64];

	go_on(d, depth);
	snprintf(text, sizeof(text), "%d%d%d%d%d%d%d%d%d", depth, depth, depth,
		 depth, depth, depth, depth, depth, depth);
	AFTER;
}

static PLAIN void aligned(struct dice *d, int depth)
{
	char array[64] __attribute__((aligned(64)));

	USE(array);
	go_on(d, depth);
	USE(array);
}

/* ---- functions by hand: each calls `what` ---- */

/* Only an expression, DW_OP_breg7 16, says where its frame ends. */
void by_expression(void (*what)(void));
__asm__("	.text\n"
	"by_expression:\n"
	"	.cfi_startproc\n"
	"	pushq	%rbx\n"
	"	.cfi_escape 0x0f, 2, 0x77, 16\n"
	"	call	*%rdi\n"
	"	popq	%rbx\n"
	"	.cfi_def_cfa %rsp, 8\n"
	"	ret\n"
	"	.cfi_endproc\n");

/* Only an expression says where the caller's frame pointer is. */
void loses_fp(void (*what)(void));
__asm__("	.text\n"
	"loses_fp:\n"
	"	.cfi_startproc\n"
	"	pushq	%rbp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	.cfi_escape 0x10, 6, 2, 0x77, 0\n"
	"	leaq	64(%rsp), %rbp\n"
	"	call	*%rdi\n"
	"	popq	%rbp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	.cfi_restore %rbp\n"
	"	ret\n"
	"	.cfi_endproc\n");

/* The call is the last instruction: where it goes on is another function. */
void calls_last(void (*what)(void));
__asm__("	.text\n"
	"calls_last:\n"
	"	.cfi_startproc\n"
	"	subq	$24, %rsp\n"
	"	.cfi_adjust_cfa_offset 24\n"
	"	call	*%rdi\n"
	"	.cfi_endproc\n"
	"	.cfi_startproc\n"
	"	addq	$24, %rsp\n"
	"	ret\n"
	"	.cfi_endproc\n");

/* 20 with the same code before the call's end, and frames of 24 to 328 bytes;
 * more than the cache has places. What holds right behind a call, here nothing,
 * does not hold in it. */
extern void (*const alike[])(void (*)(void));
__asm__("	.macro	one_of size\n"
	"	.text\n"
	"	.p2align 6\n"
	"9:	.cfi_startproc\n"
	"	subq	$\\size, %rsp\n"
	"	.cfi_adjust_cfa_offset \\size\n"
	"	.skip	8, 0x90\n"
	"	call	*%rdi\n"
	"	.cfi_adjust_cfa_offset 64\n"
	"	nop\n"
	"	.cfi_adjust_cfa_offset -64\n"
	"	addq	$\\size, %rsp\n"
	"	.cfi_adjust_cfa_offset -\\size\n"
	"	ret\n"
	"	.cfi_endproc\n"
	"	.section .data.rel.ro.alike,\"aw\"\n"
	"	.quad	9b\n"
	"	.endm\n"
	"	.section .data.rel.ro.alike,\"aw\"\n"
	"	.p2align 3\n"
	"alike:\n"
	"	.irp	size, 8, 24, 40, 56, 72, 88, 104, 120, 136, 152\n"
	"	one_of	\\size\n"
	"	.endr\n"
	"	.irp	size, 168, 184, 200, 216, 232, 248, 264, 280, 296, "
	"312\n"
	"	one_of	\\size\n"
	"	.endr\n"
	"	.text\n");

/* By way of libc, which is compiled without frame pointers. */
static struct dice *pass_dice;
static int pass_depth;

static PLAIN int called_back(const void *a, const void *b)
{
	static int only_once;

	if (pass_depth >= 0) {
		only_once = pass_depth;
		pass_depth = -1;
		go_on(pass_dice, only_once);
	}
	AFTER;
	return *(const char *)a - *(const char *)b;
}

static PLAIN void by_way_of_libc(struct dice *d, int depth)
{
	char array[] = "ba";

	pass_dice = d;
	pass_depth = depth;
	qsort(array, 2, 1, called_back);
	AFTER;
}

static PLAIN void any(struct dice *d, int depth)
{
	static function *const all[] = {
		plain,	  no_fp,	  no_fp_many_registers,
		variable, many_arguments, by_way_of_libc,
		aligned};

	all[roll(d, LENGTH(all))](d, depth);
	AFTER;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Included before each test program: what the tests use and musl does not
 * have. Its malloc has nothing to be set.
 */
#ifndef TEST_MUSL_LACKS_H
#define TEST_MUSL_LACKS_H

#include <malloc.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define LACKS	 static __attribute__((unused))
/* By musl's headers, which has no more of it. */
#define DECLARED __attribute__((weak))

#ifndef M_MMAP_THRESHOLD
enum { M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_ARENA_MAX };

LACKS int mallopt(int what, int value)
{
	(void)what;
	return value >= 0;
}

LACKS int malloc_trim(size_t pad)
{
	return pad > 0;
}
#endif

#ifndef STATX_ALL
#	include <linux/stat.h>

LACKS int statx(int dir, const char *path, int flags, unsigned mask,
		struct statx *to)
{
	return (int)syscall(SYS_statx, dir, path, flags, mask, to);
}
#endif

/* Contexts with neither a signal mask nor a successor; those are x86-64's. */

DECLARED int getcontext(ucontext_t *context)
{
	memset(context, 0, sizeof(*context));
	return 0;
}

/* Pushes what a function must preserve, and pops what the other has pushed. */
int test_switch(void **from, void *to);
__asm__(".pushsection .text\n"
	".type test_switch, @function\n"
	"test_switch:\n"
	"	push %rbp\n	push %rbx\n	push %r12\n"
	"	push %r13\n	push %r14\n	push %r15\n"
	"	mov %rsp, (%rdi)\n"
	"	mov %rsi, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n"
	"	pop %r12\n	pop %rbx\n	pop %rbp\n"
	"	xor %eax, %eax\n"
	"	ret\n"
	".size test_switch, . - test_switch\n"
	".popsection\n");

DECLARED void makecontext(ucontext_t *context, void (*run)(void), int arguments,
			  ...)
{
	void **top = (void **)((char *)context->uc_stack.ss_sp +
			       (context->uc_stack.ss_size & ~15UL));

	(void)arguments;
	top[-1] = NULL;
	top[-2] = (void *)run;
	memset(top - 8, 0, 6 * sizeof(*top));
	context->uc_link = (ucontext_t *)(top - 8);
}

/* A context that does not run keeps its stack pointer where musl has a link. */
DECLARED int swapcontext(ucontext_t *from, const ucontext_t *to)
{
	return test_switch((void **)&from->uc_link, to->uc_link);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Pointers of all kinds that a system call refuses: whoever looks at what they
 * point to before the kernel does must not die of it.
 */
#ifndef TEST_BAD_H
#define TEST_BAD_H

#include "again.h"

enum { BADS = 20 };

static void *bad[BADS];
static int bads;

static void add_bad(void *pointer)
{
	MUST(bads < BADS);
	bad[bads++] = pointer;
}

/* The end of a page, behind which there is nothing: so many bytes that can be
 * read, all of which are `value`. */
static UNUSED void *last_bytes(size_t size, int value)
{
	char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(at != MAP_FAILED);
	memset(at, value, PAGE);
	MUST(!mprotect(at + PAGE, PAGE, PROT_NONE));
	return at + PAGE - size;
}

static UNUSED void find_bad(void)
{
	char *at =
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(at != MAP_FAILED);
	bads = 0;
	add_bad(NULL);
	add_bad((void *)1);
	add_bad((void *)4095);
	add_bad((void *)4096);
	add_bad(at);
	add_bad(at + 8);
	add_bad(at + PAGE - 1);
	add_bad(last_bytes(0, 0));
	add_bad(last_bytes(1, 'x'));
	add_bad(last_bytes(7, 'x'));
	add_bad((void *)(UINTPTR_MAX / 2 + 1));
	add_bad((void *)(UINTPTR_MAX - 4095));
	add_bad((void *)(UINTPTR_MAX - 7));
	add_bad((void *)UINTPTR_MAX);
	if (sizeof(long) == 8)
		add_bad((void *)(1L << 47));
}

/* What a wrapper says, and sets errno to, against the kernel's own answer. */
static UNUSED void same_answer(const char *what, int n, long got, long kernel)
{
	long expected = kernel < 0 ? -1 : kernel;
	int error = errno;

	if (got == expected && (got != -1 || error == -kernel))
		return;
	printf("%s, %d, pointer %p: %ld, %s; the kernel: %ld, %s\n", what, n,
	       bad[n % BADS], got, got == -1 ? strerror(error) : "", kernel,
	       kernel < 0 ? strerror((int)-kernel) : "");
	exit(1);
}

/* By syscall() and by a system call of our own, the latter first. */
#define SAME_SYSCALL(n, nr, ...)                                        \
	do {                                                            \
		long kernel_ = vs_sys(nr, __VA_ARGS__);                 \
                                                                        \
		same_answer(#nr, n, syscall(nr, __VA_ARGS__), kernel_); \
	} while (0)

#endif

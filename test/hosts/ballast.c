/* SPDX-License-Identifier: MIT
 *
 * Preloaded: makes the programs that BALLAST names, as ",NAME,NAME,", big ones:
 * 200 MB in small pages.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SIZE = 200 << 20, PAGE = 4096 };

__attribute__((constructor)) static void load(void)
{
	const char *names = getenv("BALLAST");
	char name[64], *memory;

	snprintf(name, sizeof(name), ",%s,", program_invocation_short_name);
	if (!names || !strstr(names, name))
		return;
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return;
	madvise(memory, SIZE, MADV_NOHUGEPAGE);
	for (size_t at = 0; at < SIZE; at += PAGE)
		memory[at] = 1;
}

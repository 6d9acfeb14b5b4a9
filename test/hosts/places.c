/* SPDX-License-Identifier: MIT
 *
 * places MB HOLE: a process with so many MB, which makes a hole in a range it
 * has reserved, forks, gives the whole range back and forks again. What lies
 * where in its memory map is its own business: says by how much the places that
 * the kernel picks for mappings differ from those before the forks.
 *
 * HOLE says how the hole is made: unmap, move.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, RESERVED = 16 * PAGE, HOLES = 6 };

static char *map(size_t size, int protection)
{
	char *at = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return at;
}

static void child(int become)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid && become)
		execl("/bin/true", "true", (char *)NULL);
	if (!pid)
		_exit(become ? 1 : 3);
	if (waitpid(pid, &status, 0) != pid)
		perror("wait");
	printf("child %#x\n", (unsigned)status);
	fflush(stdout);
}

/* Of many sizes; neighbours are protected differently, so that they do not
 * become one mapping. Says where they are now, and where they were at first,
 * where that differs. */
static void say_places(const char *when)
{
	static const size_t sizes[] = {
		PAGE,	   PAGE, 2 * PAGE,  PAGE,      5 * PAGE,
		PAGE,	   PAGE, 16 * PAGE, PAGE,      PAGE,
		64 * PAGE, PAGE, PAGE,	    300 * PAGE};
	enum { MAPPINGS = sizeof(sizes) / sizeof(*sizes) };
	static char *first[MAPPINGS];
	char *at[MAPPINGS];

	printf("%s:", when);
	for (int i = 0; i < MAPPINGS; i++) {
		at[i] = map(sizes[i], i % 2 ? PROT_READ : PROT_NONE);
		if (!first[i])
			first[i] = at[i];
		printf(" %ld", (long)(at[i] - first[i]));
	}
	printf("\n");
	for (int i = 0; i < MAPPINGS; i++)
		munmap(at[i], sizes[i]);
}

static void make_hole(char *at, size_t size, const char *how)
{
	if (strcmp(how, "move") != 0)
		munmap(at, size);
	else if (mremap(at, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
			at + RESERVED / 2) == MAP_FAILED)
		exit(2);
}

int main(int argc, char **argv)
{
	char *reserved[HOLES];
	size_t size;

	if (argc != 3)
		return 2;
	size = strtoul(argv[1], NULL, 10) << 20;
	memset(map(size, PROT_READ | PROT_WRITE), 'm', size);
	say_places("at the start");
	/* Holes of one page, two and so on; the last is the highest. */
	for (int i = 0; i < HOLES; i++)
		reserved[i] = map(RESERVED, PROT_NONE);
	for (int i = 0; i < HOLES; i++)
		make_hole(reserved[i], (size_t)(i + 1) * PAGE, argv[2]);
	child(1);
	for (int i = 0; i < HOLES; i++)
		munmap(reserved[i], RESERVED);
	say_places("after the first");
	child(1);
	child(0);
	say_places("after others");
	child(1);
	child(0);
	say_places("at the end");
	return 0;
}

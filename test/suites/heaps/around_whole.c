/* SPDX-License-Identifier: MIT
 *
 * Huge pages that children read in stay whole in their parent, wherever in them
 * that is.
 */
#include "around.h"
#include <sys/ioctl.h>

enum { HUGE = 2 << 20, SIZE = 32 * HUGE, NEAR = 5, STEP_HUGE = 3 };

static unsigned char *area;

/* Else the library cannot know where they are. */
static bool kernel_tells(void)
{
	struct {
		uint64_t size, flags, start, end, walk_end, vec, vec_len;
		uint64_t max_pages, inverted, mask, any_of, returned;
	} scan = {.size = sizeof(scan)};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	int r = ioctl(fd, _IOWR('f', 16, scan), &scan);

	close(fd);
	return r == 0;
}

/* In KiB, of all that the process has. */
static long huge(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[256];
	long kib = 0;

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "AnonHugePages: %ld", &kib);
	if (file)
		fclose(file);
	return kib;
}

static void make_area(void)
{
	unsigned char *at = mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	area = at + -(uintptr_t)at % HUGE;
	madvise(area, SIZE, MADV_HUGEPAGE);
	memset(area, 'a', SIZE);
}

/* Some chunks close together, in the middle of a huge page and at its end. */
static bool reads(void)
{
	for (size_t at = HUGE / 2; at < SIZE - HUGE; at += STEP_HUGE * HUGE) {
		for (size_t i = 0; i < NEAR; i++) {
			size_t near = i * 5 * PAGE;

			if (area[at + near] != 'a' ||
			    area[at + HUGE / 2 - 9 * PAGE + near] != 'a')
				return false;
		}
	}
	return true;
}

static void children(void)
{
	long before;

	make_area();
	before = huge();
	if (!before || !kernel_tells())
		skip("no huge pages, or not to be found");
	for (int n = 0; n < 40; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (reads())
				become_program();
			_exit(50);
		}
		exits_with(pid, 4);
	}
	ck_assert_int_ge(huge(), before);
}

START_TEST(stay_whole)
{
	commits(children);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("whole");

	tcase_add_test(tcase, stay_whole);
	return run_scenes("around: whole", tcase, argv);
}

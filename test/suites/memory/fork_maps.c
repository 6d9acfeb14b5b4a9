/* SPDX-License-Identifier: MIT
 *
 * Kinds of mappings: what a child finds in each, before exec and without one.
 */
#include <sys/syscall.h>

#include "util.h"

enum { SIZE = 8 << 20 };

static unsigned char *area;

static unsigned char *map(int protection, int flags, int fd)
{
	void *at = mmap(NULL, SIZE, protection, flags, fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

static unsigned char *anonymous(void)
{
	unsigned char *at =
		map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(at, 'a', SIZE);
	return at;
}

/* Every so often, borders of pages and chunks included. */
static bool holds(const unsigned char *from, size_t size, int value)
{
	for (size_t i = 0; i < size; i += 50000) {
		if (from[i] != value)
			return false;
	}
	return from[size - 1] == value;
}

enum ending { EXECS, EXITS };

static int child_status(bool (*good)(void), enum ending ending)
{
	pid_t pid = fork();

	if (!pid) {
		if (!good())
			_exit(50);
		if (ending == EXECS)
			exec_exit(4);
		_exit(4);
	}
	return wait_for(pid);
}

static void in_child(bool (*good)(void))
{
	ck_assert_int_eq(child_status(good, EXECS), 4 << 8);
	ck_assert_int_eq(child_status(good, EXITS), 4 << 8);
}

static void crash_in_child(bool (*bad)(void))
{
	ck_assert_int_eq(child_status(bad, EXECS) & 0x7f, SIGSEGV);
	ck_assert_int_eq(child_status(bad, EXITS) & 0x7f, SIGSEGV);
}

static bool read_a(void)
{
	return holds(area, SIZE, 'a');
}

static bool read_zero(void)
{
	return holds(area, SIZE, 0);
}

static bool write_one(void)
{
	*(volatile unsigned char *)(area + SIZE / 2) = 'b';
	return true;
}

static bool read_one(void)
{
	return *(volatile unsigned char *)(area + SIZE / 2) == 'a';
}

START_TEST(protection)
{
	area = anonymous();
	in_child(read_a);
	mprotect(area, SIZE, PROT_READ);
	in_child(read_a);
	crash_in_child(write_one);
	mprotect(area, SIZE, PROT_NONE);
	crash_in_child(read_one);
	mprotect(area, SIZE, PROT_READ | PROT_WRITE);
	mprotect(area + SIZE / 2, PAGE, PROT_NONE);
	crash_in_child(read_one);
	mprotect(area + SIZE / 2, PAGE, PROT_READ);
	in_child(read_a);
	crash_in_child(write_one);
	ck_assert(read_a());
}
END_TEST

START_TEST(removed)
{
	area = anonymous();
	in_child(read_a);
	munmap(area + SIZE / 2, PAGE);
	crash_in_child(read_one);
	munmap(area, SIZE);
	crash_in_child(read_one);
}
END_TEST

START_TEST(moved)
{
	unsigned char *old = anonymous();

	area = old;
	in_child(read_a);
	area = mremap(old, SIZE, SIZE + (2 << 20), MREMAP_MAYMOVE);
	ck_assert_ptr_ne(area, MAP_FAILED);
	in_child(read_a);
	ck_assert(holds(area + SIZE, 2 << 20, 0));
}
END_TEST

START_TEST(dont_fork)
{
	area = anonymous();
	madvise(area, SIZE, MADV_DONTFORK);
	crash_in_child(read_one);
	crash_in_child(write_one);
	madvise(area, SIZE / 4, MADV_DOFORK);
	crash_in_child(read_one);
	madvise(area, SIZE, MADV_DOFORK);
	in_child(read_a);
	/* The application's mark is its own, in the middle of a big area. */
	madvise(area + SIZE / 2, PAGE, MADV_DONTFORK);
	crash_in_child(read_one);
	crash_in_child(read_one);
	ck_assert(read_a());
}
END_TEST

START_TEST(wipe_on_fork)
{
	area = anonymous();
	madvise(area, SIZE, MADV_WIPEONFORK);
	in_child(read_zero);
	ck_assert(read_a());
	madvise(area, SIZE, MADV_KEEPONFORK);
	in_child(read_a);
}
END_TEST

static bool shared_write(void)
{
	bool good = area[0] == 'a';

	area[1]++;
	return good;
}

/* What the child of one that execs and of one that does not has written. */
START_TEST(shared)
{
	area = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	area[0] = 'a';
	in_child(shared_write);
	ck_assert_int_eq(area[1], 2);
	in_child(shared_write);
	ck_assert_int_eq(area[1], 4);
}
END_TEST

START_TEST(files)
{
	int fd = memfd_create("file", 0);

	for (int i = 0; i < SIZE / 8; i++)
		ck_assert_int_eq(write(fd, "aaaaaaaa", 8), 8);
	area = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	in_child(read_a);
	in_child(write_one);
	ck_assert(read_a());
	memset(area, 'b', SIZE / 4);
	memset(area, 'a', SIZE / 4);
	in_child(read_a);
	munmap(area, SIZE);
	area = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	in_child(write_one);
	ck_assert_int_eq(area[SIZE / 2], 'b');
}
END_TEST

START_TEST(advice)
{
	static const int advices[] = {MADV_HUGEPAGE, MADV_NOHUGEPAGE,
				      MADV_SEQUENTIAL, MADV_DONTDUMP,
				      MADV_DODUMP};

	area = anonymous();
	for (int i = 0; i < LENGTH(advices); i++) {
		madvise(area, SIZE, advices[i]);
		in_child(read_a);
	}
	madvise(area, SIZE, MADV_DONTNEED);
	in_child(read_zero);
}
END_TEST

/* sbrk() is refused where something lies behind the heap. */
START_TEST(program_break)
{
	area = sbrk(SIZE);
	if (area == (void *)-1)
		return;
	memset(area, 'a', SIZE);
	in_child(read_a);
	in_child(write_one);
	ck_assert(read_a());
}
END_TEST

/* Many areas, so many that only some can be spared the copying. */
START_TEST(many)
{
	enum { N = 1000, EACH = 256 << 10 };

	for (int i = 0; i < N; i++) {
		unsigned char *at = mmap(NULL, EACH + PAGE, PROT_NONE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		mprotect(at, EACH, PROT_READ | PROT_WRITE);
		at[EACH / 2] = 'a';
		area = at + EACH / 2 - SIZE / 2;
		if (i % 100 == 0)
			in_child(read_one);
	}
	in_child(read_one);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps");

	tcase_add_test(tcase, protection);
	tcase_add_test(tcase, removed);
	tcase_add_test(tcase, moved);
	tcase_add_test(tcase, dont_fork);
	tcase_add_test(tcase, wipe_on_fork);
	tcase_add_test(tcase, shared);
	tcase_add_test(tcase, files);
	tcase_add_test(tcase, advice);
	tcase_add_test(tcase, program_break);
	tcase_add_test(tcase, many);
	return run_suite("fork: maps", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Memory that the children of one place in the program touch every time, which
 * the library learns, and leaves in the copy or brings in beforehand: what has
 * become of it since in the parent is what the next child finds.
 */
#include <signal.h>
#include <sys/mman.h>

#include "util.h"

/* Several places, close together and far apart, that are whole chunks. */
enum { PLACES = 12, SIZE = 32 << 20, ROUNDS = 40 };

static volatile unsigned char *area;
static unsigned char value;

static volatile unsigned char *place(int i)
{
	static const int at[PLACES] = {0,   5,	  9,	40,   41,   300,
				       301, 1000, 1020, 4000, 4001, 7000};

	return area + (size_t)at[i] * PAGE;
}

static void make_area(void)
{
	void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	area = at;
	for (size_t i = 0; i < SIZE; i += PAGE)
		area[i] = 1;
}

static void set_all(unsigned char to)
{
	value = to;
	for (int i = 0; i < PLACES; i++) {
		place(i)[0] = to;
		place(i)[PAGE - 1] = to;
	}
}

/* Reads all of them, and writes to all. */
static bool reads_and_writes(void)
{
	bool ok = true;

	for (int i = 0; i < PLACES; i++) {
		ok = ok && place(i)[0] == value && place(i)[PAGE - 1] == value;
		place(i)[0] = 0xee;
		ok = ok && place(i)[0] == 0xee;
	}
	return ok;
}

static bool is_as_it_was(void)
{
	bool ok = true;

	for (int i = 0; i < PLACES; i++)
		ok = ok && place(i)[0] == value && place(i)[PAGE - 1] == value;
	return ok;
}

/* The one place that forks. */
static pid_t a_child(bool (*good)(void))
{
	pid_t pid = fork();

	if (!pid) {
		if (good())
			exec_exit(4);
		_exit(50);
	}
	return pid;
}

static void learn(void)
{
	for (int n = 0; n < ROUNDS; n++) {
		set_all((unsigned char)n);
		exits_with(a_child(reads_and_writes), 4);
		ck_assert(is_as_it_was());
	}
}

/* What the parent writes counts for the next child; what that writes stays
 * there. */
START_TEST(new_values_each_time)
{
	make_area();
	learn();
}
END_TEST

/* Whatever has been learned before a child that works on. */
START_TEST(a_child_that_stays)
{
	pid_t pid;

	make_area();
	learn();
	set_all(77);
	pid = fork();
	if (!pid)
		_exit(reads_and_writes() && place(3)[1] == 0 ? 4 : 50);
	set_all(78);
	exits_with(pid, 4);
	ck_assert(is_as_it_was());
}
END_TEST

static bool reads_only(void)
{
	return is_as_it_was();
}

static bool writes_to_read_only(void)
{
	place(3)[0] = 1;
	return true;
}

START_TEST(made_read_only)
{
	make_area();
	learn();
	set_all(9);
	ck_assert_int_eq(mprotect((void *)area, SIZE, PROT_READ), 0);
	exits_with(a_child(reads_only), 4);
	dies_by(a_child(writes_to_read_only), SIGSEGV);
	ck_assert_int_eq(mprotect((void *)area, SIZE, PROT_READ | PROT_WRITE),
			 0);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

/* A hole in the middle of what was learned. */
START_TEST(unmapped)
{
	make_area();
	learn();
	ck_assert_int_eq(munmap((void *)place(3), 2 * PAGE), 0);
	dies_by(a_child(writes_to_read_only), SIGSEGV);
	ck_assert_ptr_eq(mmap((void *)place(3), 2 * PAGE,
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 (void *)place(3));
	set_all(11);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

static bool writes_shared(void)
{
	place(3)[0] = 99;
	return true;
}

/* What a child writes there is the parent's, too. */
START_TEST(made_shared)
{
	make_area();
	learn();
	ck_assert_ptr_eq(mmap((void *)place(3), 2 * PAGE,
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 (void *)place(3));
	set_all(12);
	exits_with(a_child(writes_shared), 4);
	ck_assert_int_eq(place(3)[0], 99);
	set_all(13);
	exits_with(a_child(reads_only), 4);
}
END_TEST

/* The program's own marks on it hold. */
START_TEST(marked_by_the_program)
{
	make_area();
	learn();
	ck_assert_int_eq(madvise((void *)place(3), 2 * PAGE, MADV_DONTFORK), 0);
	dies_by(a_child(writes_to_read_only), SIGSEGV);
	ck_assert_int_eq(madvise((void *)place(3), 2 * PAGE, MADV_DOFORK), 0);
	set_all(14);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert_int_eq(madvise((void *)place(3), 2 * PAGE, MADV_WIPEONFORK),
			 0);
	place(3)[0] = 1;
	exits_with(a_child(reads_and_writes), 50);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("learned");

	tcase_add_test(tcase, new_values_each_time);
	tcase_add_test(tcase, a_child_that_stays);
	tcase_add_test(tcase, made_read_only);
	tcase_add_test(tcase, unmapped);
	tcase_add_test(tcase, made_shared);
	tcase_add_test(tcase, marked_by_the_program);
	tcase_set_timeout(tcase, 60);
	return run_suite("fork_learned", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * What the library has learned of a place that forks, and leaves in the copy or
 * brings in beforehand: the next child finds what the parent has there by then.
 */
#include "learned.h"

/* What the parent writes counts for the next child; what that writes stays
 * there. */
START_TEST(new_values_each_time)
{
	start(_i);
	learn();
}
END_TEST

/* Whatever has been learned before a child that works on. */
START_TEST(a_child_that_stays)
{
	pid_t pid;

	start(_i);
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

/* Pages beside one that was learned: the next child has them, too. */
static bool reads_elsewhere(void)
{
	return elsewhere[0] == WRITTEN && elsewhere[PAGE] == WRITTEN &&
	       reads_and_writes();
}

/* What has a guard below it looks like a stack, but not so much of it: more
 * such mappings, at lower addresses. */
static void make_decoys(void)
{
	enum { DECOYS = 64 };

	for (int i = 0; i < DECOYS; i++) {
		char *at = mmap(NULL, 4 * CHUNK, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		ck_assert_ptr_ne(at, MAP_FAILED);
		mprotect(at, PAGE, PROT_NONE);
	}
}

START_TEST(opened_beside)
{
	start(_i);
	make_decoys();
	elsewhere = place(ALONE) + PAGE;
	protect(elsewhere, 2 * PAGE, PROT_NONE);
	learn();
	for (int n = 0; n < ROUNDS; n++) {
		protect(elsewhere, 2 * PAGE, PROT_READ | PROT_WRITE);
		elsewhere[0] = elsewhere[PAGE] = WRITTEN;
		exits_with(a_child(reads_elsewhere), 4);
		ck_assert(is_as_it_was());
		protect(elsewhere, 2 * PAGE, PROT_NONE);
		exits_with(a_child(reads_and_writes), 4);
	}
}
END_TEST

/* The program's own marks on it hold. */
START_TEST(marked_by_the_program)
{
	start(_i);
	learn();
	ck_assert_int_eq(madvise((void *)place(ONE), 2 * PAGE, MADV_DONTFORK),
			 0);
	dies_by(a_child(writes_one), SIGSEGV);
	ck_assert_int_eq(madvise((void *)place(ONE), 2 * PAGE, MADV_DOFORK), 0);
	set_all(17);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert_int_eq(madvise((void *)place(ONE), 2 * PAGE, MADV_WIPEONFORK),
			 0);
	exits_with(a_child(reads_and_writes), 50);
}
END_TEST

LEARNED("fork_learned", new_values_each_time, a_child_that_stays, opened_beside,
	marked_by_the_program)

/* SPDX-License-Identifier: MIT
 *
 * The memory map that the library has read once, for several forks: what has
 * become of it since in the parent is what the next child finds.
 */
#include "learned.h"

static bool writes_elsewhere(void)
{
	elsewhere[0] = WRITTEN;
	return true;
}

static bool reads_a_file(void)
{
	return elsewhere[0] == 'a' && elsewhere[2] == 'c' && is_as_it_was();
}

START_TEST(made_read_only)
{
	start(_i);
	learn();
	set_all(9);
	protect(area, SIZE, PROT_READ);
	exits_with(a_child(is_as_it_was), 4);
	dies_by(a_child(writes_one), SIGSEGV);
	protect(area, SIZE, PROT_READ | PROT_WRITE);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

START_TEST(closed_for_a_while)
{
	start(_i);
	learn();
	protect(place(ONE), 40 * PAGE, PROT_NONE);
	dies_by(a_child(writes_one), SIGSEGV);
	exits_with(a_child(exec_only), 4);
	protect(place(ONE), 40 * PAGE, PROT_READ | PROT_WRITE);
	set_all(10);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

/* A hole in the middle of what was learned, which the child may fill. */
static bool maps_something_there(void)
{
	volatile unsigned char *at = place(ONE);

	return mmap((void *)at, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at &&
	       at[0] == 0 && (at[0] = 5) && at[0] == 5;
}

START_TEST(unmapped)
{
	start(_i);
	learn();
	unmap(place(ONE), 2 * PAGE);
	dies_by(a_child(writes_one), SIGSEGV);
	exits_with(a_child(maps_something_there), 4);
	map_over(place(ONE), 2 * PAGE, MAP_PRIVATE, -1);
	set_all(11);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

/* All of it, and something else in its place, with other contents. */
START_TEST(mapped_anew)
{
	start(_i);
	learn();
	unmap(area, SIZE);
	map_over(area, SIZE / 2, MAP_PRIVATE, -1);
	map_over(area + SIZE / 2, SIZE / 2, MAP_PRIVATE, -1);
	set_all(12);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
	ck_assert_int_eq(place(ONE)[2 * PAGE], 0);
}
END_TEST

/* What a child writes there is the parent's, too. */
START_TEST(made_shared)
{
	start(_i);
	learn();
	map_over(place(ONE), 2 * PAGE, MAP_SHARED, -1);
	set_all(13);
	exits_with(a_child(writes_one), 4);
	ck_assert_int_eq(place(ONE)[0], WRITTEN);
	set_all(14);
	exits_with(a_child(is_as_it_was), 4);
}
END_TEST

/* The same of more than was learned, and of a place of its own. */
START_TEST(much_made_shared)
{
	volatile unsigned char *shared;

	start(_i);
	learn();
	map_over(area + SIZE / 4, SIZE / 2, MAP_SHARED, -1);
	set_all(15);
	shared =
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map_over(shared, PAGE, MAP_SHARED, -1);
	elsewhere = shared;
	exits_with(a_child(writes_elsewhere), 4);
	ck_assert_int_eq(shared[0], WRITTEN);
	elsewhere = area + SIZE / 2;
	exits_with(a_child(writes_elsewhere), 4);
	ck_assert_int_eq(*elsewhere, WRITTEN);
	exits_with(a_child(is_as_it_was), 4);
}
END_TEST

/* A file's, privately: it is read from there, and never written. */
START_TEST(made_a_files)
{
	FILE *file = tmpfile();
	int fd = fileno(file);

	start(_i);
	learn();
	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	ck_assert_int_eq(pwrite(fd, "abc", 3, 0), 3);
	map_over(area + SIZE / 4, SIZE / 2, MAP_PRIVATE, fd);
	set_all(16);
	elsewhere = area + SIZE / 4;
	exits_with(a_child(reads_a_file), 4);
	exits_with(a_child(writes_elsewhere), 4);
	ck_assert_int_eq(*elsewhere, 'a');
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
	fclose(file);
}
END_TEST

LEARNED("fork_remapped", made_read_only, closed_for_a_while, unmapped,
	mapped_anew, made_shared, much_made_shared, made_a_files)

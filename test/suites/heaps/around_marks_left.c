/* SPDX-License-Identifier: MIT
 *
 * What marks leave behind: of two on the same memory, when one is taken away;
 * and of a transaction's own, on memory that another thread has moved
 * meanwhile and then made read-only, or goes on moving.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "around.h"

enum { SIZE = 4 << 20 };

static char *map_area(void)
{
	char *area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(area, MAP_FAILED);
	memset(area, 'a', SIZE);
	return area;
}

/* A child that reads there, and ends with 4 if it finds that. */
static int status_of_reader(const char *at, char expected, bool execs)
{
	pid_t pid = fork();

	if (!pid) {
		if (*(const volatile char *)at != expected)
			_exit(50);
		if (execs)
			become_program();
		_exit(4);
	}
	return wait_for(pid);
}

static void child_lacks(const char *at)
{
	ck_assert_int_eq(status_of_reader(at, 'a', true) & 0x7f, SIGSEGV);
	ck_assert_int_eq(status_of_reader(at, 'a', false) & 0x7f, SIGSEGV);
}

static void child_finds_zero(const char *at)
{
	ck_assert_int_eq(status_of_reader(at, 0, true), 4 << 8);
	ck_assert_int_eq(status_of_reader(at, 0, false), 4 << 8);
}

static void both(void)
{
	char *block = map_area(), *wiped = map_area();

	ck_assert_int_eq(madvise(block, SIZE, MADV_DONTFORK), 0);
	ck_assert_int_eq(madvise(block, SIZE, MADV_KEEPONFORK), 0);
	child_lacks(block);
	ck_assert_int_eq(madvise(block, SIZE, MADV_WIPEONFORK), 0);
	ck_assert_int_eq(madvise(block, SIZE, MADV_KEEPONFORK), 0);
	child_lacks(block);
	ck_assert_int_eq(madvise(wiped, SIZE, MADV_WIPEONFORK), 0);
	ck_assert_int_eq(madvise(wiped, SIZE, MADV_DOFORK), 0);
	child_finds_zero(wiped);
	all_ways();
	child_lacks(block);
	child_finds_zero(wiped);
}

START_TEST(both_marks)
{
	commits(both);
}
END_TEST

/* With MREMAP_DONTUNMAP the old place keeps its mark. */
static void two_places(void)
{
	enum { DONTUNMAP = 4 };
	char *old = map_area(), *new;

	ck_assert_int_eq(madvise(old, SIZE, MADV_WIPEONFORK), 0);
	new = mremap(old, SIZE, SIZE, MREMAP_MAYMOVE | DONTUNMAP, NULL);
	if (new == MAP_FAILED)
		skip("no MREMAP_DONTUNMAP");
	memset(old, 'a', SIZE);
	child_finds_zero(old);
	child_finds_zero(new);
	all_ways();
}

START_TEST(mark_in_two_places)
{
	commits(two_places);
}
END_TEST

/* ---- moved by another thread, while this one has children ---- */

enum { BLOCKS = 8, ROUNDS = 6 };

static char *block[BLOCKS];
static atomic_bool moved;
static int protection;

/* Something else comes to the old place: nothing fails there. */
static void *move(void *argument)
{
	for (int i = 0; i < BLOCKS; i++) {
		char *old = map_area();

		usleep((unsigned)rand() % 200);
		block[i] = mremap(old, SIZE, 2L * SIZE, MREMAP_MAYMOVE);
		ck_assert_ptr_ne(block[i], MAP_FAILED);
		mmap(old, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		mprotect(block[i], 2L * SIZE, protection);
	}
	moved = true;
	return argument;
}

static void read_blocks(void)
{
	for (int i = 0; i < BLOCKS; i++) {
		mprotect(block[i], 2L * SIZE, PROT_READ);
		if (!all_bytes(block[i], SIZE, 'a') ||
		    !all_bytes(block[i] + SIZE, SIZE, 0))
			_exit(50);
	}
	_exit(4);
}

static void moving(void)
{
	pthread_t id;
	pid_t pid;

	for (int n = 0; n < ROUNDS; n++) {
		moved = false;
		ck_assert_int_eq(pthread_create(&id, NULL, move, NULL), 0);
		while (!moved)
			exits_with(by_fork(), 4);
		pthread_join(id, NULL);
		pid = fork();
		if (!pid)
			read_blocks();
		exits_with(pid, 4);
		for (int i = 0; i < BLOCKS; i++)
			munmap(block[i], 2L * SIZE);
	}
}

static const int protections[] = {PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE};

START_TEST(moved_meanwhile)
{
	protection = protections[_i];
	commits(moving);
}
END_TEST

/* ---- moved by another thread to and fro, all the time ---- */

enum { CHILDREN = 150, BETWEEN = 200, WAIT_US = 400 };

static char *place[2];
static atomic_bool end;

/* Two places, where nothing else is ever mapped, with other mappings between
 * them. */
static void reserve_places(void)
{
	const size_t gap = 2L * BETWEEN * PAGE, all = 2L * SIZE + gap;
	char *at = mmap((void *)(uintptr_t)(1ULL << 40), all, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	place[0] = at;
	place[1] = at + SIZE + gap;
	for (int i = 0; i < BETWEEN; i++)
		mprotect(at + SIZE + (2L * i + 1) * PAGE, PAGE, PROT_READ);
	ck_assert_int_eq(munmap(place[0], SIZE), 0);
	ck_assert_int_eq(mprotect(place[1], SIZE, PROT_READ | PROT_WRITE), 0);
	memset(place[1], 'a', SIZE);
}

static void *to_and_fro(void *argument)
{
	for (int i = 1; !end; i ^= 1) {
		usleep((unsigned)rand() % WAIT_US);
		if (mremap(place[i], SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   place[i ^ 1]) == MAP_FAILED)
			abort();
	}
	return argument;
}

/* A child that is not going to exec. */
static int status_of_finder(int fd)
{
	pid_t pid = fork();

	if (!pid)
		_exit(write(fd, place[0], 1) + write(fd, place[1], 1) == 0
			      ? 4
			      : 50);
	return wait_for(pid);
}

/* The memory is in one place or the other, whenever the process is copied. */
static void found_somewhere(void)
{
	pthread_t id;
	int ends[2];

	if (sizeof(void *) < 8)
		skip("no room for that");
	ck_assert_int_eq(pipe(ends), 0);
	reserve_places();
	end = false;
	ck_assert_int_eq(pthread_create(&id, NULL, to_and_fro, NULL), 0);
	for (int n = 0; n < CHILDREN; n++) {
		exits_with(by_fork(), 4);
		ck_assert_int_eq(status_of_finder(ends[1]), 4 << 8);
	}
	end = true;
	pthread_join(id, NULL);
}

START_TEST(moved_during_the_sweep)
{
	commits(found_somewhere);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("marks left");

	tcase_add_test(tcase, both_marks);
	tcase_add_test(tcase, mark_in_two_places);
	tcase_add_loop_test(tcase, moved_meanwhile, 0, LENGTH(protections));
	tcase_add_test(tcase, moved_during_the_sweep);
	return run_scenes("around: marks left", tcase, argv);
}

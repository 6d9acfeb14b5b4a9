/* SPDX-License-Identifier: MIT
 *
 * Many shared mappings, which are left out until a child needs one.
 */
#include <pthread.h>
#include <sys/random.h>

#include "shapes.h"

/* ---- many shared mappings ---- */

enum { MANY = 100 };
static volatile unsigned char *shared[MANY];

static void share_many(void)
{
	plain_shape();
	for (int i = 0; i < MANY; i++) {
		void *at = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		ck_assert_ptr_ne(at, MAP_FAILED);
		shared[i] = at;
		shared[i][0] = (unsigned char)i;
		/* Or they would be one mapping. */
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
}

static void many_shared(void)
{
	share_many();
	forks(looks_right);
}

static bool uses_shared(void)
{
	int ends[2];
	char read_back;

	for (int i = 0; i < MANY; i++) {
		if (shared[i][0] != i)
			return false;
	}
	if (pipe(ends) || write(ends[1], (char *)shared[7], 1) != 1 ||
	    read(ends[0], &read_back, 1) != 1 || read_back != 7)
		return false;
	shared[MANY / 2][1]++;
	return looks_right();
}

static void many_shared_used(void)
{
	share_many();
	forks(looks_right);
	forks(uses_shared);
	ck_assert_int_eq(shared[MANY / 2][1], 5);
}

/* An exit would be a native child's. */
static bool fills_across(void)
{
	if (getrandom(shape + SIZE / 2 - 10, 100, 0) != 100)
		execl(program, "state", "exit", "5", NULL);
	return true;
}

/* A call that would stop where it meets shared memory. */
static void shared_amidst(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	ck_assert_ptr_ne(mmap(shape + SIZE / 2, PIECE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 MAP_FAILED);
	fill_shape(0, SIZE);
	forks(looks_right);
	forks(fills_across);
}

static bool is_mapped(const volatile unsigned char *at)
{
	unsigned char in;

	return !mincore((void *)at, PAGE, &in);
}

static bool lacks_one(void)
{
	return !is_mapped(shared[MANY / 2]);
}

/* The application's mark on shared memory is there afterwards. */
static void shared_marked(void)
{
	share_many();
	ck_assert(!madvise((void *)shared[MANY / 2], PIECE, MADV_DONTFORK));
	forks(looks_right);
	forks(lacks_one);
}

static void shared_beside_marked(void)
{
	unsigned char *two;

	plain_shape();
	two = mmap(NULL, 2 * PIECE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(two, MAP_FAILED);
	ck_assert(!madvise(two, PIECE, MADV_DONTFORK));
	forks(looks_right);
}

enum { PLACES_TO_GO = 10 * MANY };
static _Atomic bool stop;

/* Each to a place by itself, over and over. */
static void *move_shared(void *room)
{
	for (size_t n = 0; !stop; n++) {
		unsigned char *to = room;

		to += n % PLACES_TO_GO * MB;
		shared[n % MANY] =
			mremap((void *)shared[n % MANY], PIECE, PIECE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, to);
		usleep(500);
	}
	return NULL;
}

/* All but the one that is on its way. */
static bool has_shared(void)
{
	int missing = 0;

	usleep(4000);
	for (int i = 0; i < MANY; i++)
		missing += !is_mapped(shared[i]);
	return missing <= 1;
}

static void shared_moves(void)
{
	pthread_t thread;
	void *at = mmap(NULL, (size_t)PLACES_TO_GO * MB, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	share_many();
	forks(looks_right);
	pthread_create(&thread, NULL, move_shared, at);
	forks(has_shared);
	stop = true;
	pthread_join(thread, NULL);
}

static void (*const scenes[])(void) = {
	many_shared,	      many_shared_used, shared_marked,
	shared_beside_marked, shared_moves,	shared_amidst,
};

START_TEST(many)
{
	commits(scenes[_i]);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("shared");

	(void)argc;
	tcase_add_loop_test(tcase, many, 0, LENGTH(scenes));
	return run_scenes("many shared mappings", tcase, argv);
}

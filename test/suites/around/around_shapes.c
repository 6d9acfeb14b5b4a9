/* SPDX-License-Identifier: MIT
 *
 * Big memory that is not one plain heap: of any protection, with files behind
 * it, with guards between. A child finds in each what its parent has there, may
 * do to it what a child may, and dies of what a child dies of.
 */
#include <pthread.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "around.h"

enum { MB = 1 << 20, SIZE = 8 * MB, PIECE = 64 << 10 };

#ifndef MAP_DROPPABLE /* Linux 6.11 */
#	define MAP_DROPPABLE 0x08
#endif

static unsigned char *shape;

static unsigned char letter(size_t at)
{
	return (unsigned char)(at / PAGE % 251 + 1);
}

static void map_shape(int flags, int fd)
{
	shape = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags,
		     fd, 0);
	ck_assert_ptr_ne(shape, MAP_FAILED);
}

static void fill_shape(size_t from, size_t to)
{
	for (size_t at = from; at < to; at += PAGE)
		shape[at + 7] = letter(at);
}

static void plain_shape(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	fill_shape(0, SIZE);
}

static void protect_shape(int protection)
{
	ck_assert(!mprotect(shape, SIZE, protection));
}

/* ---- children ---- */

static bool is_right(size_t from, size_t to, size_t step)
{
	for (size_t at = from; at < to; at += step) {
		if (shape[at + 7] != letter(at) || shape[at + 8])
			return false;
	}
	return true;
}

/* Places that a site's next children are given beforehand, and others. */
static bool looks_right(void)
{
	static int child;
	size_t from = (size_t)child++ * 3 * PAGE;

	return is_right(0, SIZE, MB) && is_right(from, SIZE, 5 * PIECE);
}

static void forks(bool (*child)(void))
{
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (!child())
				_exit(50);
			become_program();
		}
		exits_with(pid, 4);
	}
}

static unsigned char *deadly;

static void forks_to_die(unsigned char *at, bool writes, int sig)
{
	pid_t pid;

	deadly = at;
	pid = fork();
	if (!pid) {
		if (writes)
			*(volatile unsigned char *)deadly = 1;
		else
			(void)*(volatile unsigned char *)deadly;
		_exit(51);
	}
	dies_by(pid, sig);
}

/* ---- protections ---- */

static int four(void)
{
	return 4;
}

static bool runs_code(void)
{
	union {
		unsigned char *at;
		int (*call)(void);
	} copy = {.at = shape + SIZE / 2 + PAGE};

	return copy.call() == 4 && looks_right();
}

static void executable(void)
{
	enum { CODE = 64 };
	char *at;

	plain_shape();
	at = (char *)shape + SIZE / 2 + PAGE;
	memcpy(at, (const void *)(uintptr_t)four, CODE);
	protect_shape(PROT_READ | PROT_WRITE | PROT_EXEC);
	__builtin___clear_cache(at, at + CODE);
	forks(runs_code);
}

static void read_only(void)
{
	plain_shape();
	protect_shape(PROT_READ);
	forks(looks_right);
	forks_to_die(shape + 5 * PIECE, true, SIGSEGV);
}

static bool writes_own(void)
{
	for (size_t at = 0; at < SIZE; at += MB)
		shape[at + 100] = 'x';
	for (size_t at = 0; at < SIZE; at += MB) {
		if (shape[at + 100] != 'x')
			return false;
	}
	return looks_right();
}

static void written_by_children(void)
{
	plain_shape();
	forks(writes_own);
	for (size_t at = 0; at < SIZE; at += MB)
		ck_assert(!shape[at + 100]);
}

/* ---- files ---- */

static int new_file(size_t size)
{
	int fd = open(in_folder("shape"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (size_t at = 0; at < size; at += PAGE) {
		unsigned char page[PAGE] = {0};

		page[7] = letter(at);
		ck_assert_int_eq(pwrite(fd, page, PAGE, (off_t)at), PAGE);
	}
	return fd;
}

static void of_a_file(void)
{
	int fd = new_file(SIZE - MB);

	map_shape(0, fd);
	/* What is written is not the file's any more. */
	fill_shape(2 * MB, 3 * MB);
	ck_assert_int_eq(pwrite(fd, "XXXXXXXXXX", 10, 2 * MB), 10);
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (!is_right(0, SIZE - MB, 5 * PIECE) ||
			    !is_right(2 * MB, 3 * MB, PAGE))
				_exit(50);
			become_program();
		}
		exits_with(pid, 4);
	}
	forks_to_die(shape + SIZE - MB + 10, false, SIGBUS);
	close(fd);
}

/* ---- many mappings ---- */

static void alternating(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += 2 * PIECE)
		ck_assert(!mprotect(shape + at, PIECE, PROT_READ));
	forks(looks_right);
	forks_to_die(shape + 2 * PIECE, true, SIGSEGV);
}

static bool guarded_looks_right(void)
{
	for (size_t at = PAGE; at < SIZE; at += PIECE) {
		if (shape[at + 7] != letter(at))
			return false;
	}
	return true;
}

static void guarded(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += PIECE)
		ck_assert(!mprotect(shape + at, PAGE, PROT_NONE));
	forks(guarded_looks_right);
	forks_to_die(shape + 9 * PIECE + 5, false, SIGSEGV);
}

/* A system call that meets a guard fails there. */
static bool reads_up_to_guard(void)
{
	int ends[2];
	bool right;

	right = !pipe(ends) && write(ends[1], shape + 3 * PIECE - 10, 10) == 10;
	errno = 0;
	right = right && write(ends[1], shape + 3 * PIECE, 10) == -1 &&
		errno == EFAULT;
	return right && guarded_looks_right();
}

static void guards_and_calls(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += PIECE)
		ck_assert(!mprotect(shape + at, PAGE, PROT_NONE));
	forks(reads_up_to_guard);
}

/* ---- next to memory that is copied ---- */

enum { PLACES = 4 };

/* Where lazy memory begins, by pages on either side of any chunk's begin. */
static unsigned char *border(int i)
{
	return shape + (size_t)i * 2 * MB + PIECE + (size_t)i * PAGE;
}

static void bordered(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	for (int i = 0; i < PLACES; i++) {
		unsigned char *at = shape + (size_t)i * 2 * MB;

		if (madvise(at, (size_t)(border(i) - at), MADV_WIPEONFORK))
			skip("no MADV_WIPEONFORK");
	}
	fill_shape(0, SIZE);
}

/* A system call gets all of it. */
static bool writes_across(void)
{
	int ends[2];

	if (pipe(ends))
		return false;
	for (int i = 0; i < PLACES; i++) {
		unsigned char *at = border(i), copy[20];

		if (write(ends[1], at - 10, 20) != 20 ||
		    read(ends[0], copy, 20) != 20 || copy[9] ||
		    copy[17] != letter((size_t)(at - shape)))
			return false;
	}
	return true;
}

static void written_across(void)
{
	bordered();
	forks(writes_across);
}

/* What the child has mapped there stays. */
static bool maps_across(void)
{
	for (int i = 0; i < PLACES; i++) {
		unsigned char *at = border(i);

		if (mmap(at - PAGE, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			return false;
		memset(at - PAGE, 'x', 2 * PAGE);
		if (at[PAGE + 7] != letter((size_t)(at - shape) + PAGE) ||
		    at[7] != 'x')
			return false;
	}
	return true;
}

static void mapped_across(void)
{
	bordered();
	forks(maps_across);
}

/* ---- what a child does to the map ---- */

static bool changes_map(void)
{
	unsigned char *at = shape + 3 * MB + PAGE;

	if (mprotect(at, 3 * PAGE, PROT_READ) ||
	    madvise(at + 8 * PAGE, PAGE, MADV_DONTNEED) ||
	    munmap(at + 16 * PAGE, PAGE))
		return false;
	return at[7] == letter((size_t)(at - shape)) && !at[8 * PAGE + 7] &&
	       is_right(3 * MB + 3 * PAGE, 3 * MB + 8 * PAGE, PAGE) &&
	       is_right(3 * MB + 10 * PAGE, 3 * MB + 17 * PAGE, PAGE) &&
	       is_right(3 * MB + 18 * PAGE, 4 * MB, PAGE);
}

static void changed_by_children(void)
{
	plain_shape();
	forks(changes_map);
	ck_assert(is_right(0, SIZE, PAGE));
}

static bool grows(void)
{
	unsigned char *at = shape + SIZE / 2;

	if (mprotect(at, MB, PROT_READ | PROT_WRITE))
		return false;
	memset(at, 'x', MB);
	return is_right(0, SIZE / 2, 5 * PIECE);
}

/* As a heap in the midst of addresses that are reserved for it. */
static void reserved(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	protect_shape(PROT_NONE);
	ck_assert(!mprotect(shape, SIZE / 2, PROT_READ | PROT_WRITE));
	fill_shape(0, SIZE / 2);
	forks(grows);
}

/* ---- what a child has not ---- */

static bool is_wiped(void)
{
	for (size_t at = 0; at < SIZE; at += MB) {
		if (shape[at + 7])
			return false;
	}
	return true;
}

static void wiped(void)
{
	plain_shape();
	if (madvise(shape, SIZE, MADV_WIPEONFORK))
		skip("no MADV_WIPEONFORK");
	forks(is_wiped);
}

/* Between two pieces that are copied, and as they are in size. */
static void droppable(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += MB) {
		if (mmap(shape + at, 4 * PIECE, PROT_READ | PROT_WRITE,
			 MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			skip("no MAP_DROPPABLE");
	}
	fill_shape(0, SIZE);
	forks(is_wiped);
}

/* By number it is the same. */
static void droppable_by_number(void)
{
#ifdef SYS_mmap2
	enum { CALL = SYS_mmap2 };
#else
	enum { CALL = SYS_mmap };
#endif
	map_shape(MAP_ANONYMOUS, -1);
	if (syscall(CALL, shape, SIZE, PROT_READ | PROT_WRITE,
		    MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == -1)
		skip("no MAP_DROPPABLE");
	fill_shape(0, SIZE);
	forks(is_wiped);
}

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
	executable,
	read_only,
	written_by_children,
	of_a_file,
	alternating,
	guarded,
	guards_and_calls,
	changed_by_children,
	reserved,
	wiped,
	droppable,
	many_shared,
	many_shared_used,
	written_across,
	mapped_across,
	droppable_by_number,
	shared_marked,
	shared_beside_marked,
	shared_moves,
	shared_amidst,
};

START_TEST(shapes)
{
	commits(scenes[_i]);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("shapes");

	(void)argc;
	tcase_add_loop_test(tcase, shapes, 0, LENGTH(scenes));
	return run_scenes("memory of any shape", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 *
 * Memory that the children of one place in the program touch every time, which
 * the library learns, and leaves in the copy or brings in beforehand; and a map
 * that it has read once: what has become of it since in the parent is what the
 * next child finds. All with one thread and with two; the map is changed by
 * libc's functions, and by system calls of which the library is not told.
 */
#include <pthread.h>
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

/* ---- the ways to change it ---- */

enum { TWO_THREADS = 1, INLINE = 2, WAYS = 4 };
static int way;

static void protect(volatile void *at, size_t size, int prot)
{
	long r = way & INLINE ? vs_sys(SYS_mprotect, at, size, prot)
			      : mprotect((void *)at, size, prot);

	ck_assert_int_eq(r, 0);
}

static void unmap(volatile void *at, size_t size)
{
	long r = way & INLINE ? vs_sys(SYS_munmap, at, size)
			      : munmap((void *)at, size);

	ck_assert_int_eq(r, 0);
}

static void map_over(volatile void *at, size_t size, int kind, int fd)
{
	int flags = kind | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0);
	int prot = PROT_READ | PROT_WRITE;
	void *r;

	if (way & INLINE)
		r = (void *)vs_sys(SYS_mmap, at, size, prot, flags, fd, 0);
	else
		r = mmap((void *)at, size, prot, flags, fd, 0);
	ck_assert_ptr_eq(r, (void *)at);
}

static void *sleeps(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void start(int i)
{
	pthread_t thread;
	void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	way = i;
	if (way & TWO_THREADS)
		ck_assert_int_eq(pthread_create(&thread, NULL, sleeps, NULL),
				 0);
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

/* The one place that forks. A child that is not as it should be execs, too: if
 * it ended otherwise, another one would be made that is. */
static pid_t a_child(bool (*good)(void))
{
	pid_t pid = fork();

	if (!pid)
		exec_exit(good() ? 4 : 50);
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

/* What is done to one of them, or elsewhere. */
enum { ONE = 3, ALONE = PLACES - 1, WRITTEN = 99 };
static volatile unsigned char *elsewhere;

static bool writes_one(void)
{
	place(ONE)[0] = WRITTEN;
	return true;
}

static bool writes_elsewhere(void)
{
	elsewhere[0] = WRITTEN;
	return true;
}

static bool reads_a_file(void)
{
	return elsewhere[0] == 'a' && elsewhere[2] == 'c' && is_as_it_was();
}

static bool exec_only(void)
{
	return true;
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

/* The map is read anew once in 16 forks, and when what is learned changes: here
 * it has not been, most times. */
enum { TIMES = 6, FEW = 3 };

static void a_few(void)
{
	for (int n = 0; n < FEW; n++)
		exits_with(a_child(exec_only), 4);
}

/* What it has given back of the heap a child may ask for again. */
static uintptr_t heap_end;

static bool heap_grows(void)
{
	volatile unsigned char *at = (unsigned char *)heap_end;
	uintptr_t end = heap_end + CHUNK;

	return (uintptr_t)vs_sys(SYS_brk, end) == end && at[0] == 0 &&
	       (at[0] = 5) && at[0] == 5;
}

START_TEST(heap_given_back)
{
	uintptr_t top;

	start(_i);
	heap_end = (uintptr_t)vs_sys(SYS_brk, 0);
	heap_end = (heap_end | (PAGE - 1)) + 1 + SIZE / 2;
	top = heap_end + SIZE / 2;
	for (int n = 0; n < TIMES; n++) {
		ck_assert_uint_eq(vs_sys(SYS_brk, top), top);
		a_few();
		ck_assert_uint_eq(vs_sys(SYS_brk, 0), top); /* nobody else's */
		vs_sys(SYS_brk, heap_end);
		exits_with(a_child(heap_grows), 4);
	}
}
END_TEST

/* Where there was memory that was not copied, and was not touched either. */
static bool reads_there(void)
{
	return elsewhere[0] == WRITTEN && elsewhere[PAGE] == WRITTEN;
}

START_TEST(shared_in_its_place)
{
	start(_i);
	elsewhere = area + SIZE / 2;
	for (int n = 0; n < TIMES; n++) {
		map_over(elsewhere, SIZE / 4, MAP_PRIVATE, -1);
		a_few();
		map_over(elsewhere, SIZE / 4, MAP_SHARED, -1);
		elsewhere[0] = elsewhere[PAGE] = WRITTEN;
		exits_with(a_child(reads_there), 4);
	}
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

struct pages {
	unsigned long lo, hi;
};

/* Where the clock is not a virtual machine's, nobody reads these pages of the
 * kernel's (Linux 6.13). The mark of a transaction would stay on them. */
static struct pages clock_pages(void)
{
	struct pages at = {0, 0};
	FILE *maps = fopen("/proc/self/maps", "r");
	FILE *source = fopen("/sys/devices/system/clocksource/clocksource0/"
			     "current_clocksource",
			     "r");
	char line[512];

	if (source && fgets(line, sizeof(line), source) &&
	    !strcmp(line, "tsc\n"))
		while (fgets(line, sizeof(line), maps))
			if (strstr(line, "[vvar_vclock]"))
				sscanf(line, "%lx-%lx", &at.lo, &at.hi);
	if (source)
		fclose(source);
	fclose(maps);
	return at;
}

/* VmFlags of proc_pid_smaps(5): "dc", not copied by fork(). */
static bool is_marked(volatile void *at)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long lo, hi;
	bool there = false, marked = false;
	char line[512];

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &lo, &hi) == 2)
			there = lo <= (uintptr_t)at && (uintptr_t)at < hi;
		else if (there && !strncmp(line, "VmFlags:", 8))
			marked = strstr(line, " dc") != NULL;
	}
	fclose(smaps);
	return marked;
}

START_TEST(the_kernels_own)
{
	struct pages from = clock_pages();
	size_t size = from.hi - from.lo;

	if (!size)
		return;
	start(_i);
	elsewhere = area + SIZE / 2;
	for (int n = 0; n < TIMES; n++) {
		volatile unsigned char *to = elsewhere + n * CHUNK;

		a_few();
		ck_assert_ptr_eq(mremap((void *)from.lo, size, size,
					MREMAP_MAYMOVE | MREMAP_FIXED, to),
				 (void *)to);
		exits_with(a_child(exec_only), 4);
		ck_assert(!is_marked(to));
		exits_with(a_child(exec_only), 4);
		ck_assert(!is_marked(to));
		from.lo = (uintptr_t)to;
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

int main(void)
{
	TCase *tcase = tcase_create("learned");

	tcase_add_loop_test(tcase, new_values_each_time, 0, WAYS);
	tcase_add_loop_test(tcase, a_child_that_stays, 0, WAYS);
	tcase_add_loop_test(tcase, made_read_only, 0, WAYS);
	tcase_add_loop_test(tcase, closed_for_a_while, 0, WAYS);
	tcase_add_loop_test(tcase, unmapped, 0, WAYS);
	tcase_add_loop_test(tcase, opened_beside, 0, WAYS);
	tcase_add_loop_test(tcase, heap_given_back, 0, WAYS);
	tcase_add_loop_test(tcase, shared_in_its_place, 0, WAYS);
	tcase_add_loop_test(tcase, mapped_anew, 0, WAYS);
	tcase_add_loop_test(tcase, made_shared, 0, WAYS);
	tcase_add_loop_test(tcase, much_made_shared, 0, WAYS);
	tcase_add_loop_test(tcase, made_a_files, 0, WAYS);
	tcase_add_loop_test(tcase, the_kernels_own, 0, WAYS);
	tcase_add_loop_test(tcase, marked_by_the_program, 0, WAYS);
	tcase_set_timeout(tcase, 60);
	return run_suite("fork_learned", tcase);
}

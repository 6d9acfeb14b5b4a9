/* SPDX-License-Identifier: MIT
 *
 * Memory that the application itself keeps from its children, as libraries
 * for RDMA do with what a device writes to, and as V8 does: its marks are
 * where it has put them, after children of every kind.
 */
#include <stdatomic.h>
#include <pthread.h>

#include "around.h"

enum { SIZE = 8 << 20, MARKS = 64 };

static char *area;

static void map_area(void)
{
	area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
	memset(area, 'a', SIZE);
}

/* Every mapping with the mark, as text. */
static void marks(char *text, size_t size)
{
	static char smaps[8 << 20];
	char *line, *rest, *save = NULL, range[64] = "";
	size_t used = 0;

	read_into("/proc/self/smaps", smaps, sizeof(smaps));
	text[0] = '\0';
	rest = smaps;
	while ((line = strtok_r(rest, "\n", &save))) {
		rest = NULL;
		if (strspn(line, "0123456789abcdef") > 6)
			snprintf(range, sizeof(range), "%.*s",
				 (int)strcspn(line, " "), line);
		if (!strncmp(line, "VmFlags:", 8) &&
		    (strstr(line, " dc") || strstr(line, " wf")))
			used += (size_t)snprintf(
				text + used, size - used, "%s%s%s\n", range,
				strstr(line, " dc") ? " dontfork" : "",
				strstr(line, " wf") ? " wipeonfork" : "");
	}
}

typedef int (*advise)(void *, size_t, int);

static int by_function(void *at, size_t size, int advice)
{
	return madvise(at, size, advice);
}

static int by_number(void *at, size_t size, int advice)
{
	return (int)syscall(SYS_madvise, at, size, advice);
}

static const advise advisers[] = {by_function, by_number};
static advise adviser;

/* A child that reads there, and ends with 4. */
static pid_t reader(char *at, bool execs)
{
	pid_t pid = fork();

	if (!pid) {
		if (*(volatile char *)at != 'a')
			_exit(50);
		if (execs)
			become_program();
		_exit(4);
	}
	return pid;
}

/* A child may not reach what is marked, and may reach the rest. */
static void child_lacks(char *at)
{
	dies_by(reader(at, false), SIGSEGV);
	dies_by(reader(at, true), SIGSEGV);
}

static void child_has(char *at)
{
	exits_with(reader(at, false), 4);
	exits_with(reader(at, true), 4);
}

/* Pages here and there, and a big block of its own. */
static void marked(void)
{
	static char before[65536], after[65536];
	char *block;

	map_area();
	block = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	all_ways();
	marks(before, sizeof(before));
	/* libc itself may have memory that is wiped (glibc 2.41). */
	ck_assert_ptr_null(strstr(before, "dontfork"));
	ck_assert_int_eq(adviser(block, SIZE, MADV_DONTFORK), 0);
	for (int i = 0; i < MARKS; i++)
		ck_assert_int_eq(
			adviser(area + 2L * i * CHUNK, PAGE, MADV_DONTFORK), 0);
	marks(before, sizeof(before));
	ck_assert_ptr_nonnull(strstr(before, "dontfork"));
	all_ways();
	marks(after, sizeof(after));
	same_text(after, before);
	child_lacks(block);
	child_lacks(area);
	child_lacks(area + 2L * (MARKS - 1) * CHUNK);
	child_has(area + PAGE);
	child_has(area + SIZE - 1);
	marks(after, sizeof(after));
	same_text(after, before);
	ck_assert_int_eq(adviser(area, SIZE, MADV_DOFORK), 0);
	child_has(area);
	child_lacks(block);
}

START_TEST(dont_fork)
{
	adviser = advisers[_i];
	commits(marked);
}
END_TEST

static void wiped(void)
{
	static char before[4096], after[4096];

	map_area();
	ck_assert_int_eq(adviser(area, SIZE, MADV_WIPEONFORK), 0);
	marks(before, sizeof(before));
	all_ways();
	for (int execs = 0; execs < 2; execs++) {
		pid_t pid = fork();

		if (!pid) {
			if (!all_bytes(area, SIZE, 0))
				_exit(50);
			if (execs)
				become_program();
			_exit(4);
		}
		exits_with(pid, 4);
	}
	marks(after, sizeof(after));
	same_text(after, before);
	ck_assert(all_bytes(area, SIZE, 'a'));
}

START_TEST(wipe_on_fork)
{
	adviser = advisers[_i];
	commits(wiped);
}
END_TEST

/* A mark goes where its mapping goes, and with it. */
static void *move(void *old, size_t size, size_t new_size)
{
	if (adviser == by_function)
		return mremap(old, size, new_size, MREMAP_MAYMOVE);
	return (void *)syscall(SYS_mremap, old, size, new_size, MREMAP_MAYMOVE,
			       NULL);
}

static void moved(void)
{
	char *wall;

	map_area();
	ck_assert_int_eq(adviser(area, SIZE, MADV_DONTFORK), 0);
	/* Something behind it, so that it cannot grow in place. */
	wall = mmap(area + SIZE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	ck_assert_ptr_ne(wall, MAP_FAILED);
	area = move(area, SIZE, 2 * SIZE);
	ck_assert_ptr_ne(area, MAP_FAILED);
	all_ways();
	child_lacks(area);
	child_lacks(area + SIZE);
	ck_assert_int_eq(munmap(area, 2 * SIZE), 0);
	map_area();
	child_has(area);
}

START_TEST(mark_moves)
{
	adviser = advisers[_i];
	commits(moved);
}
END_TEST

/* While another thread has children, of both kinds, one registers memory and
 * releases it. */
static atomic_bool stop;

static void *has_children(void *argument)
{
	while (!stop) {
		exits_with(by_fork(), 4);
		exits_with(by_fork_alone(), 4);
	}
	return argument;
}

/* In a list of marks(). What is beside it may be marked, too, as long as a
 * transaction lasts, and is the same mapping then. */
static bool is_marked(const char *text, unsigned long at)
{
	unsigned long lo, hi;
	char mark[16];

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (sscanf(text, "%lx-%lx %15s", &lo, &hi, mark) == 3 &&
		    lo <= at && at < hi && !strcmp(mark, "dontfork"))
			return true;
	}
	return false;
}

static void all_marked(void)
{
	static char text[1 << 20];

	marks(text, sizeof(text));
	for (int i = 0; i < MARKS; i++) {
		unsigned long at = (unsigned long)area + 2UL * i * CHUNK;

		ck_assert_msg(is_marked(text, at), "%lx is lost", at);
	}
}

static void registers(void)
{
	pthread_t ids[2];

	map_area();
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
			pthread_create(&ids[i], NULL, has_children, NULL), 0);
	for (int n = 0; n < 200; n++) {
		for (int i = 0; i < MARKS; i++)
			adviser(area + 2L * i * CHUNK, PAGE, MADV_DONTFORK);
		all_marked();
		if (n % 10 == 0)
			child_lacks(area);
		adviser(area, SIZE, MADV_DOFORK);
		if (n % 10 == 0)
			child_has(area);
	}
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(ids[i], NULL);
}

START_TEST(while_others_fork)
{
	adviser = advisers[_i];
	commits(registers);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("marks");

	tcase_add_loop_test(tcase, dont_fork, 0, LENGTH(advisers));
	tcase_add_loop_test(tcase, wipe_on_fork, 0, LENGTH(advisers));
	tcase_add_loop_test(tcase, mark_moves, 0, LENGTH(advisers));
	tcase_add_loop_test(tcase, while_others_fork, 0, LENGTH(advisers));
	return run_scenes("around: marks", tcase, argv);
}

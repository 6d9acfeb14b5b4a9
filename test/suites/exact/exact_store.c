/* SPDX-License-Identifier: MIT
 *
 * What a program hands to its children is nobody else's to see: not its own
 * afterwards, in places that it does not know of and cannot erase; not that of
 * earlier children that it trusts less. And one that has become a user whom the
 * program may not send signals is not waited for.
 */
#include <pthread.h>
#include <sched.h>

#include "around.h"

enum { NOBODY = 65534, OTHER = 12345, STEP = 16384 / 8, FORKS = 8 };

/* ---- words of the heap, wherever they are ---- */

/* Of heap_word()'s factor, by Newton. */
static uint64_t inverse(uint64_t of)
{
	uint64_t x = of;

	for (int i = 0; i < 6; i++)
		x *= 2 - of * x;
	return x;
}

static int words_in(const uint64_t *lo, const uint64_t *hi)
{
	const uint64_t factor = inverse(heap_word(0));
	int n = 0;

	for (; lo < hi; lo++)
		n += *lo * factor - 1 < HEAP / sizeof(*heap);
	return n;
}

/* In memory that others may have, too. */
static int words_in_shared_memory(void)
{
	static char text[1 << 20];
	unsigned long lo, hi;
	char *line = text, perms[8];
	int n = 0;

	read_into("/proc/self/maps", text, sizeof(text));
	for (; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%lx-%lx %7s", &lo, &hi, perms) == 3 &&
		    !strcmp(perms, "rw-s"))
			n += words_in((const uint64_t *)lo,
				      (const uint64_t *)hi);
	}
	return n;
}

/* ---- who is served ---- */

static void *waits(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static bool is_threaded;

static void be_served(void)
{
	pthread_t thread;

	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
	if (is_threaded)
		ck_assert_int_eq(pthread_create(&thread, NULL, waits, NULL), 0);
}

/* The same places each time, and others. */
static bool reads(int n)
{
	for (size_t i = 0; i < 20; i++) {
		size_t other = ((size_t)n * 100 + i * 3 + 1000) * STEP;

		if (heap[i * 7 * STEP] != heap_word(i * 7 * STEP) ||
		    heap[other] != heap_word(other))
			return false;
	}
	return true;
}

static void readers(void)
{
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (reads(n))
				become_program();
			_exit(50);
		}
		exits_with(pid, 4);
	}
}

/* ---- afterwards ---- */

static void leaves_nothing(void)
{
	be_served();
	readers();
	ck_assert_int_eq(words_in_shared_memory(), 0);
}

START_TEST(nothing_is_left)
{
	is_threaded = _i;
	commits(leaves_nothing);
}
END_TEST

/* ---- other children ---- */

static int told[2];

/* It looks all the time, until its parent has no more to say. */
static int spies(void *unused UNUSED)
{
	char byte;

	close(told[1]);
	fcntl(told[0], F_SETFL, O_NONBLOCK);
	do {
		if (words_in_shared_memory())
			_exit(51);
	} while (read(told[0], &byte, 1) < 0);
	_exit(4);
}

static pid_t spy(void)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	pid_t pid;

	if (!is_threaded)
		return clone(spies, stack + sizeof(stack), SIGCHLD, NULL);
	pid = fork();
	if (!pid)
		spies(NULL);
	return pid;
}

static void is_spied_upon(void)
{
	pid_t pid;

	be_served();
	readers();
	ck_assert_int_eq(pipe(told), 0);
	pid = spy();
	readers();
	close(told[1]);
	exits_with(pid, 4);
}

START_TEST(nothing_is_seen)
{
	is_threaded = _i;
	commits(is_spied_upon);
}
END_TEST

/* ---- another user ---- */

static volatile int *returned;

static void outlives(void)
{
	pid_t pid;

	if (geteuid())
		skip("not root");
	ck_assert_int_eq(seteuid(NOBODY), 0);
	readers();
	pid = fork();
	if (!pid) {
		if (seteuid(0) || setresuid(OTHER, OTHER, OTHER))
			_exit(52);
		while (!*returned)
			;
		become_program();
	}
	*returned = 1;
	exits_with(pid, 4);
}

START_TEST(is_another_user)
{
	returned = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne((void *)returned, MAP_FAILED);
	commits(outlives);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("store");

	tcase_add_loop_test(tcase, nothing_is_left, 0, 2);
	tcase_add_loop_test(tcase, nothing_is_seen, 0, 2);
	tcase_add_test(tcase, is_another_user);
	return run_scenes("exact: what is handed over", tcase, argv);
}

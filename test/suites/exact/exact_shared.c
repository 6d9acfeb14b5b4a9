/* SPDX-License-Identifier: MIT
 *
 * Many shared mappings, each for itself or one beside the other: there are
 * transactions all the same, and what a child writes to any of them reaches its
 * parent once.
 */
#include "around.h"

enum { MOST = 5000 };

static const int numbers[] = {140, 300, MOST};
static int number;
static bool adjacent;
static char *at[MOST];

/* In memory of their own, or of one file, so that the kernel joins none; with
 * nothing between them, or a page of nothing. */
static void map_all(void)
{
	int step = adjacent ? 1 : 2;
	char *place = mmap(NULL, (size_t)number * step * PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = memfd_create("shared", MFD_CLOEXEC);

	ck_assert_int_eq(ftruncate(fd, (off_t)number * PAGE), 0);
	for (int i = 0; i < number; i++) {
		char *to = place + (size_t)i * step * PAGE;
		int flags = MAP_SHARED | MAP_FIXED;

		/* A file's pages in another order. */
		at[i] = i % 2 ? mmap(to, PAGE, PROT_READ | PROT_WRITE,
				     flags | MAP_ANONYMOUS, -1, 0)
			      : mmap(to, PAGE, PROT_READ | PROT_WRITE, flags,
				     fd, (off_t)(number - 1 - i) * PAGE);
		ck_assert_ptr_eq(at[i], to);
		*at[i] = 1;
	}
	close(fd);
}

/* The first, the last, and those where a table of the library might end. */
static const int indices[] = {0,   1,	63,  64,  127,	128,  139,  255,
			      256, 299, 511, 512, 1023, 1024, 4095, MOST - 1};

static bool all_are(char value, int but, char other)
{
	for (int i = 0; i < number; i++) {
		if (*at[i] != (i == but ? other : value))
			return false;
	}
	return true;
}

static void execs(void)
{
	map_all();
	for (int n = 0; n < 3; n++)
		exits_with(by_fork(), 4);
	ck_assert(all_are(1, -1, 0));
}

START_TEST(commit)
{
	number = numbers[_i / 2];
	adjacent = _i % 2;
	commits(execs);
}
END_TEST

/* ---- writes ---- */

static void count(int i)
{
	++*(volatile char *)at[i];
}

static void count_atomically(int i)
{
	/* A word: not every CPU has an atomic addition to a byte. */
	enum {
		FIRST = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 1 << 24
	};

	__atomic_add_fetch((int *)(void *)at[i], FIRST, __ATOMIC_SEQ_CST);
}

/* The kernel writes: how much is in a pipe of the child's. */
static void let_read(int i)
{
	int fds[2];

	if (pipe(fds) || write(fds[1], "\2", 1) != 1 ||
	    read(fds[0], at[i], 1) != 1)
		_exit(50);
}

static void let_answer(int i)
{
	char was = *at[i];

	if (!getcwd(at[i], PAGE))
		_exit(50);
	*at[i] = (char)(was + 1);
}

static void (*const writers[])(int) = {count, count_atomically, let_read,
				       let_answer};

/* Before they exec, or exit. */
static void writes(void)
{
	map_all();
	for (int n = 0; n < LENGTH(indices) && indices[n] < number; n++) {
		int i = indices[n];
		pid_t pid = fork();

		if (!pid) {
			writers[n % LENGTH(writers)](i);
			if (n % 3)
				exec_exit_static(4);
			_exit(4);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(*at[i], 2);
		ck_assert(all_are(1, i, 2));
		*at[i] = 1;
	}
}

/* A child that writes to all. */
static void writes_to_all(void)
{
	pid_t pid;

	map_all();
	pid = fork();
	if (!pid) {
		for (int i = number; i--;)
			count(i);
		exec_exit_static(4);
	}
	exits_with(pid, 4);
	ck_assert(all_are(2, -1, 0));
}

/* And one that makes them readable only, and writable again. */
static void changes_protection(void)
{
	pid_t pid;

	map_all();
	pid = fork();
	if (!pid) {
		int i = number / 2;

		mprotect(at[i], PAGE, PROT_READ);
		mprotect(at[i], PAGE, PROT_READ | PROT_WRITE);
		count(i);
		exec_exit_static(4);
	}
	exits_with(pid, 4);
	ck_assert_int_eq(*at[number / 2], 2);
	ck_assert(all_are(1, number / 2, 2));
}

START_TEST(written_once)
{
	number = numbers[_i / 2];
	adjacent = _i % 2;
	works(writes);
	works(writes_to_all);
	works(changes_protection);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("shared");

	tcase_add_loop_test(tcase, commit, 0, 2 * LENGTH(numbers));
	tcase_add_loop_test(tcase, written_once, 0, 2 * LENGTH(numbers));
	return run_scenes("exact: many shared mappings", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 *
 * Daemons whose memory in /proc is closed to themselves: root that has become
 * another user, for good or for a while, and what has called
 * prctl(PR_SET_DUMPABLE, 0); with and without threads. Their children find the
 * memory that they would natively, and are made by transactions.
 */
#include <grp.h>

#include "around.h"
#include "writers.h"

enum { NOBODY = 65534, OTHER = 12345, FORKS = 12 };
enum { STEP = 16384 / 8 }; /* words: what is brought in at once */

/* ---- how it is closed ---- */

static void for_good(void)
{
	if (geteuid())
		skip("not root");
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

static void for_a_while(void)
{
	if (geteuid())
		skip("not root");
	ck_assert_int_eq(seteuid(NOBODY), 0);
}

static void by_its_wish(void)
{
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
}

static void as_nobody(void)
{
	for_good();
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
}

/* Not closed: what has threads is served as well. */
static void not_at_all(void)
{
}

static void (*const ways_to_close[])(void) = {
	for_good, for_a_while, by_its_wish, as_nobody, not_at_all};
enum { CLOSED = LENGTH(ways_to_close) - 1 };

/* ---- what children do ---- */

static bool is_there(size_t i)
{
	bool good = heap[i] == heap_word(i);

	heap[i] = 1;
	return good && ((volatile uint64_t *)heap)[i] == 1;
}

/* In places that are the same each time, in others, and in a row. */
static bool finds_memory(int n)
{
	size_t other = (size_t)n * 7919 * 512;

	for (size_t i = 0; i < 30; i++) {
		if (!is_there(i * 5 * STEP + i) ||
		    !is_there((other + i * 13 * STEP) % THEIRS / 5 * 5 + 4))
			return false;
	}
	for (size_t i = 200 * STEP; i < 230 * STEP; i++) {
		if (!is_there(i * 5 % THEIRS / 5 * 5 + 3))
			return false;
	}
	return true;
}

static void finds(int n)
{
	pid_t pid = n % 3 ? fork() : _Fork();

	if (!pid) {
		if (finds_memory(n))
			become_program();
		_exit(50);
	}
	exits_with(pid, 4);
}

/* Its user is what it would be, and it may become whom it might. */
static bool changes_user(uid_t real, uid_t saved, int dumpable)
{
	int may = !saved || saved == OTHER ? 0 : -1;
	uid_t now[3];

	if (prctl(PR_GET_DUMPABLE) != dumpable || setuid(getuid()))
		return false;
	if (seteuid(saved) && saved != NOBODY)
		return false;
	if (setresuid(OTHER, OTHER, OTHER) != may)
		return false;
	getresuid(&now[0], &now[1], &now[2]);
	return now[0] == (may ? real : OTHER) && is_there(4711);
}

static void becomes(void)
{
	int dumpable = prctl(PR_GET_DUMPABLE);
	uid_t real, effective, saved;
	pid_t pid;

	getresuid(&real, &effective, &saved);
	pid = fork();
	if (!pid) {
		if (changes_user(real, saved, dumpable))
			become_program();
		_exit(51);
	}
	exits_with(pid, 4);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), dumpable);
}

/* What it may open of itself is what it may natively. */
static int errors_in_proc(void)
{
	static const char *const files[] = {"/proc/self/mem",
					    "/proc/self/pagemap",
					    "/proc/self/fd", "/proc/self/maps"};
	int sum = 0, fd;

	for (int i = 0; i < LENGTH(files); i++) {
		fd = open(files[i], O_RDONLY);
		sum = sum * 200 + (fd < 0 ? errno : 0);
		close(fd);
	}
	return sum;
}

static void looks(void)
{
	int errors = errors_in_proc(), fds = open_fds();
	pid_t pid = fork();

	if (!pid) {
		if (open("/proc/self/mem", O_RDONLY) >= 0 && errors)
			_exit(52);
		become_program();
	}
	exits_with(pid, 4);
	ck_assert_int_eq(errors_in_proc(), errors);
	ck_assert_int_eq(open_fds(), fds);
}

static bool parents_is_kept(void)
{
	for (size_t i = 0; i < THEIRS; i++) {
		if (heap[i] != heap_word(i))
			return false;
	}
	return true;
}

static void (*closing)(void);

static void alone(void)
{
	closing();
	for (int n = 0; n < FORKS; n++)
		finds(n);
	becomes();
	looks();
	all_ways();
	ck_assert(parents_is_kept());
}

static void with_threads(void)
{
	start_threads();
	alone();
	end_threads();
}

/* Closed, and open again. */
static void now_and_then(void)
{
	for (int n = 0; n < FORKS; n++) {
		ck_assert_int_eq(prctl(PR_SET_DUMPABLE, n % 2), 0);
		finds(n);
	}
}

START_TEST(single)
{
	closing = ways_to_close[_i];
	commits(alone);
}
END_TEST

START_TEST(threaded)
{
	closing = ways_to_close[_i];
	commits(with_threads);
}
END_TEST

START_TEST(changing)
{
	commits(now_and_then);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("undumpable");

	tcase_add_loop_test(tcase, single, 0, CLOSED);
	tcase_add_loop_test(tcase, threaded, 0, CLOSED + 1);
	tcase_add_test(tcase, changing);
	return run_scenes("fork: undumpable", tcase, argv);
}

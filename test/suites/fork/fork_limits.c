/* SPDX-License-Identifier: MIT
 *
 * fork() where something runs out.
 */
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "state.h"

/* A user id that nobody else has; not root, whom few limits bind. */
static void become_nobody(void)
{
	uid_t id = 60000 + (uid_t)getpid();

	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(id, id, id), 0);
	ck_assert_int_eq(setresuid(id, id, id), 0);
}

static void limit(int resource, rlim_t value)
{
	struct rlimit l = {.rlim_cur = value, .rlim_max = value};

	ck_assert_int_eq(setrlimit(resource, &l), 0);
}

/* Copied before its user changes. */
static const char *program;

static void execs(void)
{
	execl(program, "state", "exit", "4", NULL);
}

static void exits_directly(void)
{
	_exit(heap[123456] == heap_word(123456) ? 4 : 50);
}

/* All children that may be are there: fork() fails, and works again. */
START_TEST(processes)
{
	enum { MAX = 5 };
	pid_t pids[MAX], pid;
	int fds[2], n = 0;

	if (getuid())
		return;
	program = shared_host("state");
	ck_assert_int_eq(pipe(fds), 0);
	become_nobody();
	limit(RLIMIT_NPROC, MAX);
	while ((pid = fork()) > 0 && n < MAX)
		pids[n++] = pid;
	if (!pid) {
		close(fds[1]);
		_exit(read(fds[0], &n, 1) ? 50 : 4);
	}
	ck_assert_int_eq(pid, -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(n, MAX - 1);
	close(fds[1]);
	while (n)
		exits_with(pids[--n], 4);
	/* One at a time leaves no room for two. */
	limit(RLIMIT_NPROC, 2);
	both_exit(execs, 4);
	both_exit(exits_directly, 4);
}
END_TEST

/* No room for even one small mapping more. */
START_TEST(address_space)
{
	char *text = slurp("/proc/self/statm");
	rlim_t size = (rlim_t)atol(text) * PAGE;

	program = shared_host("state");
	free(text);
	limit(RLIMIT_AS, size);
	both_exit(execs, 4);
	both_exit(exits_directly, 4);
	limit(RLIMIT_AS, PAGE);
	both_exit(exits_directly, 4);
	both_exit(exits_directly, 4);
}
END_TEST

START_TEST(locked_memory)
{
	program = shared_host("state");
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return;
	both_exit(execs, 4);
	both_exit(exits_directly, 4);
	munlockall();
}
END_TEST

/* A process that may not be looked into, by another user or by itself. */
START_TEST(undumpable)
{
	program = shared_host("state");
	prctl(PR_SET_DUMPABLE, 0);
	both_exit(execs, 4);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
	prctl(PR_SET_DUMPABLE, 1);
	both_exit(execs, 4);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	if (getuid())
		return;
	become_nobody();
	both_exit(execs, 4);
	both_exit(exits_directly, 4);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
}
END_TEST

/* A child that gives up its rights still gets at memory not yet copied. */
static void drops_rights(void)
{
	uid_t id = 61234;

	if (setgroups(0, NULL) || setresgid(id, id, id) ||
	    setresuid(id, id, id))
		_exit(50);
	if (heap[3000000] != heap_word(3000000) || geteuid() != id)
		_exit(51);
	execs();
}

START_TEST(child_drops_rights)
{
	if (getuid())
		return;
	program = shared_host("state");
	both_exit(drops_rights, 4);
	ck_assert_int_eq(getuid(), 0);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("limits");

	tcase_add_test(tcase, processes);
	tcase_add_test(tcase, address_space);
	tcase_add_test(tcase, locked_memory);
	tcase_add_test(tcase, undumpable);
	tcase_add_test(tcase, child_drops_rights);
	return run_suite("fork: limits", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Where something is short: descriptors, processes, address space, stack,
 * locked memory.
 */
#include <grp.h>

#include "around.h"

/* The soft one: the summary at the end must be possible. */
static void limit(int resource, rlim_t value)
{
	struct rlimit l;

	ck_assert_int_eq(getrlimit(resource, &l), 0);
	l.rlim_cur = value < l.rlim_max ? value : l.rlim_max;
	ck_assert_int_eq(setrlimit(resource, &l), 0);
}

static void limited(int resource, rlim_t value)
{
	struct rlimit before;

	getrlimit(resource, &before);
	limit(resource, value);
	all_ways();
	limit(resource, before.rlim_cur);
}

static void small_stack(void)
{
	limited(RLIMIT_STACK, 64 << 10);
	limited(RLIMIT_STACK, 1 << 20);
	limited(RLIMIT_STACK, RLIM_INFINITY);
}

START_TEST(stack)
{
	commits(small_stack);
}
END_TEST

/* Only the free descriptors: `spare` of them, between others that are used. */
static void with_descriptors(int spare)
{
	int fds[200], n = 0;

	limit(RLIMIT_NOFILE, 100);
	while (n < LENGTH(fds) && (fds[n] = dup(2)) >= 0)
		n++;
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_int_gt(n, 2 * spare);
	for (int i = 0; i < spare; i++)
		close(fds[2 * i]);
	all_ways();
	for (int i = 0; i < n; i++)
		close(fds[i]);
}

static void no_descriptor(void)
{
	with_descriptors(0);
}

static void few_descriptors(void)
{
	with_descriptors(3);
}

START_TEST(descriptors)
{
	works(no_descriptor);
	commits(few_descriptors);
}
END_TEST

/* One child at a time, and none beside it. */
static void one_child(void)
{
	uid_t id = 60000 + (uid_t)getpid() % 5000;

	if (getuid())
		skip("not root");
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(id, id, id), 0);
	ck_assert_int_eq(setresuid(id, id, id), 0);
	/* As after an exec, which is how daemons get there, too. */
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
	limit(RLIMIT_NPROC, 2);
	all_ways();
	limit(RLIMIT_NPROC, 1);
	for (int i = 0; i < LENGTH(ways); i++) {
		errno = 0;
		ck_assert_int_eq(ways[i](), -1);
		ck_assert_int_eq(errno, EAGAIN);
	}
}

START_TEST(processes)
{
	commits(one_child);
}
END_TEST

static rlim_t virtual_size(void)
{
	char *text = slurp("/proc/self/statm");
	rlim_t size = (rlim_t)atol(text) * PAGE;

	free(text);
	return size;
}

/* No more than libc's posix_spawn needs for the stack of its child. */
static void full_address_space(void)
{
	all_ways();
	limited(RLIMIT_AS, virtual_size() + (256 << 10));
}

START_TEST(address_space)
{
	commits(full_address_space);
}
END_TEST

/* Private writable memory, which a child's holes are not. */
static void full_data(void)
{
	all_ways();
	limited(RLIMIT_DATA, virtual_size());
	limited(RLIMIT_DATA, HEAP + (8 << 20));
}

START_TEST(data)
{
	commits(full_data);
}
END_TEST

/* By each call that can make more of it; how many refuse. */
static int refusals(size_t more)
{
	int writable = PROT_READ | PROT_WRITE, n = 0;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *at = mmap(NULL, more, writable, flags, -1, 0);
	long top = vs_sys(SYS_brk, 0);

	n += at == MAP_FAILED;
	/* Not sbrk(), with which musl makes none. */
	n += vs_sys(SYS_brk, top + (long)more) != top + (long)more;
	at = mmap(NULL, more, PROT_NONE, flags, -1, 0);
	n += mprotect(at, more, writable) == -1;
	at = mmap(NULL, PAGE, writable, flags, -1, 0);
	n += mremap(at, PAGE, more, MREMAP_MAYMOVE) == MAP_FAILED;
	return n;
}

/* Each answer is the program's to give: a child that exits is not asked. */
static void asks_for_more(void)
{
	limit(RLIMIT_DATA, HEAP + HEAP / 4);
	for (int n = 0; n < 4; n++) {
		pid_t pid = fork();

		if (!pid)
			exec_exit_static(refusals(n % 2 ? HEAP / 2 : CHUNK));
		exits_with(pid, n % 2 ? 4 : 0);
	}
}

START_TEST(more_data)
{
	commits(asks_for_more);
}
END_TEST

static void little_of_the_rest(void)
{
	limited(RLIMIT_MEMLOCK, 0);
	limited(RLIMIT_CORE, 0);
	limited(RLIMIT_RSS, PAGE);
	limited(RLIMIT_NICE, 0);
	limited(RLIMIT_MSGQUEUE, 0);
}

START_TEST(rest)
{
	commits(little_of_the_rest);
}
END_TEST

/* A transaction needs two timers. */
static void no_signals(void)
{
	limited(RLIMIT_SIGPENDING, 0);
}

START_TEST(signals)
{
	works(no_signals);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("limits");

	tcase_add_test(tcase, stack);
	tcase_add_test(tcase, descriptors);
	tcase_add_test(tcase, processes);
	tcase_add_test(tcase, address_space);
	tcase_add_test(tcase, data);
	tcase_add_test(tcase, more_data);
	tcase_add_test(tcase, rest);
	tcase_add_test(tcase, signals);
	return run_scenes("around: limits", tcase, argv);
}

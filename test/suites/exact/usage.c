/* SPDX-License-Identifier: MIT
 *
 * What a process's children have used: of a child that works for a while its
 * time is counted once, when it has been waited for, and not at all if SIGCHLD
 * is ignored. Processor time depends little on what else the machine does.
 */
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>

#include "util.h"

/* Of each child; of them all, what may come and go. */
enum { MS = 200, CHILDREN = 3, NEAR_0 = 20, NEAR = MS / 2 };

static void spin(void)
{
	struct timespec t;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	while (t.tv_sec == 0 && t.tv_nsec < MS * 1000000L);
}

static long ms(struct timeval t)
{
	return t.tv_sec * 1000 + t.tv_usec / 1000;
}

static long by_getrusage(void)
{
	struct rusage usage;

	ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return ms(usage.ru_utime) + ms(usage.ru_stime);
}

static long by_times(void)
{
	struct tms t;

	ck_assert(times(&t) != (clock_t)-1);
	return (t.tms_cutime + t.tms_cstime) * 1000 / sysconf(_SC_CLK_TCK);
}

static long (*const counts[])(void) = {by_getrusage, by_times};
static pid_t (*const forkers[])(void) = {fork, _Fork};
static long before[LENGTH(counts)];

static void used(long expected, const char *when)
{
	long margin = expected ? NEAR : NEAR_0;

	for (int i = 0; i < LENGTH(counts); i++) {
		long got = counts[i]() - before[i];

		ck_assert_msg(labs(got - expected) < margin,
			      "%s, count %d: %ld ms instead of about %ld", when,
			      i, got, expected);
	}
}

/* Three, because with each the difference would grow. */
static void workers(bool ignored)
{
	pid_t pids[CHILDREN];

	for (int i = 0; i < LENGTH(counts); i++)
		before[i] = counts[i]();
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = forkers[i % 2]();
		if (!pids[i]) {
			spin();
			_exit(4);
		}
	}
	used(0, "before it is waited for");
	for (int i = 0; i < CHILDREN; i++) {
		if (!ignored)
			exits_with(pids[i], 4);
		else
			ck_assert_int_eq(waitpid(pids[i], NULL, 0), -1);
	}
}

START_TEST(waited_for)
{
	workers(false);
	used((long)CHILDREN * MS, "waited for");
}
END_TEST

START_TEST(ignored)
{
	signal(SIGCHLD, SIG_IGN);
	workers(true);
	used(0, "SIGCHLD is ignored");
}
END_TEST

START_TEST(not_to_be_waited_for)
{
	struct sigaction action = {.sa_handler = SIG_DFL,
				   .sa_flags = SA_NOCLDWAIT};

	sigaction(SIGCHLD, &action, NULL);
	workers(true);
	used(0, "SA_NOCLDWAIT");
}
END_TEST

/* ---- beside children that exec ---- */

/* What a program has used that the child has become counts, too. */
START_TEST(programs)
{
	static const char work[] =
		"i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done";
	long took[2];

	for (int natively = 0; natively < 2; natively++) {
		took[natively] = -by_getrusage();
		for (int i = 0; i < CHILDREN; i++) {
			pid_t pid = natively ? raw_fork() : fork();

			if (!pid) {
				execl("/bin/sh", "sh", "-c", work, NULL);
				_exit(99);
			}
			exits_with(pid, 0);
		}
		took[natively] += by_getrusage();
	}
	/* Processors are not always as fast. */
	ck_assert_int_gt(took[1], 10);
	ck_assert_msg(took[0] > took[1] / 3 && took[0] < 3 * took[1],
		      "%ld ms instead of about %ld", took[0], took[1]);
}
END_TEST

/* Not what its parent's have used that were thrown away. */
static void has_no_children(char *said)
{
	struct rusage own, children = {0};
	const char *bytes = (const char *)&children;

	if (getrusage(RUSAGE_CHILDREN, &children))
		return;
	for (size_t i = 0; i < sizeof(children); i++) {
		if (bytes[i])
			return;
	}
	/* A copy has as much resident as its parent. */
	if (!getrusage(RUSAGE_SELF, &own) && own.ru_maxrss > HEAP / 1024)
		*said = '4';
}

START_TEST(of_a_child)
{
	workers(false);
	for (int i = 0; i < CHILDREN; i++) {
		char code[] = "5",
		     *argv[] = {"sh", "-c", "exit $0", code, NULL};
		pid_t pid = fork();

		if (!pid) {
			has_no_children(code);
			execv("/bin/sh", argv);
			_exit(99);
		}
		exits_with(pid, 4);
	}
}
END_TEST

/* Of what was rolled back its parent's account is put right, not its own. */
START_TEST(of_a_child_by_vfork)
{
	struct rusage usage;
	pid_t pid;

	for (int i = 0; i < CHILDREN; i++) {
		pid = fork();
		if (!pid)
			_exit(4);
		exits_with(pid, 4);
	}
	pid = vfork();
	if (!pid) {
		getrusage(RUSAGE_CHILDREN, &usage);
		_exit(usage.ru_minflt || usage.ru_nvcsw || usage.ru_nivcsw ? 50
									   : 4);
	}
	exits_with(pid, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("usage");

	tcase_add_test(tcase, waited_for);
	tcase_add_test(tcase, ignored);
	tcase_add_test(tcase, not_to_be_waited_for);
	tcase_add_test(tcase, programs);
	tcase_add_test(tcase, of_a_child);
	tcase_add_test(tcase, of_a_child_by_vfork);
	return run_suite("usage of children", tcase);
}

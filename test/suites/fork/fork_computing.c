/* SPDX-License-Identifier: MIT
 *
 * Children that compute, and never exec: after the first of them their parent
 * forks natively, and comes back from that when it would without the library.
 * What the library does right after the clone could make the kernel let the
 * child go first; and what it has done before could make each copy dearer. By
 * turns with a fork that the library does not see, on one processor.
 */
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "util.h"

enum { SIZE = 400 << 20, FORKS = 24, ROUNDS = 5, WORK_US = 10000 };

static double now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static _Noreturn void compute(void)
{
	while (now_us(CLOCK_PROCESS_CPUTIME_ID) < WORK_US)
		;
	_exit(4);
}

static pid_t unseen(void)
{
	return (pid_t)vs_sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* Until the parent is back. */
static double takes(pid_t (*forks)(void))
{
	double began = now_us(CLOCK_MONOTONIC);
	pid_t pid = forks();

	if (!pid)
		compute();
	began = now_us(CLOCK_MONOTONIC) - began;
	exits_with(pid, 4);
	return began;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double low(double *times)
{
	qsort(times, FORKS, sizeof(*times), compare);
	return times[FORKS / 4];
}

/* How much longer the library's takes. */
static double compared(void)
{
	double natively[FORKS], with[FORKS];

	for (int i = 0; i < FORKS; i++) {
		natively[i] = takes(unseen);
		with[i] = takes(fork);
	}
	return low(with) / low(natively);
}

static void stay_here(void)
{
	int cpu = sched_getcpu();
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* By this setting, after a transaction: that takes what it takes. */
static bool each_is_undone(void)
{
	const char *mode = getenv("VSPAWN_FORK");

	return mode && !strcmp(mode, "txn");
}

START_TEST(returns_as_soon)
{
	double ratio = 0;
	void *area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(area, MAP_FAILED);
	madvise(area, SIZE, MADV_NOHUGEPAGE);
	memset(area, 1, SIZE);
	stay_here();
	/* The machine may be busy. */
	for (int i = 0; i < ROUNDS; i++) {
		ratio = compared();
		if (ratio < 1.1 || each_is_undone())
			return;
	}
	ck_abort_msg("%.2f times what it takes without", ratio);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("computing");

	tcase_add_test(tcase, returns_as_soon);
	tcase_set_timeout(tcase, 60);
	return run_suite("fork: computing", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * What a child of vfork() sets as the action of SIGSYS is its own, as many set
 * all signals to their defaults before they exec, while other threads of its
 * parent fork: the first time, and once more. So is what becomes of it there,
 * where it is for one signal only.
 */
#include <pthread.h>
#include <sys/syscall.h>

#include "util.h"

enum { PROCESSES = 150, THREADS = 3, APART_US = 1500 };

static _Atomic bool stop;
static volatile sig_atomic_t handled;

static void counts(int sig)
{
	(void)sig;
	handled++;
}

static void sets(int n)
{
	static const unsigned long dfl[20];
	const struct sigaction act = {.sa_handler = SIG_DFL};
	struct sigaction was = {.sa_handler = counts}, now = {0};

	if (n % 2)
		syscall(SYS_rt_sigaction, SIGSYS, dfl, NULL, 8);
	else
		sigaction(SIGSYS, &act, &was);
	sigaction(SIGSYS, NULL, &now);
	_exit(was.sa_handler != counts	  ? 51
	      : now.sa_handler != SIG_DFL ? 52
					  : 4);
}

static void *vforks(void *unused)
{
	for (volatile int n = 0; !stop; n++) {
		pid_t pid = vfork();

		if (!pid)
			sets(n);
		exits_with(pid, 4);
	}
	return unused;
}

/* musl's raise() asks the thread's data for its id, which in a child by clone()
 * is still its parent's. */
static bool is_counted(void)
{
	int before = handled;

	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGSYS);
	return handled == before + 1;
}

static void in_child(void)
{
	_exit(is_counted() ? 4 : 53);
}

static void one_process(int n)
{
	pthread_t thread[THREADS];

	signal(SIGSYS, counts);
	for (int i = 0; i < THREADS; i++)
		ck_assert(!pthread_create(&thread[i], NULL, vforks, NULL));
	usleep((useconds_t)(n * 37 % APART_US));
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (!pid)
			in_child();
		exits_with(pid, 4);
		ck_assert(is_counted());
	}
	stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert(is_counted());
	_exit(4);
}

/* Each of them forks for the first time: a child by clone() knows nothing of
 * what its parent has done. */
START_TEST(of_vfork)
{
	for (int n = 0; n < PROCESSES; n++) {
		const long flags[2] = {[VS_CLONE_FLAGS] = SIGCHLD};
		pid_t pid =
			(pid_t)syscall(SYS_clone, flags[0], flags[1], 0, 0, 0);

		if (!pid)
			one_process(n);
		exits_with(pid, 4);
	}
}
END_TEST

static void *forks(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid) {
			exec_exit(4);
			_exit(99);
		}
		exits_with(pid, 4);
	}
	return unused;
}

static void takes_one(int before)
{
	struct sigaction now;

	syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), SIGSYS);
	sigaction(SIGSYS, NULL, &now);
	_exit(handled != before + 1 ? 51 : now.sa_handler != SIG_DFL ? 52 : 4);
}

START_TEST(for_one)
{
	const struct sigaction act = {.sa_handler = counts,
				      .sa_flags = (int)SA_RESETHAND};
	struct sigaction now;
	pthread_t thread;

	ck_assert(!sigaction(SIGSYS, &act, NULL));
	ck_assert(!pthread_create(&thread, NULL, forks, NULL));
	for (int n = 0; n < 2 * PROCESSES; n++) {
		int before = handled;
		pid_t pid = vfork();

		if (!pid)
			takes_one(before);
		exits_with(pid, 4);
		ck_assert(!sigaction(SIGSYS, NULL, &now));
		ck_assert(now.sa_handler == counts);
	}
	stop = true;
	pthread_join(thread, NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("handlers");

	tcase_add_test(tcase, of_vfork);
	tcase_add_test(tcase, for_one);
	return run_suite("fork: children of vfork() and SIGSYS", tcase);
}

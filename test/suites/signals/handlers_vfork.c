/* SPDX-License-Identifier: MIT
 *
 * What a child of vfork() sets as the action of SIGSYS is its own, as many set
 * all signals to their defaults before they exec, while other threads of its
 * parent fork: the first time, and once more.
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

int main(void)
{
	TCase *tcase = tcase_create("handlers");

	tcase_add_test(tcase, of_vfork);
	return run_suite("fork: children of vfork() and SIGSYS", tcase);
}

/* SPDX-License-Identifier: MIT
 * A fork() that is left by longjmp(), out of a fork handler or a signal's. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/time.h>

#include "three.h"

/* Whether libc lets it be left while a fork handler waits: glibc before 2.36
 * (BZ 24595), and musl, hold a lock of their own around the handlers. */
#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#	define FORK_CAN_BE_LEFT __GLIBC_PREREQ(2, 36)
#else
#	define FORK_CAN_BE_LEFT 0
#endif

static sigjmp_buf out;

static void nothing_is_left(void)
{
	struct sigaction sigsys;
	stack_t stack;

	ck_assert(!sigaltstack(NULL, &stack));
	ck_assert_int_eq(stack.ss_flags, SS_DISABLE);
	ck_assert(!sigaction(SIGSYS, NULL, &sigsys));
	ck_assert(sigsys.sa_handler == SIG_DFL);
}

/* ---- out of a fork handler ---- */

static bool prepare_leaves, parent_leaves, faults;
static volatile int *volatile nowhere;

static void leave(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

static void prepare(void)
{
	if (faults)
		*nowhere = 1;
	if (prepare_leaves)
		leave(0);
}

static void parent(void)
{
	if (parent_leaves)
		leave(0);
}

/* What is called after that writes to where fork() has been. */
static void write_to_stack(void)
{
	volatile char bytes[8192];

	memset((char *)bytes, 0x5a, sizeof(bytes));
}

static void has_mask(const sigset_t *expected)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int sig = 1; sig < 65; sig++) {
		if (sig < 32 || sig > 33)
			ck_assert_int_eq(sigismember(&set, sig),
					 sigismember(expected, sig));
	}
}

static void leave_once(bool with_mask, const sigset_t *mask)
{
	volatile bool left = false;

	if (sigsetjmp(out, with_mask)) {
		left = true;
	} else {
		if (!fork())
			exec_exit_static(4);
		_exit(50);
	}
	write_to_stack();
	has_mask(mask);
	ck_assert(left);
	if (parent_leaves) {
		int status;

		ck_assert_int_gt(waitpid(-1, &status, 0), 0);
		ck_assert_int_eq(status, 4 << 8);
	}
	prepare_leaves = parent_leaves = faults = false;
}

static void *forks(void *arg)
{
	three_children();
	return arg;
}

/* Out of the first handler, with the mask or without; out of that after the
 * child has been made; out of that for a fault of the first. Each is left twice
 * in a row, too. */
START_TEST(by_fork_handler)
{
	pthread_t thread;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signal(SIGSEGV, leave);
	pthread_atfork(prepare, parent, NULL);
	three_children();
	for (int i = 0; i < 12; i++) {
		prepare_leaves = _i < 2;
		parent_leaves = _i == 2 || _i == 3;
		faults = _i == 4;
		leave_once(_i % 2 || faults, &mask);
		if (i % 3) {
			three_children();
			nothing_is_left();
		}
	}
	ck_assert(!pthread_create(&thread, NULL, forks, NULL));
	pthread_join(thread, NULL);
	three_children();
}
END_TEST

/* ---- out of a signal's handler, while a fork handler waits ---- */

#if FORK_CAN_BE_LEFT
static sem_t turn, taken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take(void)
{
	pthread_mutex_lock(&lock);
}

static void give(void)
{
	pthread_mutex_unlock(&lock);
}

static void *holds_the_lock(void *unused)
{
	for (int i = 0; i < 4; i++) {
		sem_wait(&turn);
		pthread_mutex_lock(&lock);
		sem_post(&taken);
		sem_wait(&turn);
		pthread_mutex_unlock(&lock);
		sem_post(&taken);
	}
	return unused;
}

static void other_thread(void)
{
	sem_post(&turn);
	sem_wait(&taken);
}

/* Waiting for the lock, it is left by a signal's handler. */
static void leave_fork(void)
{
	const struct itimerval soon = {.it_value.tv_usec = 3000};

	if (sigsetjmp(out, 1))
		return;
	setitimer(ITIMER_REAL, &soon, NULL);
	fork();
	_exit(50);
}

START_TEST(by_signal)
{
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ck_assert(!pthread_create(&thread, NULL, holds_the_lock, NULL));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGALRM, leave);
	pthread_atfork(take, give, give);
	for (volatile int i = 0; i < 4; i++) {
		other_thread();
		leave_fork();
		other_thread();
		three_children();
		nothing_is_left();
	}
	pthread_join(thread, NULL);
	three_children();
}
END_TEST
#endif

int main(void)
{
	TCase *tcase = tcase_create("left");

	tcase_add_loop_test(tcase, by_fork_handler, 0, 5);
#if FORK_CAN_BE_LEFT
	tcase_add_test(tcase, by_signal);
#endif
	return run_suite("fork: left by longjmp()", tcase);
}

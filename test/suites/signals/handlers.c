/* SPDX-License-Identifier: MIT
 *
 * A virtual machine, which checks for null and stops its threads by SIGSEGV:
 * the threads go on with that while others fork, and so do its children.
 */
#include <setjmp.h>

#include "handlers.h"

enum { STACK = 1 << 16 };

static _Atomic long checks, barriers;
static char *barrier; /* a page that is closed to stop who reads it */

static __thread sigjmp_buf null_pointer;
static __thread volatile bool checking;

/* An object without a first field: where a null pointer's would be. */
enum { OFFSET = 0x48 };

static void on_segv(int sig, siginfo_t *info, void *context)
{
	char here, *at = info->si_addr;
	stack_t stack;

	(void)context;
	if (sigaltstack(NULL, &stack) || &here < (char *)stack.ss_sp ||
	    &here >= (char *)stack.ss_sp + STACK)
		_exit(60);
	if (checking && (uintptr_t)at == OFFSET)
		siglongjmp(null_pointer, 1);
	if (at < barrier || at >= barrier + PAGE)
		_exit(61);
	/* It goes on where it was. */
	mprotect(barrier, PAGE, PROT_READ | PROT_WRITE);
	barriers++;
	(void)sig;
}

static void on_own_stack(void)
{
	stack_t stack = {.ss_sp = malloc(STACK), .ss_size = STACK};

	sigaltstack(&stack, NULL);
}

/* True if `object` is null. */
static bool is_null(const char *object)
{
	if (sigsetjmp(null_pointer, 1))
		return true;
	checking = true;
	(void)*(const volatile int *)(object + OFFSET);
	checking = false;
	return false;
}

static void *faults(void *unused)
{
	static char object[2 * OFFSET];

	on_own_stack();
	while (!stop) {
		ck_assert(is_null(NULL));
		ck_assert(!is_null(object));
		checks++;
		(void)*(volatile char *)barrier;
	}
	return unused;
}

static void *closes(void *unused)
{
	while (!stop) {
		mprotect(barrier, PAGE, PROT_NONE);
		usleep(100);
	}
	return unused;
}

static void prepare_faults(void)
{
	struct sigaction act = {.sa_sigaction = on_segv,
				.sa_flags =
					SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	barrier = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &act, NULL);
	on_own_stack();
}

static bool checks_null(void)
{
	return is_null(NULL) && is_null(NULL);
}

START_TEST(null_checks)
{
	pthread_t thread[THREADS + 1];
	struct sigaction act;
	long before;

	prepare_faults();
	start(thread, faults, THREADS);
	start(thread + THREADS, closes, 1);
	forks(checks_null);
	before = checks;
	while (checks < before + 100 || barriers < 10)
		usleep(1000);
	finish(thread, THREADS + 1);
	sigaction(SIGSEGV, NULL, &act);
	ck_assert(act.sa_sigaction == on_segv);
	ck_assert(is_null(NULL));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("handlers");

	tcase_add_test(tcase, null_checks);
	return run_suite("fork: handlers", tcase);
}

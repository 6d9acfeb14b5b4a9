/* SPDX-License-Identifier: MIT
 * Threads for concurrent.c: each does one thing until `stop`. */
#ifndef CROWD_H
#define CROWD_H

#include <dlfcn.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>

#include "util.h"

enum { OWN = 4 << 20 };

static _Atomic bool stop;
static _Atomic long children, sent, received;

/* Memory that the program itself has kept from its children. */
static char *unforked;

/* Known before there are threads, or children that share memory. */
static char state[PATH_MAX], plugin[PATH_MAX];
static char *become[] = {state, "exit", "4", NULL};

static pid_t execs(pid_t pid)
{
	if (pid)
		return pid;
	execv(state, become);
	_exit(99);
}

/* The mask is the thread's own, in the parent and in the child. */
static UNUSED void *forks(void *number)
{
	sigset_t set, now;

	for (int n = (int)(intptr_t)number; !stop; n++) {
		pid_t pid;

		sigemptyset(&set);
		sigaddset(&set, 1 + n % 8 + SIGRTMIN + 2);
		pthread_sigmask(SIG_SETMASK, &set, NULL);
		pid = n % 5 ? fork() : _Fork();
		pthread_sigmask(SIG_SETMASK, NULL, &now);
		if (memcmp(&set, &now, sizeof(long)) && !pid)
			_exit(50);
		exits_with(execs(pid), 4);
		ck_assert(!memcmp(&set, &now, sizeof(long)));
		children++;
	}
	return NULL;
}

static UNUSED void *spawns(void *unused)
{
	while (!stop) {
		pid_t pid = -1;

		ck_assert_int_eq(
			posix_spawn(&pid, state, NULL, NULL, become, environ),
			0);
		exits_with(pid, 4);
		exits_with(execs(vfork()), 4);
		children += 2;
	}
	return unused;
}

static void never(int sig)
{
	(void)sig;
	abort();
}

/* SIGSYS is as another thread has it at the time, see handles(). */
static bool signals_of_child(void)
{
	struct sigaction act;

	return !sigaction(SIGSYS, NULL, &act) &&
	       (act.sa_handler == SIG_DFL || act.sa_handler == never);
}

/* What is missing in the child is what the program wants to be missing. */
static bool memory_of_child(void)
{
	unsigned char there;

	for (size_t i = 0; i < HEAP / 8; i += 4096) {
		if (heap[i] != heap_word(i))
			return false;
	}
	return mincore(unforked, PAGE, &there) == -1 && errno == ENOMEM;
}

/* Another way into the kernel, and never a transaction. */
static pid_t fork_by_syscall(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(memory_of_child() && signals_of_child() ? 4 : 52);
	return pid;
}

static UNUSED void *forks_truly(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid)
			_exit(memory_of_child() && signals_of_child() ? 4 : 51);
		exits_with(pid, 4);
		exits_with(fork_by_syscall(), 4);
		ck_assert_int_eq(system("exit 4"), 4 << 8);
		children += 3;
	}
	return unused;
}

static UNUSED void *maps(void *unused)
{
	while (!stop) {
		char *at = mmap(NULL, OWN, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		memset(at, 'm', OWN);
		at = mremap(at, OWN, 2 * OWN, MREMAP_MAYMOVE);
		ck_assert(at != MAP_FAILED && at[OWN - 1] == 'm');
		mprotect(at + OWN, OWN, PROT_READ);
		/* The hole may be another thread's at once. */
		munmap(at + OWN / 2, OWN / 2);
		munmap(at, OWN / 2);
		munmap(at + OWN, OWN);
	}
	return unused;
}

static UNUSED void *breaks(void *unused)
{
	while (!stop) {
		char *at = sbrk(2 << 20);

		if (at == (char *)-1)
			break;
		memset(at, 'b', 2 << 20);
		sbrk(-(2 << 20));
	}
	return unused;
}

static UNUSED void *advises(void *unused)
{
	char *at = mmap(NULL, OWN, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	while (!stop) {
		ck_assert(!madvise(at, OWN, MADV_DONTFORK));
		at[OWN / 2] = 'a';
		ck_assert(!madvise(at, OWN, MADV_DOFORK));
		ck_assert(!madvise(at, OWN, MADV_WIPEONFORK));
		ck_assert_int_eq(at[OWN / 2], 'a');
		ck_assert(!madvise(at, OWN, MADV_KEEPONFORK));
		ck_assert(!madvise(at, OWN, MADV_DONTNEED));
	}
	munmap(at, OWN);
	return unused;
}

static UNUSED void *loads(void *unused)
{
	while (!stop) {
		void *library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);

		ck_assert(library && dlsym(library, "cos"));
		dlclose(library);
		library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
		ck_assert(library != NULL);
		dlclose(library);
	}
	return unused;
}

/* What was set is what is found, whoever forks meanwhile. */
static UNUSED void *handles(void *unused)
{
	static const int signals[] = {SIGSYS, SIGSEGV, SIGBUS, SIGUSR1};
	sighandler_t was[] = {SIG_DFL, SIG_DFL, SIG_DFL, SIG_DFL};

	for (int i = 0; i < 4; i++)
		was[i] = signal(signals[i], SIG_DFL);
	for (int n = 0; !stop; n++) {
		int sig = signals[n % 4];
		sighandler_t to = n / 4 % 2 ? never : SIG_DFL;

		if (n >= 4)
			ck_assert(signal(sig, to) == (to ? SIG_DFL : never));
	}
	for (int i = 0; i < 4; i++)
		signal(signals[i], was[i]);
	return unused;
}

static void on_real_time(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	received += info->si_value.sival_int;
}

static UNUSED void *sends(void *unused)
{
	union sigval one = {.sival_int = 1};

	while (!stop) {
		if (!sigqueue(getpid(), SIGRTMIN + 1, one))
			sent++;
		usleep(100);
	}
	return unused;
}

/* Cancelled at any time; in fork() it has to wait until that is over. */
static UNUSED void *is_cancelled(void *unused)
{
	int state;

	for (;;) {
		pid_t pid = fork();

		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
		exits_with(execs(pid), 4);
		children++;
		pthread_setcancelstate(state, NULL);
		pthread_testcancel();
	}
	return unused;
}

static UNUSED void *cancels(void *unused)
{
	while (!stop) {
		pthread_t thread;
		void *result;

		ck_assert_int_eq(
			pthread_create(&thread, NULL, is_cancelled, NULL), 0);
		usleep((useconds_t)(children * 37 % 5000));
		pthread_cancel(thread);
		pthread_join(thread, &result);
		ck_assert(result == PTHREAD_CANCELED);
	}
	return unused;
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * For the suites share_*.c: fork() whose child shares memory until it
 * execs, of which nothing may show.
 * Every test runs first in a process with one thread, then with others that
 * write to objects on the forking thread's stack. Natively everything holds
 * anyway; what the children change in memory besides is what a clean call
 * site's child changes: its own frames, errno, malloc's state.
 */
#ifndef SHARE_TEST_H
#define SHARE_TEST_H

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <ucontext.h>

#include "util.h"

#define NOINLINE __attribute__((noinline, noclone))

enum { WRITERS = 2, OBJECTS = 16 };

static bool threads;

/* ---- threads that write to this stack ---- */

struct object {
	volatile long value[OBJECTS];
	volatile bool stop;
	volatile long lost;
	pthread_t thread;
};

static void *write_to(void *arg)
{
	struct object *object = arg;

	for (long n = 0; !object->stop; n++) {
		for (int i = 0; i < OBJECTS; i++) {
			if (object->value[i] != n)
				object->lost++;
			object->value[i] = n + 1;
		}
		if (n % 64 == 0)
			usleep(50);
	}
	return NULL;
}

static volatile sig_atomic_t chld;

static void on_chld(int sig)
{
	(void)sig;
	chld++;
}

static UNUSED NOINLINE void with_writers(void (*test)(void))
{
	struct object objects[WRITERS];
	struct sigaction count = {.sa_handler = on_chld,
				  .sa_flags = SA_RESTART},
			 old;
	sigset_t set, before;

	memset(objects, 0, sizeof(objects));
	/* SIGCHLD to this thread. */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	for (int i = 0; threads && i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&objects[i].thread, NULL,
						write_to, &objects[i]),
				 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGCHLD, &count, &old);
	test();
	sigaction(SIGCHLD, &old, NULL);
	for (int i = 0; threads && i < WRITERS; i++) {
		objects[i].stop = true;
		pthread_join(objects[i].thread, NULL);
		ck_assert_int_eq(objects[i].lost, 0);
	}
}

/* ---- children ---- */

/* Nobody is left that wait() could find, and one SIGCHLD has come. */
static UNUSED void one_child(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(chld, 1);
}

static UNUSED void child_status(void (*child)(void), int expected)
{
	int status = -1;
	pid_t pid;

	chld = 0;
	errno = 77;
	pid = fork();
	if (!pid) {
		child();
		_exit(98);
	}
	ck_assert_int_eq(errno, 77);
	ck_assert_int_gt(pid, 0);
	while (waitpid(-1, &status, 0) != pid)
		ck_assert_int_eq(errno, EINTR);
	/* The mark of a core dump may be missing. */
	ck_assert_msg((status & ~0x80) == expected,
		      "wait status %#x instead of %#x", status, expected);
	one_child();
}

static UNUSED void exec_fails(void)
{
	errno = 0;
	execl("/nonexistent/program", "program", NULL);
	if (errno != ENOENT)
		_exit(97);
}

/* ---- how children end ---- */

#define CODE(n) ((n) << 8)

struct end {
	void (*child)(void);
	int status;
};

static const struct end *end;
static pid_t parent;

/* Of what a child has done nothing is its parent's. */
static NOINLINE void try_end(void)
{
	int reaper = -1;

	parent = getpid();
	child_status(end->child, end->status);
	ck_assert_ptr_null(getenv("VSPAWN_TEST_CHILD"));
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	ck_assert_int_eq(prctl(PR_GET_CHILD_SUBREAPER, &reaper), 0);
	ck_assert_int_eq(reaper, 0);
}

static UNUSED void try_ends(const struct end *ends, int n)
{
	for (end = ends; end < ends + n; end++)
		with_writers(try_end);
}

/* ---- the suite ---- */

START_TEST(now_with_threads)
{
	threads = true;
}
END_TEST

/* Runs what `add` adds, twice. */
static UNUSED int run_share_suite(const char *name, void (*add)(TCase *))
{
	TCase *tcase = tcase_create(name);

	/* Programs that the children become must not share memory, too:
	 * a shell's child is not clean. */
	unsetenv("VSPAWN_FORK");
	setenv("CK_FORK", "no", 1);
	add(tcase);
	tcase_add_test(tcase, now_with_threads);
	add(tcase);
	return run_suite("fork: shared memory", tcase);
}

#endif

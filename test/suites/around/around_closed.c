/* SPDX-License-Identifier: MIT
 *
 * /proc as a careful administrator mounts it: a process sees no other's
 * (hidepid=2), and what has become another user does not even see all of its
 * own; or there is none, in a chroot.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>

#include "around.h"

enum { NOBODY = 65534 };

static void own_proc(const char *options)
{
	if (geteuid() || unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, options))
		skip("no namespaces");
}

static void drop_root(void)
{
	ck_assert_int_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	ck_assert_int_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

static void *waits(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void add_thread(void)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, waits, NULL), 0);
}

static void hidden(void)
{
	own_proc("hidepid=2");
	drop_root();
	all_ways();
}

/* As itself it may be seen. */
static void hidden_threads_of_root(void)
{
	own_proc("hidepid=2");
	add_thread();
	all_ways();
}

static void hidden_threads(void)
{
	own_proc("hidepid=2");
	drop_root();
	add_thread();
	all_ways();
}

/* What is in the chroot is the program, which needs no more. */
static void without(void)
{
	if (geteuid() || chroot(folder) || chdir("/"))
		skip("not root");
	program = "/state";
	drop_root();
	all_ways();
}

START_TEST(hides)
{
	commits(hidden);
	commits(hidden_threads_of_root);
}
END_TEST

/* A debugger could not be told from none. */
START_TEST(hides_threads)
{
	steps_aside(hidden_threads, "/proc");
}
END_TEST

START_TEST(has_none)
{
	/* The summary cannot be written there. */
	works(without);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("closed");

	tcase_add_test(tcase, hides);
	tcase_add_test(tcase, hides_threads);
	tcase_add_test(tcase, has_none);
	return run_scenes("around: closed /proc", tcase, argv);
}

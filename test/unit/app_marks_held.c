/* SPDX-License-Identifier: MIT
 * memory/app_marks.c: the list is held while memory moves, against other
 * threads and signals. */
#include "app_marks.h"
#include "kernel/sigmask.h"

static void *add_one(void *arg)
{
	mark_page(1);
	*(_Atomic bool *)arg = true;
	return NULL;
}

static void *work_aside(void *of)
{
	aside_of = *(long *)of;
	return vs_app_marks_held() && vs_app_marks_meet(1 << 12, 2 << 12) ? NULL
									  : of;
}

/* A task that is killed must not leave it taken, so its caller has taken it. */
START_TEST(held_for_a_task_aside)
{
	long self = vs_sys(SYS_gettid);
	pthread_t thread;
	vs_sigset mask;
	void *bad;

	mark_page(1);
	vs_app_marks_hold(&mask);
	pthread_create(&thread, NULL, work_aside, &self);
	pthread_join(thread, &bad);
	vs_app_marks_release(&mask);
	ck_assert_ptr_null(bad);
}
END_TEST

/* Others wait for the end of a move; its own thread does not. */
START_TEST(held_while_moving)
{
	struct vs_range old = {16 << 12, 17 << 12}, new = {20 << 12, 21 << 12};
	_Atomic bool done = false;
	pthread_t thread;
	vs_sigset mask;

	vs_app_marks_add(VS_MARK_DONTFORK, old.lo, old.hi);
	ck_assert(!vs_app_marks_held());
	vs_app_marks_hold(&mask);
	ck_assert(vs_app_marks_held());
	vs_app_marks_add(VS_MARK_WIPEONFORK, 32 << 12, 33 << 12);
	ck_assert(vs_app_marks_meet(32 << 12, 33 << 12));
	pthread_create(&thread, NULL, add_one, &done);
	usleep(20000);
	ck_assert(!done);
	vs_app_marks_move(&old, &new, false);
	vs_app_marks_release(&mask);
	ck_assert(!vs_app_marks_held());
	pthread_join(thread, NULL);
	ck_assert(done);
	ck_assert(!vs_app_marks_meet(old.lo, old.hi));
	ck_assert(vs_app_marks_meet(new.lo, new.hi));
}
END_TEST

/* Signals are blocked while the list is held, and only then. */
START_TEST(mask_is_kept)
{
	vs_sigset before, during, after;

	vs_block_all(&before);
	vs_unblock(&before);
	vs_app_marks_hold(&during);
	ck_assert_mem_eq(&during, &before, sizeof(before));
	vs_block_all(&after);
	ck_assert(vs_sigset_has(&after, SIGTERM));
	vs_app_marks_release(&during);
	vs_block_all(&after);
	vs_unblock(&after);
	ck_assert_mem_eq(&after, &before, sizeof(before));
}
END_TEST

/* In the child of a fork: a lock that another thread held is free. */
START_TEST(reset)
{
	vs_sigset mask;

	mark_page(1);
	vs_app_marks_hold(&mask);
	vs_app_marks_reset();
	ck_assert(!vs_app_marks_held());
	ck_assert(vs_app_marks_meet(1 << 12, 2 << 12));
}
END_TEST

UNIT(app_marks_held, held_while_moving, held_for_a_task_aside, mask_is_kept,
     reset)

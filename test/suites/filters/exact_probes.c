/* SPDX-License-Identifier: MIT
 *
 * Questions about seccomp and Syscall User Dispatch that change nothing, as
 * sandboxes and loaders ask them: afterwards there are transactions as before.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "around.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#	define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

static struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static struct sock_fprog empty = {0, &allow};
static struct sock_fprog nowhere = {1, NULL};
static uint32_t action = SECCOMP_RET_KILL_PROCESS;
static char room[64];

/* ---- by prctl() ---- */

static void no_filter(void)
{
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL), -1);
	ck_assert_int_eq(errno, EFAULT);
}

static void empty_filter(void)
{
	ck_assert_int_eq(
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &empty, 0, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
}

static void filter_nowhere(void)
{
	ck_assert_int_eq(syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
				 &nowhere),
			 -1);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &nowhere),
			 -1);
}

static void no_mode(void)
{
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, 77, NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(prctl(PR_GET_SECCOMP), 0);
}

/* ---- by seccomp() ---- */

static void ask(int operation, int flags, void *argument, int error)
{
	long r = syscall(SYS_seccomp, operation, flags, argument);

	ck_assert_msg(error ? r == -1 && errno == error : r == 0,
		      "seccomp(%d, %d): %ld, %s", operation, flags, r,
		      strerror(errno));
}

static void action_available(void)
{
	ask(SECCOMP_GET_ACTION_AVAIL, 0, &action, 0);
	ask(SECCOMP_GET_ACTION_AVAIL, 0, NULL, EFAULT);
}

static void notification_sizes(void)
{
	ask(SECCOMP_GET_NOTIF_SIZES, 0, room, 0);
}

static void set_no_filter(void)
{
	ask(SECCOMP_SET_MODE_FILTER, 0, NULL, EFAULT);
	ask(SECCOMP_SET_MODE_FILTER, 0, &empty, EINVAL);
	ask(SECCOMP_SET_MODE_FILTER, 1 << 30, &nowhere, EINVAL);
}

static void flags_available(void)
{
	ask(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL, EFAULT);
	ask(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, NULL, EFAULT);
	ask(SECCOMP_SET_MODE_STRICT, 1, NULL, EINVAL);
	ask(99, 0, NULL, EINVAL);
}

/* ---- of dispatch ---- */

static void dispatch(int mode, unsigned long from, unsigned long size,
		     void *selector)
{
	ck_assert_int_eq(
		prctl(PR_SET_SYSCALL_USER_DISPATCH, mode, from, size, selector),
		-1);
	ck_assert_int_eq(syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, mode,
				 from, size, selector),
			 -1);
}

static void no_dispatch_mode(void)
{
	dispatch(99, 0, 0, NULL);
}

static void dispatch_range(void)
{
	dispatch(1, 1, 0, room);
	dispatch(1, 4096, -4095UL, room);
	dispatch(0, 4096, 4096, room);
}

static void dispatch_selector(void)
{
	dispatch(1, 0, 0, (void *)-4096L);
}

static void (*const probes[])(void) = {
	no_filter,	  empty_filter,	      filter_nowhere,	no_mode,
	action_available, notification_sizes, set_no_filter,	flags_available,
	no_dispatch_mode, dispatch_range,     dispatch_selector};
static void (*probe)(void);

static void asks(void)
{
	probe();
	for (int n = 0; n < 3; n++) {
		exits_with(by_fork(), 4);
		exits_with(by__Fork(), 4);
	}
}

START_TEST(changes_nothing)
{
	probe = probes[_i];
	commits(asks);
}
END_TEST

/* With children in between. */
static void asks_often(void)
{
	exits_with(by_fork_alone(), 4);
	for (int i = 0; i < LENGTH(probes); i++) {
		probes[i]();
		exits_with(by_fork(), 4);
	}
}

START_TEST(all_of_them)
{
	commits(asks_often);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("probes");

	tcase_add_loop_test(tcase, changes_nothing, 0, LENGTH(probes));
	tcase_add_test(tcase, all_of_them);
	return run_scenes("exact: failing probes", tcase, argv);
}

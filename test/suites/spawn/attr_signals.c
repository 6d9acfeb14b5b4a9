/* SPDX-License-Identifier: MIT
 * The signals of the child of posix_spawn(). */
#include "attr_test.h"

static sigset_t set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	return set;
}

START_TEST(mask_is_inherited)
{
	sigset_t set = set_of(SIGUSR1, SIGRTMIN + 3);

	sigprocmask(SIG_SETMASK, &set, NULL);
	must_show(NULL, NULL);
	ck_assert_uint_eq(seen_signals("SigBlk"),
			  bit(SIGUSR1) | bit(SIGRTMIN + 3));
}
END_TEST

START_TEST(handlers_are_reset_ignored_stay)
{
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		signal(sig, sig % 3 ? handler : SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	must_show(NULL, NULL);
	ck_assert_uint_eq(seen_signals("SigCgt"), 0);
	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		bool settable = sig != SIGKILL && sig != SIGSTOP &&
				sig != SIGCHLD && sig != 32 && sig != 33;

		ck_assert_msg(!!(seen_signals("SigIgn") & bit(sig)) ==
				      (settable && sig % 3 == 0),
			      "signal %d", sig);
	}
	/* The parent still has them. */
	ck_assert_ptr_eq(signal(SIGUSR1, SIG_DFL), handler);
	ck_assert_ptr_eq(signal(SIGHUP, SIG_DFL), handler);
	ck_assert_ptr_eq(signal(SIGQUIT, SIG_DFL), SIG_IGN);
}
END_TEST

START_TEST(set_mask)
{
	sigset_t set = set_of(SIGTERM, SIGINT), before, after;

	sigprocmask(SIG_SETMASK, NULL, &before);
	posix_spawnattr_setsigmask(&attr, &set);
	must_show(NULL, &attr); /* without the flag */
	ck_assert_uint_eq(seen_signals("SigBlk"), 0);
	set_flags(POSIX_SPAWN_SETSIGMASK);
	must_show(NULL, &attr);
	ck_assert_uint_eq(seen_signals("SigBlk"), bit(SIGTERM) | bit(SIGINT));
	sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert_int_eq(memcmp(&before, &after, 8), 0);
}
END_TEST

START_TEST(set_mask_to_nothing_and_all)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	posix_spawnattr_setsigmask(&attr, &none);
	set_flags(POSIX_SPAWN_SETSIGMASK);
	must_show(NULL, &attr);
	ck_assert_uint_eq(seen_signals("SigBlk"), 0);
	memset(&all, 0xff, sizeof(all));
	posix_spawnattr_setsigmask(&attr, &all);
	must_show(NULL, &attr);
	ck_assert_uint_eq(seen_signals("SigBlk"),
			  ~(3ULL << 31) & ~bit(SIGKILL) & ~bit(SIGSTOP));
}
END_TEST

START_TEST(set_default)
{
	sigset_t set = set_of(SIGUSR1, SIGPIPE);

	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGHUP, handler);
	posix_spawnattr_setsigdefault(&attr, &set);
	must_show(NULL, &attr); /* without the flag */
	ck_assert_uint_eq(seen_signals("SigIgn"),
			  bit(SIGUSR1) | bit(SIGPIPE) | bit(SIGUSR2));
	set_flags(POSIX_SPAWN_SETSIGDEF);
	must_show(NULL, &attr);
	ck_assert_uint_eq(seen_signals("SigIgn"), bit(SIGUSR2));
	ck_assert_ptr_eq(signal(SIGUSR1, SIG_DFL), SIG_IGN);
	ck_assert_ptr_eq(signal(SIGHUP, SIG_DFL), handler);
	/* SIGKILL and SIGSTOP in the set are no error. */
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attr, &set);
	must_show(NULL, &attr);
	ck_assert_uint_eq(seen_signals("SigIgn"), 0);
}
END_TEST

static unsigned long long own_ignored(spawn_fn *spawner)
{
	ck_assert_int_eq(try_show(spawner, NULL, &attr), 0);
	return seen_signals("own");
}

/* Those that libc keeps for itself: with each version as its own child. */
START_TEST(libc_own)
{
	spawn_fn *native = REAL(posix_spawn);
	sigset_t set;

	if (!native) {
		skip("no libc.so.6 to compare with");
		return;
	}
	ck_assert_uint_eq(own_ignored(posix_spawn), own_ignored(native));
	for (int sig = 32; sig <= 33; sig++) {
		memset(&set, 0, sizeof(set));
		((unsigned char *)&set)[(sig - 1) / 8] = 1 << (sig - 1) % 8;
		posix_spawnattr_setsigdefault(&attr, &set);
		set_flags(POSIX_SPAWN_SETSIGDEF);
		ck_assert_uint_eq(own_ignored(posix_spawn),
				  own_ignored(native));
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("attr_signals");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, mask_is_inherited);
	tcase_add_test(t, handlers_are_reset_ignored_stay);
	tcase_add_test(t, set_mask);
	tcase_add_test(t, set_mask_to_nothing_and_all);
	tcase_add_test(t, set_default);
	tcase_add_test(t, libc_own);
	return run_suite("attr_signals", t);
}

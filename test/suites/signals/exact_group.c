/* SPDX-License-Identifier: MIT
 *
 * Signals to the group of a child that is made again, between its fork() and
 * the end of its exec: everybody who is in the group has it once.
 */
#include "receiver.h"

static int outside[2];

/* What others can see is not done by a child that may be thrown away: another
 * one takes its place. */
static void writes(int n)
{
	if (n % 2)
		spin((unsigned)n * 7 % 60);
	(void)!write(outside[1], "x", 1);
	spin(200);
}

static void writes_and_dies(int n)
{
	signal(order.sig, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	writes(n);
}

/* Everybody who is in the group has it once. */
START_TEST(group_of_many)
{
	int wrong = 0;
	char text[256];

	order.sig = _i ? SIGINT : SIGUSR2;
	order.group = true;
	order.times = 1;
	if (!set_up(order.sig))
		return;
	ck_assert_int_eq(pipe2(outside, O_NONBLOCK | O_CLOEXEC), 0);
	if (_i)
		sigprocmask(SIG_BLOCK, &blocked, NULL);
	else
		handle(order.sig);
	for (int n = 0; n < 4 * ROUNDS; n++) {
		int status, before = handled;

		order.delay = random_delay() / 2;
		status = one_child(&order, _i ? writes_and_dies : writes, n,
				   text, sizeof(text));
		if (WIFSIGNALED(status) && WTERMSIG(status) == order.sig)
			wrong += *text != '\0';
		else
			wrong += _i || status || strcmp(text, "0 ") != 0;
		wrong += _i ? taken(order.sig) != 1 : handled - before != 1;
	}
	ck_assert_int_eq(wrong, 0);
	end_sender(&sender);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("group");

	tcase_add_loop_test(tcase, group_of_many, 0, 2);
	return run_suite("exact: signals to the group", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Signals that reach a child at some moment between fork() and the end of its
 * exec, sent to it or to its group. A child is there for others as soon as it
 * is made: none is lost, none comes twice, and it dies of what it would die of.
 */
#include "receiver.h"

enum { VALUES = 5 };

/* ---- what kills ---- */

static void take_default(int n)
{
	signal(order.sig, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	spin((unsigned)n * 7 % 200);
}

static const struct {
	int sig;
	bool group;
} deadly[] = {{SIGINT, true},	{SIGTERM, true},  {SIGUSR1, true},
	      {SIGHUP, false},	{SIGTERM, false}, {SIGUSR1, false},
	      {SIGKILL, false}, {SIGSEGV, false}, {SIGFPE, false},
	      {SIGSYS, false}};

START_TEST(kills)
{
	int lost = 0, survived = 0;
	char text[256];

	order.sig = deadly[_i].sig;
	order.group = deadly[_i].group;
	order.times = 1;
	if (!set_up(order.sig))
		return;
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (int n = 0; n < ROUNDS; n++) {
		int status;

		order.delay = random_delay();
		status = one_child(&order, take_default, n, text, sizeof(text));
		survived +=
			!WIFSIGNALED(status) || WTERMSIG(status) != order.sig;
		lost += taken(order.sig) != order.group;
	}
	ck_assert_int_eq(survived, 0);
	ck_assert_int_eq(lost, 0);
	end_sender(&sender);
}
END_TEST

/* ---- what is handled, or kills ---- */

static void keep_handler(int n)
{
	spin((unsigned)n * 7 % 200);
}

/* As a shell along PATH, only longer. */
static void search_in_vain(int n)
{
	char *argv[] = {program, NULL};

	for (n = 0; n < 150; n++)
		execv("/no/such/program", argv);
}

/* Those of the rounds in which a signal may come too late for a child that is
 * rolled back because its time is over, as a search in vain is on a busy
 * machine: see LIMITS in libvspawn(7). */
static int too_late(void)
{
	const char *mode = getenv("VSPAWN_FORK");

	return mode && !strcmp(mode, "auto") ? ROUNDS / 20 : 0;
}

/* Before the exec its handler runs in the child, after it there is none. */
START_TEST(handled_or_killed)
{
	void (*prepare)(int) = _i / 2 ? search_in_vain : keep_handler;
	int wrong = 0;
	char text[256];

	order.sig = SIGUSR2;
	order.group = _i % 2;
	order.times = 1;
	if (!set_up(order.sig))
		return;
	handle(order.sig);
	for (int n = 0; n < ROUNDS; n++) {
		int status, before = handled;
		bool killed;

		order.delay = random_delay();
		status = one_child(&order, prepare, n, text, sizeof(text));
		killed = WIFSIGNALED(status) && WTERMSIG(status) == order.sig;
		wrong += killed ? *text != '\0'
				: status || strlen(text) < 2 ||
					  strchr(text, ' ')[1];
		wrong += handled - before != order.group;
	}
	ck_assert_int_le(wrong, too_late());
	end_sender(&sender);
}
END_TEST

/* ---- what is queued ---- */

static void stay_blocked(int n)
{
	spin((unsigned)n * 7 % 200);
}

/* Some of them are handled by the child, the rest is for the program. */
static void handle_some(int n)
{
	handle(order.sig);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	spin((unsigned)n * 7 % 400);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

static void values(char *text, size_t size)
{
	size_t used = 0;

	for (int n = 0; n < VALUES; n++)
		used += (size_t)snprintf(text + used, size - used, "%d ",
					 order.group ? 0 : order.value + n);
}

/* Each once, and in this order. */
START_TEST(queued)
{
	char text[256], expected[256];

	order.sig = SIGRTMIN + 3;
	order.group = _i / 2;
	order.times = VALUES;
	if (!set_up(order.sig))
		return;
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	for (int n = 0; n < ROUNDS; n++) {
		int status;

		order.value = n * VALUES + 1;
		order.delay = random_delay();
		status = one_child(&order, _i % 2 ? handle_some : stay_blocked,
				   n, text, sizeof(text));
		ck_assert_int_eq(status, 0);
		values(expected, sizeof(expected));
		ck_assert_str_eq(text, expected);
		ck_assert_int_eq(taken(order.sig), order.group ? VALUES : 0);
	}
	end_sender(&sender);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("signals");

	tcase_add_loop_test(tcase, kills, 0, LENGTH(deadly));
	tcase_add_loop_test(tcase, handled_or_killed, 0, 4);
	tcase_add_loop_test(tcase, queued, 0, 4);
	return run_suite("exact: signals until the exec", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Signals that reach a child at some moment between fork() and the end of its
 * exec, sent to it or to its group. A child is there for others as soon as it
 * is made: none is lost, none comes twice, and it dies of what it would die of.
 */
#include <sys/resource.h>

#include "sender.h"

enum { ROUNDS = 40, VALUES = 5 };

static struct sender sender;
static int in[2], out[2]; /* of the child */
static char program[PATH_MAX];
static pid_t self;
static volatile int handled; /* in the parent */
static sigset_t blocked;

/* ---- one child ---- */

static void on_signal(int sig, siginfo_t *info, void *context)
{
	char text[32];

	(void)sig;
	(void)context;
	if ((pid_t)vs_sys(SYS_getpid) == self) {
		handled++;
		return;
	}
	snprintf(text, sizeof(text), "%d ", info->si_value.sival_int);
	(void)!write(out[1], text, strlen(text));
}

static void handle(int sig)
{
	struct sigaction act = {.sa_sigaction = on_signal,
				.sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(sig, &act, NULL);
}

_Noreturn static void become_receiver(void)
{
	dup2(in[0], 0);
	dup2(out[1], 1);
	execl(program, "receiver", NULL);
	_exit(99);
}

/* Makes a child that runs `prepare`, for which the order is carried out; its
 * wait status, and what was written to `text`. */
static int one_child(const struct order *order, void (*prepare)(int n), int n,
		     char *text, size_t size)
{
	size_t used = 0;
	ssize_t got;
	int status;
	pid_t pid;

	ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	give(&sender, order);
	usleep(100);
	pid = n % 3 ? fork() : _Fork();
	if (!pid) {
		prepare(n);
		become_receiver();
	}
	have_sent(&sender);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	/* What had been sent comes before what is read. */
	status = wait_for(pid);
	while ((got = read(out[0], text + used, size - 1 - used)) != 0) {
		if (got > 0)
			used += (size_t)got;
	}
	text[used] = '\0';
	close(out[0]);
	return status;
}

/* How often it is pending here, in the queue. */
static int taken(int sig)
{
	struct timespec now = {0, 0};
	sigset_t set;
	int n = 0;

	sigemptyset(&set);
	sigaddset(&set, sig);
	while (sigtimedwait(&set, NULL, &now) == sig)
		n++;
	return n;
}

static bool set_up(int sig)
{
	static const struct rlimit no_core;

	self = getpid();
	setrlimit(RLIMIT_CORE, &no_core);
	if (!can_send())
		return false;
	srand((unsigned)self);
	strcpy(program, host("receiver"));
	setpgid(0, 0);
	start_sender(&sender);
	sigemptyset(&blocked);
	sigaddset(&blocked, sig);
	return true;
}

static unsigned random_delay(void)
{
	return (unsigned)rand() % 500;
}

/* ---- what kills ---- */

static struct order order;

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

/* ---- to the group, while a child is made again ---- */

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

	tcase_add_loop_test(tcase, group_of_many, 0, 2);
	tcase_add_loop_test(tcase, kills, 0, LENGTH(deadly));
	tcase_add_loop_test(tcase, handled_or_killed, 0, 4);
	tcase_add_loop_test(tcase, queued, 0, 4);
	return run_suite("exact: signals until the exec", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A child to which signals are sent at some moment between fork() and the end
 * of its exec, and the program that it becomes, which says what it has got.
 */
#ifndef TEST_RECEIVER_H
#define TEST_RECEIVER_H

#include <sys/resource.h>

#include "sender.h"

enum { ROUNDS = 40 };

static struct sender sender;
static int in[2], out[2]; /* of the child */
static char program[PATH_MAX];
static pid_t self;
static volatile int handled; /* in the parent */
static sigset_t blocked;

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

static struct order order;

#endif

/* SPDX-License-Identifier: MIT
 * Who sends signals. In a process of its own it is a child, too, and in the
 * group of its parent; all signals are blocked there. */
#include "actors/sender.h"

static struct {
	pthread_t thread;
	pid_t pid;			    /* 0: a thread */
	pid_t program, forker;		    /* its thread that forks */
	int orders, order, answers, answer; /* two pipes */
} sender;

/* The child that is not the sender; 0: there is none. */
static pid_t listed(int fd)
{
	char list[128], *at = list;
	ssize_t n = pread(fd, list, sizeof(list) - 1, 0);
	pid_t pid;

	list[n < 0 ? 0 : n] = '\0';
	do
		pid = (pid_t)strtol(at, &at, 10);
	while (pid && pid == sender.pid);
	return pid;
}

/* Fields of its stat, the first that is wanted after its name, which may have
 * anything in it. False if it is gone. */
static bool read_stat(pid_t pid, unsigned long *vsize, int *end_signal)
{
	enum { STATE = 3, VSIZE = 23, EXIT_SIGNAL = 38 };
	char path[64], text[1024], *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strrchr(text, ')');
	for (int i = STATE; at && i <= EXIT_SIGNAL; i++) {
		at = strchr(at + 1, ' ');
		if (at && i == VSIZE)
			*vsize = strtoul(at, NULL, 10);
		if (at && i == EXIT_SIGNAL)
			*end_signal = atoi(at);
	}
	return at;
}

/* The library has children of its own, for some microseconds, in the program's
 * memory: libvspawn(7). What has no memory any more was the library's, too: the
 * program's own live until they are told to end. */
static bool is_the_librarys(pid_t pid)
{
	enum { KCMP_VM = 1 };
	unsigned long vsize = 0;
	int end_signal = 0;
	bool shares;

	shares = vs_sys(SYS_kcmp, sender.program, pid, KCMP_VM, 0, 0) <= 0;
	return !read_stat(pid, &vsize, &end_signal) ||
	       (end_signal != SIGCHLD && (shares || !vsize));
}

/* Its parent's list shows it as soon as the kernel has made it. */
static pid_t wait_listed(void)
{
	enum { LIMIT_US = 2000000 };
	uint64_t limit = now_us() + LIMIT_US;
	char path[64];
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		 sender.program, sender.forker);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	do
		pid = listed(fd);
	while ((!pid || is_the_librarys(pid)) && now_us() < limit);
	close(fd);
	return pid;
}

static long send_one(const struct order *o, int sig, int value)
{
	siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};

	info.si_pid = (pid_t)vs_sys(SYS_getpid);
	info.si_value.sival_int = value;
	switch (o->aim) {
	case AT_GROUP:
		return vs_sys(SYS_kill, -(o->pid ? o->pid : sender.program),
			      sig);
	case AT_THREAD:
		return vs_sys(SYS_rt_tgsigqueueinfo, sender.program,
			      sender.forker, sig, &info);
	case AT_PROGRAM:
		return vs_sys(SYS_rt_sigqueueinfo, sender.program, sig, &info);
	default:
		if (o->queued)
			return vs_sys(SYS_rt_sigqueueinfo, o->pid, sig, &info);
		return vs_sys(SYS_kill, o->pid, sig);
	}
}

static bool look_up(struct order *o)
{
	pid_t pid = wait_listed();

	/* Its parent's group may be what is aimed at. */
	if (o->aim == AT_CHILD)
		o->pid = pid;
	return pid;
}

/* A child that has been thrown away is no more; the one that has taken its
 * place is listed: libvspawn(7). */
static bool sent(struct order *o, int sig, int value)
{
	long r = send_one(o, sig, value);

	while (r == -ESRCH && o->first_listed && look_up(o))
		r = send_one(o, sig, value);
	return r >= 0;
}

static int obey(struct order *o)
{
	struct rng r = {o->seed};
	int failures = o->first_listed && !look_up(o);

	for (int i = 0; i < o->times && !failures; i++) {
		spin_us(below(&r, o->delay + 1));
		failures += !sent(o, o->sig, i);
		if (!o->then)
			continue;
		spin_us(below(&r, o->delay + 1));
		failures += !sent(o, o->then, i);
	}
	return failures;
}

static void *serve(void *arg)
{
	struct order order;
	int failures;

	while (read(sender.order, &order, sizeof(order)) == sizeof(order)) {
		failures = obey(&order);
		if (write(sender.answers, &failures, sizeof(failures)) < 0)
			break;
	}
	return arg;
}

void start_sender(bool thread)
{
	int order[2], answer[2];
	sigset_t all, old;

	if (pipe2(order, O_CLOEXEC) || pipe2(answer, O_CLOEXEC))
		exit(3);
	sender.program = getpid();
	sender.forker = gettid();
	sender.orders = order[1];
	sender.order = order[0];
	sender.answers = answer[1];
	sender.answer = answer[0];
	if (thread) {
		start(&sender.thread, serve, NULL);
		return;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	sender.pid = (pid_t)syscall(SYS_fork);
	if (!sender.pid) {
		sender.pid = getpid();
		close(sender.orders);
		serve(NULL);
		_exit(0);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

void tell_sender(const struct order *order)
{
	if (write(sender.orders, order, sizeof(*order)) != sizeof(*order))
		exit(3);
}

int sender_failures(void)
{
	int failures = -1;
	ssize_t n;

	do
		n = read(sender.answer, &failures, sizeof(failures));
	while (n < 0 && errno == EINTR);
	return failures;
}

void end_sender(void)
{
	close(sender.orders);
	if (sender.pid)
		end_of(sender.pid);
	else
		pthread_join(sender.thread, NULL);
}

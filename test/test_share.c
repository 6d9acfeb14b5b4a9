/* SPDX-License-Identifier: MIT
 *
 * fork() whose child shares memory until it execs: nothing of that may show.
 * Every test runs first in a process with one thread, then with others that
 * write to objects on the forking thread's stack. Natively everything holds
 * anyway; what the children change in memory besides is what a clean call
 * site's child changes: its own frames, errno, malloc's state.
 */
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

static NOINLINE void with_writers(void (*test)(void), bool threads)
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

/* ---- how a child ends ---- */

/* Nobody is left that wait() could find, and one SIGCHLD has come. */
static void one_child(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(chld, 1);
}

static void child_status(void (*child)(void), int expected)
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

static void exec_fails(void)
{
	errno = 0;
	execl("/nonexistent/program", "program", NULL);
	if (errno != ENOENT)
		_exit(97);
}

static void quiet(void)
{
	dup2(open("/dev/null", O_WRONLY), 2);
}

static void exits_at_once(void)
{
	_exit(3);
}

static void exits_by_exit(void)
{
	exit(7);
}

static void execs(void)
{
	exec_exit(5);
}

static void execs_by_path(void)
{
	execlp("sh", "sh", "-c", "exit 6", NULL);
}

static void aborts(void)
{
	abort();
}

static void raises(void)
{
	raise(SIGUSR2);
}

static void is_killed(void)
{
	kill(getpid(), SIGKILL);
}

static volatile int *volatile nowhere;

static void faults(void)
{
	*nowhere = 1;
}

static void fails_and_exits_at_once(void)
{
	exec_fails();
	_exit(127);
}

static void fails_and_exits(void)
{
	exec_fails();
	exit(7);
}

static void fails_and_reports(void)
{
	quiet();
	exec_fails();
	perror("exec");
	exit(6);
}

static void fails_and_execs(void)
{
	for (int i = 0; i < 20; i++)
		exec_fails();
	exec_exit(9);
}

static void fails_and_faults(void)
{
	exec_fails();
	faults();
}

static void fails_allocates_and_execs(void)
{
	char *volatile big;

	exec_fails();
	big = malloc(50 << 20);
	big[12345] = 1;
	quiet();
	perror(big);
	free(big);
	exec_fails();
	exec_exit(9);
}

/* SIGSYS is what the library uses to watch; the program must not see. */
static void fails_with_sigsys(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGSYS, SIG_IGN);
	exec_fails();
	exec_fails();
	execl("/bin/sh", "sh", "-c",
	      "set -- $(grep -h -e ^SigBlk -e ^SigIgn /proc/$$/status); "
	      "test $((0x$2 >> 30 & 1)) = 1 && "
	      "test $((0x$4 >> 30 & 1)) = 1 && exit 8",
	      NULL);
}

static void fails_and_asks_sigsys(void)
{
	struct sigaction now;
	sigset_t set;

	exec_fails();
	sigaction(SIGSYS, NULL, &now);
	sigprocmask(SIG_BLOCK, NULL, &set);
	_exit(now.sa_handler == SIG_DFL && !sigismember(&set, SIGSYS) ? 8 : 9);
}

static void forks(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(4);
	exits_with(pid, 4);
	_exit(5);
}

static void runs_system(void)
{
	_exit(WEXITSTATUS(system("exit 9")));
}

static void *thread_code(void *arg)
{
	return arg;
}

static void starts_a_thread(void)
{
	void *result = NULL;
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_code, (void *)4))
		_exit(1);
	pthread_join(thread, &result);
	_exit((int)(intptr_t)result);
}

static void sets_environment(void)
{
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	_exit(getenv("VSPAWN_TEST_CHILD") ? 4 : 5);
}

static void changes_user(void)
{
	if (!getuid() && setuid(1))
		_exit(1);
	_exit(getuid() ? 4 : 5);
}

static pid_t parent;

static void asks_its_parent(void)
{
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	_exit(getppid() == parent ? 4 : 5);
}

/* What a fork does not hand on, but is the process's own. */
static void has_own_state(void)
{
	struct itimerval timer = {.it_value.tv_sec = 1000};
	int sig = 0;

	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	setsid();
	umask(0123);
	chdir("/proc");
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	prctl(PR_GET_PDEATHSIG, &sig);
	getitimer(ITIMER_VIRTUAL, &timer);
	if (sig != SIGUSR1 || timer.it_value.tv_sec < 900 ||
	    getsid(0) != getpid() || getpgrp() != getpid() ||
	    umask(0) != 0123 || access("self/status", R_OK))
		_exit(5);
	_exit(4);
}

static void has_own_group(void)
{
	setpgid(0, 0);
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	_exit(getpgrp() == getpid() && getsid(0) != getpid() ? 4 : 5);
}

#define CODE(n) ((n) << 8)

static const struct {
	void (*child)(void);
	int status;
} ends[] = {
	{exits_at_once, CODE(3)},
	{exits_by_exit, CODE(7)},
	{execs, CODE(5)},
	{execs_by_path, CODE(6)},
	{aborts, SIGABRT},
	{raises, SIGUSR2},
	{is_killed, SIGKILL},
	{faults, SIGSEGV},
	{fails_and_exits_at_once, CODE(127)},
	{fails_and_exits, CODE(7)},
	{fails_and_reports, CODE(6)},
	{fails_and_execs, CODE(9)},
	{fails_and_faults, SIGSEGV},
	{fails_allocates_and_execs, CODE(9)},
	{fails_with_sigsys, CODE(8)},
	{fails_and_asks_sigsys, CODE(8)},
	{forks, CODE(5)},
	{runs_system, CODE(9)},
	{starts_a_thread, CODE(4)},
	{sets_environment, CODE(4)},
	{changes_user, CODE(4)},
	{asks_its_parent, CODE(4)},
	{has_own_state, CODE(4)},
	{has_own_group, CODE(4)},
};

static int end;

static NOINLINE void try_end(void)
{
	int reaper = -1;

	parent = getpid();
	child_status(ends[end].child, ends[end].status);
	ck_assert_ptr_null(getenv("VSPAWN_TEST_CHILD"));
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	ck_assert_int_eq(prctl(PR_GET_CHILD_SUBREAPER, &reaper), 0);
	ck_assert_int_eq(reaper, 0);
}

START_TEST(every_end)
{
	for (end = 0; end < LENGTH(ends); end++)
		with_writers(try_end, threads);
}
END_TEST

/* ---- the parent's frames ---- */

enum { LOCALS = 40 };

/* How far up the child returns before it does something, and how. */
static int levels, code;
static bool jumps;

static NOINLINE void fill(volatile long *locals, long with)
{
	for (int i = 0; i < LOCALS; i++)
		locals[i] = with + i;
}

static NOINLINE void intact(const volatile long *locals, long with)
{
	for (int i = 0; i < LOCALS; i++)
		ck_assert_msg(locals[i] == with + i,
			      "%d: %ld instead of %ld; threads %d levels %d "
			      "code %d jumps %d",
			      i, locals[i], with + i, threads, levels, code,
			      jumps);
}

/* Uses far more stack than its callers' frames. */
static NOINLINE void child_code(int code)
{
	volatile char buffer[20000];
	char *volatile some;

	for (size_t i = 0; i < sizeof(buffer); i++)
		buffer[i] = (char)0xa5;
	some = malloc(100);
	strcpy(some, "text");
	free(some);
	if (code == 5)
		exec_exit(5);
	exec_fails();
	exit(code);
}

/* The child goes on in place of the caller. */
static NOINLINE int instead(int code)
{
	volatile long locals[LOCALS];

	fill(locals, -1);
	if (code == 5)
		exec_exit(5);
	execl("/nonexistent", "nonexistent", NULL);
	exit(code + locals[0] + 1);
}

static void act(int level)
{
	if (level != levels)
		return;
	if (code == 7)
		exec_fails();
	child_code(code);
}

static NOINLINE pid_t level_0(void)
{
	volatile long locals[LOCALS];
	pid_t pid;

	fill(locals, 1000);
	pid = fork();
	if (!pid) {
		fill(locals, 0);
		if (levels == 0 && code == 5)
			exec_exit(5);
		act(0);
		return 0;
	}
	intact(locals, 1000);
	return pid;
}

static NOINLINE pid_t level_1(void)
{
	volatile long locals[LOCALS];
	pid_t pid;

	fill(locals, 2000);
	pid = level_0();
	if (!pid) {
		fill(locals, 0);
		act(1);
		return 0;
	}
	intact(locals, 2000);
	return pid;
}

/* Nothing in this frame keeps the compiler from ending it in a jump. */
static NOINLINE pid_t level_1_jumps(void)
{
	pid_t pid = level_1();

	if (!pid && levels == 2)
		return instead(code);
	return pid;
}

static NOINLINE pid_t level_2(void)
{
	pid_t pid = jumps ? level_1_jumps() : level_1();

	if (!pid)
		act(2);
	return pid;
}

static NOINLINE void try_frames(void)
{
	for (int i = 0; i < 20; i++) {
		chld = 0;
		errno = 77;
		exits_with(level_2(), code);
		ck_assert_int_eq(errno, 77);
		one_child();
	}
}

START_TEST(frames)
{
	for (code = 5; code <= 7; code++) {
		for (levels = 0; levels < 3; levels++) {
			jumps = false;
			with_writers(try_frames, threads);
		}
		levels = 2;
		jumps = true;
		with_writers(try_frames, threads);
	}
}
END_TEST

/* ---- other stacks ---- */

static NOINLINE void three_children(void)
{
	volatile long locals[LOCALS];

	for (int i = 3; i < 6; i++) {
		pid_t pid;

		fill(locals, 3000);
		pid = fork();
		if (!pid) {
			fill(locals, 0);
			if (i == 3)
				_exit(3);
			if (i == 4)
				exec_exit(4);
			exit(i);
		}
		exits_with(pid, i);
		intact(locals, 3000);
	}
}

/* Some 4 KiB a level. */
static NOINLINE void deep(int n)
{
	volatile char some[4000];

	some[0] = some[sizeof(some) - 1] = (char)n;
	if (n)
		deep(n - 1);
	else
		three_children();
	ck_assert_int_eq(some[0], (char)n);
	ck_assert_int_eq(some[sizeof(some) - 1], (char)n);
}

static void *on_small_stack(void *arg)
{
	three_children();
	return arg;
}

static ucontext_t outside, inside;

static void on_coroutine(void)
{
	three_children();
	swapcontext(&inside, &outside);
}

static void run_coroutine(void *stack, size_t size)
{
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = size;
	inside.uc_link = &outside;
	makecontext(&inside, on_coroutine, 0);
	swapcontext(&outside, &inside);
}

START_TEST(stacks)
{
	static char in_bss[128 << 10];
	char on_stack[128 << 10];
	pthread_attr_t attributes;
	pthread_t thread;

	run_coroutine(in_bss, sizeof(in_bss));
	run_coroutine(malloc(128 << 10), 128 << 10); /* never freed */
	run_coroutine(on_stack, sizeof(on_stack));
	run_coroutine(heap, 128 << 10);
	deep(10);
	deep(50);
	deep(200);
	if (!threads)
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 48 << 10);
	pthread_create(&thread, &attributes, on_small_stack, NULL);
	pthread_join(thread, NULL);
}
END_TEST

/* ---- the rest ---- */

static NOINLINE void try_ignored(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int status;
	pid_t pid;

	sigaction(SIGCHLD, &ignore, &old);
	pid = fork();
	if (!pid)
		_exit(3);
	ck_assert_int_eq(waitpid(pid, &status, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
	sigaction(SIGCHLD, &old, NULL);
}

START_TEST(sigchld_ignored)
{
	with_writers(try_ignored, threads);
}
END_TEST

static NOINLINE void try_mask(void)
{
	sigset_t set, before, after;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, &before);
	pid = fork();
	sigprocmask(SIG_BLOCK, NULL, &after);
	if (!pid)
		_exit(sigismember(&after, SIGUSR1) &&
				      sigismember(&after, SIGRTMIN + 3) &&
				      !sigismember(&after, SIGTERM)
			      ? 4
			      : 5);
	exits_with(pid, 4);
	ck_assert_int_eq(sigismember(&after, SIGUSR1), 1);
	ck_assert_int_eq(sigismember(&after, SIGTERM), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

START_TEST(mask)
{
	with_writers(try_mask, threads);
}
END_TEST

static void *fork_often(void *arg)
{
	int which = (int)(intptr_t)arg;

	for (int i = 0; i < 60; i++) {
		int expected = (which * 60 + i) % 90;
		pid_t pid = fork();

		if (!pid) {
			if (i % 3 == 0)
				_exit(expected);
			if (i % 8 == 1)
				exit(expected);
			exec_exit(expected);
			_exit(99);
		}
		exits_with(pid, expected);
	}
	return NULL;
}

START_TEST(many_threads)
{
	pthread_t thread[8];

	for (int i = 0; i < LENGTH(thread); i++)
		pthread_create(&thread[i], NULL, fork_often,
			       (void *)(intptr_t)i);
	for (int i = 0; i < LENGTH(thread); i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static int mappings(void)
{
	char *text = slurp("/proc/self/maps");
	int n = 0;

	for (char *at = text; (at = strchr(at, '\n')); at++)
		n++;
	free(text);
	return n;
}

static NOINLINE void try_often(int times, bool exec)
{
	char *argv[] = {(char *)host("nop"), NULL};

	for (int i = 0; i < times; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (exec)
				execv(argv[0], argv);
			_exit(0);
		}
		exits_with(pid, 0);
	}
}

START_TEST(often)
{
	int fds, maps;

	try_often(10, true);
	fds = open_fds();
	maps = mappings();
	try_often(1500, true);
	try_often(300, false);
	ck_assert_int_eq(open_fds(), fds);
	ck_assert_int_eq(mappings(), maps);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static void add_all(TCase *tcase)
{
	tcase_add_test(tcase, every_end);
	tcase_add_test(tcase, frames);
	tcase_add_test(tcase, stacks);
	tcase_add_test(tcase, sigchld_ignored);
	tcase_add_test(tcase, mask);
	tcase_add_test(tcase, often);
}

START_TEST(now_with_threads)
{
	threads = true;
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("share");

	/* Programs that the children become must not share memory, too:
	 * a shell's child is not clean. */
	unsetenv("VSPAWN_FORK");
	setenv("CK_FORK", "no", 1);
	add_all(tcase);
	tcase_add_test(tcase, now_with_threads);
	add_all(tcase);
	tcase_add_test(tcase, many_threads);
	return run_suite("fork: shared memory", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A parent that hands its memory to its children piece by piece, while one of
 * the two is killed, stopped, or no more the program that it was: at any moment
 * nobody waits for who does not come, and nothing is left.
 */
#include <poll.h>
#include <pthread.h>

#include "around.h"
#include "sender.h"

enum { STEP = 16384 / 8, CHUNKS = HEAP / 16384 };
enum { KILLS = 1000, ROUNDS = 60, STOPS = 100, CHILD_STOPS = 10 };
enum { LONG_MS = 2500, GONE_MS = 20000 };

static unsigned random_number(void)
{
	static uint32_t state = 20260102;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static void sleep_us(unsigned us)
{
	const struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

/* Here and there, so that little of it is known beforehand. */
static bool reads(unsigned n)
{
	for (unsigned i = 0; i < 40; i++) {
		size_t at = (n * 7919 + i * 31) % CHUNKS * (size_t)STEP + i;

		if (heap[at] != heap_word(at))
			return false;
	}
	return true;
}

static pid_t reader(unsigned n, const char *path, const char *name)
{
	pid_t pid = n % 3 ? fork() : _Fork();

	if (pid)
		return pid;
	if (reads(n))
		execl(path, name, "exit", "4", NULL);
	_exit(50);
}

static void *waits(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void close_memory(void)
{
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
}

static void add_thread(void *(*body)(void *))
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, body, NULL), 0);
}

/* ---- the child is killed, or stopped ---- */

/* It lives until its standard input ends, if it gets so far. */
static pid_t living(unsigned n, int in)
{
	pid_t pid = n % 3 ? fork() : _Fork();

	if (pid)
		return pid;
	if (reads(n) && dup2(in, 0) == 0)
		execl(in_folder("receiver"), "receiver", NULL);
	_exit(50);
}

static bool is_threaded;

static void kill_children(void)
{
	struct sender sender;
	int in[2];

	start_sender(&sender);
	close_memory();
	if (is_threaded)
		add_thread(waits);
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	for (unsigned n = 0; n < KILLS / 2; n++) {
		const struct order order = {.sig = SIGKILL,
					    .times = 1,
					    .delay = random_number() % 1200};
		pid_t pid;

		give(&sender, &order);
		pid = living(n, in[0]);
		have_sent(&sender);
		/* Where a task of the library's was hit. */
		kill(pid, SIGKILL);
		dies_by(pid, SIGKILL);
	}
	end_sender(&sender);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	for (unsigned n = 0; n < 5; n++)
		exits_with(reader(n, program, "state"), 4);
}

START_TEST(child_is_killed)
{
	if (!can_send())
		return;
	shared_host("receiver");
	is_threaded = _i;
	commits(kill_children);
}
END_TEST

static void stop_children(void)
{
	struct sender sender;

	start_sender(&sender);
	close_memory();
	for (unsigned n = 0; n < CHILD_STOPS; n++) {
		const struct order order = {.sig = SIGSTOP,
					    .times = 1,
					    .delay = random_number() % 1200};
		int in[2], status;
		pid_t pid;

		ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
		give(&sender, &order);
		pid = living(n, in[0]);
		have_sent(&sender);
		ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
		ck_assert(WIFSTOPPED(status));
		ck_assert_int_eq(kill(pid, SIGCONT), 0);
		close(in[0]);
		close(in[1]);
		exits_with(pid, 0);
	}
	end_sender(&sender);
	for (unsigned n = 0; n < 5; n++)
		exits_with(reader(n, program, "state"), 4);
}

START_TEST(child_is_stopped)
{
	if (!can_send())
		return;
	shared_host("receiver");
	commits(stop_children);
}
END_TEST

/* ---- the parent is ---- */

/* Whoever has the other end is gone. */
static void nobody_has(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_msg(poll(&p, 1, GONE_MS) == 1 && p.revents == POLLHUP,
		      "a child waits for ever");
	close(fd);
}

static _Noreturn void forks_for_ever(void)
{
	for (unsigned n = random_number();; n++) {
		pid_t pid = reader(n, program, "state");
		int status = -1;

		if (pid > 0 && waitpid(pid, &status, 0) == pid &&
		    status != 4 << 8)
			_exit(51);
	}
}

static void *forks_too(void *unused)
{
	(void)unused;
	forks_for_ever();
}

/* A parent with so many threads beside the one that forks. */
static pid_t start_parent(int threads, int ends[2])
{
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	random_number();
	pid = fork();
	if (pid) {
		close(ends[1]);
		return pid;
	}
	close(ends[0]);
	close_memory();
	for (int i = 0; i < threads; i++)
		add_thread(i ? forks_too : waits);
	return 0;
}

START_TEST(parent_is_killed)
{
	int ends[2];

	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = start_parent(n % 3, ends);

		if (!pid)
			forks_for_ever();
		sleep_us(1000 + random_number() % 20000);
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		dies_by(pid, SIGKILL);
		nobody_has(ends[0]);
	}
}
END_TEST

static void *execs(void *unused)
{
	sleep_us(1000 + random_number() % 20000);
	execl(program, "state", "exit", "4", NULL);
	_exit(99);
	return unused;
}

/* By the first thread or by another. */
START_TEST(parent_execs)
{
	int ends[2];

	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = start_parent(n % 3, ends);

		if (!pid) {
			add_thread(n % 2 ? execs : forks_too);
			if (n % 2)
				forks_for_ever();
			execs(NULL);
		}
		exits_with(pid, 4);
		nobody_has(ends[0]);
	}
}
END_TEST

static void be_stopped(void)
{
	pid_t stopper, self = getpid();

	stopper = fork();
	if (!stopper) {
		for (int n = 0; n < STOPS; n++) {
			bool long_one = n == STOPS / 2;

			sleep_us(random_number() % 5000);
			kill(self, SIGSTOP);
			sleep_us(long_one ? LONG_MS * 1000
					  : random_number() % 5000);
			kill(self, SIGCONT);
		}
		_exit(0);
	}
	close_memory();
	if (is_threaded)
		add_thread(waits);
	for (unsigned n = 0; !waitpid(stopper, NULL, WNOHANG); n++)
		exits_with(reader(n, program, "state"), 4);
	for (unsigned n = 0; n < 5; n++)
		exits_with(reader(n, program, "state"), 4);
}

START_TEST(parent_is_stopped)
{
	is_threaded = _i;
	commits(be_stopped);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("served");

	tcase_add_loop_test(tcase, child_is_killed, 0, 2);
	tcase_add_test(tcase, child_is_stopped);
	tcase_add_test(tcase, parent_is_killed);
	tcase_add_test(tcase, parent_execs);
	tcase_add_loop_test(tcase, parent_is_stopped, 0, 2);
	return run_scenes("fork: served", tcase, argv);
}

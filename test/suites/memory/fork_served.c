/* SPDX-License-Identifier: MIT
 *
 * A child that its parent hands its memory piece by piece, while it is killed
 * or stopped: at any moment nobody waits for who does not come, and nothing is
 * left. The same of the parent is fork_served_parent.c.
 */
#include "served.h"

enum { KILLS = 1000, CHILD_STOPS = 10 };

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

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("served");

	tcase_add_loop_test(tcase, child_is_killed, 0, 2);
	tcase_add_test(tcase, child_is_stopped);
	return run_scenes("fork: served", tcase, argv);
}

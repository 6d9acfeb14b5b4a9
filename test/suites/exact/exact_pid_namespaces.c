/* SPDX-License-Identifier: MIT
 *
 * A thread that enters another pid namespace: its children are born there,
 * those of the other threads are not. In a new one the first child is the only
 * one that can be its init.
 */
#include "namespaces.h"

static int own_number(void)
{
	return (int)getpid() > 100 ? 100 : (int)getpid();
}

/* In a container numbers may be small here, too: born elsewhere it would have
 * a parent that it cannot see. */
static int is_born_here(void)
{
	return getppid() ? 4 : 50;
}

static int first_way;

static void *makes_init(void *unused)
{
	children(is_born_here, 4);
	ck_assert_int_eq(enter_new(CLONE_NEWPID), 0);
	exits_with(child(own_number, first_way), 1);
	/* As the kernel has it for a namespace without its init. */
	ck_assert_int_eq(fork(), -1);
	ck_assert_int_eq(errno, ENOMEM);
	stop = true;
	return unused;
}

START_TEST(first_is_init)
{
	first_way = _i / HOWS ? 1 : 3;
	if (allowed(_i))
		in_thread(makes_init, is_born_here);
}
END_TEST

/* Ends with the pipe. */
static pid_t live_init(int fds[2])
{
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) ? 50 : (int)getpid());
	}
	return pid;
}

static void end_init(pid_t init, const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
	exits_with(init, 1);
}

static void *numbers_children(void *unused)
{
	pid_t init;
	int fds[2];

	ck_assert_int_eq(enter_new(CLONE_NEWPID), 0);
	init = live_init(fds);
	for (int n = 2; n < FORKS; n++)
		exits_with(child(own_number, n), n);
	end_init(init, fds);
	stop = true;
	return unused;
}

START_TEST(without_a_gap)
{
	if (allowed(_i))
		in_thread(numbers_children, is_born_here);
}
END_TEST

static int pid_namespace = -1;
static _Atomic bool left;

/* In and out again. */
static void *visits(void *unused)
{
	int own = open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC);

	children(is_born_here, 4);
	ck_assert_int_eq(enter(pid_namespace, CLONE_NEWPID), 0);
	for (int n = 2; n < 8; n++)
		exits_with(child(own_number, n), n);
	ck_assert_int_eq(enter(own, CLONE_NEWPID), 0);
	children(is_born_here, 4);
	left = true;
	close(own);
	return unused;
}

static void *has_one_visited(void *unused)
{
	pid_t init;
	int fds[2];

	ck_assert_int_eq(enter_new(CLONE_NEWPID), 0);
	init = live_init(fds);
	pid_namespace = open("/proc/thread-self/ns/pid_for_children",
			     O_RDONLY | O_CLOEXEC);
	while (!left)
		usleep(1000);
	end_init(init, fds);
	stop = true;
	return unused;
}

START_TEST(visited)
{
	pthread_t host_thread;

	if (!allowed(_i))
		return;
	ck_assert_int_eq(
		pthread_create(&host_thread, NULL, has_one_visited, NULL), 0);
	while (pid_namespace < 0)
		usleep(1000);
	in_thread(visits, is_born_here);
	pthread_join(host_thread, NULL);
	close(pid_namespace);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("pid namespaces");

	tcase_add_loop_test(tcase, first_is_init, 0, 2 * HOWS);
	tcase_add_loop_test(tcase, without_a_gap, 0, HOWS);
	tcase_add_loop_test(tcase, visited, 0, HOWS);
	return run_suite("exact: pid namespaces of a thread", tcase);
}

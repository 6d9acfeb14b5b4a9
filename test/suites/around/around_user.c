/* SPDX-License-Identifier: MIT
 *
 * A child that becomes another user, whom its parent may not send signals.
 */
#include <linux/capability.h>
#include <time.h>

#include "around.h"

enum { NOBODY = 65534 };

static void may_not_kill(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (geteuid())
		skip("not root");
	ck_assert_int_eq(vs_sys(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1U << CAP_KILL);
	data[0].permitted &= ~(1U << CAP_KILL);
	ck_assert_int_eq(vs_sys(SYS_capset, &header, data), 0);
}

/* It waits for its parent, in a loop, for longer than anybody would let it. */
static void child_is_not_to_be_told(void)
{
	_Atomic bool *told = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	may_not_kill();
	pid = fork();
	if (!pid) {
		if (setuid(NOBODY))
			_exit(1);
		while (!*told)
			;
		_exit(5);
	}
	*told = true;
	exits_with(pid, 5);
}

START_TEST(child_of_another_user)
{
	play(child_is_not_to_be_told);
}
END_TEST

/* The same, while its parent is stopped for longer. */
static void child_of_a_stopped_one(void)
{
	enum { BEFORE_US = 20000, STOPPED_US = 500000 };
	_Atomic bool *told = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t other, pid;

	may_not_kill();
	other = raw_fork();
	if (!other) {
		usleep(BEFORE_US);
		kill(getppid(), SIGSTOP);
		usleep(STOPPED_US);
		kill(getppid(), SIGCONT);
		*told = true;
		_exit(0);
	}
	pid = fork();
	if (!pid) {
		if (setuid(NOBODY))
			_exit(1);
		while (!*told)
			;
		_exit(5);
	}
	exits_with(pid, 5);
	exits_with(other, 0);
}

START_TEST(parent_is_stopped)
{
	play(child_of_a_stopped_one);
}
END_TEST

/* Its timers have the numbers that they have natively. */
static void child_has_timers(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	int first = -1;
	pid_t pid;

	may_not_kill();
	pid = fork();
	if (!pid) {
		if (setuid(NOBODY))
			_exit(1);
		if (!vs_sys(SYS_timer_delete, 0) ||
		    syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &first))
			exec_exit(2);
		exec_exit(first == 0 ? 5 : 3);
	}
	exits_with(pid, 5);
}

START_TEST(timers)
{
	play(child_has_timers);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("user");

	tcase_add_test(tcase, child_of_another_user);
	tcase_add_test(tcase, parent_is_stopped);
	tcase_add_test(tcase, timers);
	return run_scenes("around: another user", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 *
 * Tasks that libc does not know of share the table of descriptors with who
 * forks: made by clone(), a process with memory of its own, one without, and a
 * thread. Each number that they get is the lowest free one.
 */
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "util.h"

enum { FORKS = 150, STACK = 1 << 16 };

/* On memory that all of these see. */
static struct shared {
	_Atomic int stop, wrong; /* not every CPU has atomic bytes */
	_Atomic unsigned rounds;
} * shared;

/* By system calls: errno is the other's, where memory is shared. */
static int takes_lowest(void *unused)
{
	long args = (long)"/dev/null";
	long first = vs_sys(SYS_openat, AT_FDCWD, args, O_RDONLY), fd;

	(void)unused;
	for (; !shared->stop; shared->rounds++) {
		fd = vs_sys(SYS_openat, AT_FDCWD, args, O_RDONLY);
		if (fd != first + 1)
			shared->wrong = true;
		vs_sys(SYS_close, fd);
	}
	shared->stop = false;
	vs_sys(SYS_exit, 0);
	return 0;
}

static int by_clone(int flags)
{
	char *stack = malloc(STACK);

	return clone(takes_lowest, stack + STACK, flags, NULL);
}

static int by_number(int flags)
{
	long args[2] = {0, 0}, pid;

	args[VS_CLONE_FLAGS] = flags;
	pid = syscall(SYS_clone, args[0], args[1], 0, 0, 0);
	if (!pid)
		takes_lowest(NULL);
	return (int)pid;
}

static const struct {
	int (*make)(int flags);
	int flags;
} sharers[] = {
	{by_clone, CLONE_FILES | SIGCHLD},
	{by_number, CLONE_FILES | SIGCHLD},
	{by_clone, CLONE_FILES | CLONE_VM | SIGCHLD},
	{by_clone, CLONE_FILES | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD |
			   CLONE_FS | CLONE_SYSVSEM},
};

START_TEST(lowest_is_taken)
{
	int task;

	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	task = sharers[_i].make(sharers[_i].flags);
	ck_assert_int_gt(task, 0);
	while (!shared->rounds)
		usleep(100);
	for (int i = 0; i < FORKS; i++) {
		pid_t pid = fork();

		if (!pid)
			exec_exit(4);
		exits_with(pid, 4);
	}
	shared->stop = true;
	while (shared->stop)
		usleep(100);
	if (!(sharers[_i].flags & CLONE_THREAD))
		exits_with(task, 0);
	ck_assert(!shared->wrong);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sharers");

	tcase_add_loop_test(tcase, lowest_is_taken, 0, LENGTH(sharers));
	return run_suite("exact: tasks that libc does not know of", tcase);
}

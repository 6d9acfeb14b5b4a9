/* SPDX-License-Identifier: MIT
 *
 * Children with a thread pointer of their own, 0, by the system calls: such a
 * child may make system calls, inline or by syscall(), which sets no errno if
 * they succeed. Nothing that is made on its way may read thread-local memory.
 */
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>

#include "util.h"

enum { CODE = 77, STACK = 64 << 10 };

static int pipe_fds[2];

/* ---- what the child does ---- */

_Noreturn static void inline_calls(void)
{
	vs_sys(SYS_write, pipe_fds[1], "child", 5);
	for (;;)
		vs_sys(SYS_exit_group, CODE);
}

_Noreturn static void by_libc(void)
{
	syscall(SYS_write, pipe_fds[1], "child", 5);
	for (;;)
		syscall(SYS_exit_group, CODE);
}

static const char *said;

/* Becomes another program. */
_Noreturn static void execs(void)
{
	static char number[] = "0", text[] = "child";
	static char *args[] = {"say", number, text, NULL};
	static char *no_environment[] = {NULL};

	number[0] = (char)('0' + pipe_fds[1] % 10);
	vs_sys(SYS_execve, said, args, no_environment);
	for (;;)
		vs_sys(SYS_exit_group, 99);
}

static void prepare(void)
{
	static char path[PATH_MAX];

	ck_assert_ptr_nonnull(realpath(host("say"), path));
	said = path;
	ck_assert_int_eq(pipe2(pipe_fds, O_NONBLOCK), 0);
}

/* ---- how it is made ---- */

static long by_clone(long flags)
{
	long args[2] = {0, 0};

	args[VS_CLONE_FLAGS] = flags | SIGCHLD;
	return syscall(SYS_clone, args[0], args[1], 0L, 0L, 0L);
}

static long by_clone3(long flags)
{
	struct clone_args args = {.flags = (uint64_t)flags,
				  .exit_signal = SIGCHLD};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static struct {
	long (*make)(long flags);
	long flags;
} const ways[] = {
	{by_clone, CLONE_SETTLS},
	{by_clone3, CLONE_SETTLS},
	{by_clone, CLONE_SETTLS | CLONE_VFORK},
	{by_clone3, CLONE_SETTLS | CLONE_VFORK},
	{by_clone3, CLONE_SETTLS | CLONE_CLEAR_SIGHAND},
	{by_clone, CLONE_SETTLS | CLONE_FILES},
};

static void child_says(long pid, int code)
{
	char text[8] = "";

	exits_with((pid_t)pid, code);
	ck_assert_int_eq(read(pipe_fds[0], text, sizeof(text)), 5);
	ck_assert_str_eq(text, "child");
}

static void (*const children[])(void) = {inline_calls, by_libc, execs};

START_TEST(thread_pointer_0)
{
	int way = _i / LENGTH(children);
	void (*child)(void) = children[_i % LENGTH(children)];

	prepare();
	for (int n = 0; n < 3; n++) {
		long pid = ways[way].make(ways[way].flags);

		if (!pid)
			child();
		if (pid < 0 && (errno == ENOSYS || errno == EINVAL)) {
			printf("skipped: the kernel lacks clone3 or a flag\n");
			return;
		}
		child_says(pid, child == execs ? 0 : CODE);
		ck_assert_int_eq(getpid(), syscall(SYS_getpid));
	}
	/* And as ever. */
	both_exit(inline_calls, CODE);
}
END_TEST

/* The same by libc's clone(), whose child has memory of its own or not. */
static int with_libc(void *child)
{
	(*(void (**)(void))child)();
	return 0;
}

START_TEST(thread_pointer_0_by_name)
{
	static char stack[STACK] __attribute__((aligned(16)));
	void (*child)(void) = children[_i / 2];
	int flags = SIGCHLD | CLONE_SETTLS | (_i % 2 ? CLONE_VM : 0);

	/* To look a name up the loader needs it. */
	syscall(SYS_getpid);
	prepare();
	for (int n = 0; n < 3; n++) {
		int pid = clone(with_libc, stack + STACK, flags, &child, NULL,
				NULL, NULL);

		child_says(pid, child == execs ? 0 : CODE);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("own_tls");

	tcase_add_loop_test(tcase, thread_pointer_0, 0,
			    LENGTH(ways) * LENGTH(children));
	tcase_add_loop_test(tcase, thread_pointer_0_by_name, 0,
			    2 * LENGTH(children));
	return run_suite("own thread pointer", tcase);
}

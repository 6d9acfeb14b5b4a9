/* SPDX-License-Identifier: MIT
 *
 * Every public function that replaces a process, after every one that makes
 * one: the program, the arguments, the whole environment, the status, errno.
 */
#include <dlfcn.h>
#include <linux/sched.h>
#include <sched.h>

#include "doors.h"

/* ---- exec ---- */

static int by_execve(const char *path)
{
	return execve(path, argv, envp);
}

static int by_execv(const char *path)
{
	environ = envp;
	return execv(path, argv);
}

static int by_execvp(const char *path)
{
	environ = envp;
	return execvp(path, argv);
}

static int by_execvpe(const char *path)
{
	return execvpe(path, argv, envp);
}

static int by_execl(const char *path)
{
	environ = envp;
	return execl(path, argv[0], argv[1], argv[2], argv[3], argv[4], argv[5],
		     NULL);
}

static int by_execlp(const char *path)
{
	environ = envp;
	return execlp(path, argv[0], argv[1], argv[2], argv[3], argv[4],
		      argv[5], NULL);
}

static int by_execle(const char *path)
{
	return execle(path, argv[0], argv[1], argv[2], argv[3], argv[4],
		      argv[5], NULL, envp);
}

static int by_fexecve(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fexecve(fd, argv, envp);
}

static int by_execveat(const char *path)
{
	int (*f)(int, const char *, char *const *, char *const *, int) =
		dlsym(RTLD_DEFAULT, "execveat");

	if (!f) /* glibc before 2.34 */
		return execve(path, argv, envp);
	return f(AT_FDCWD, path, argv, envp, 0);
}

static int by_syscall_execve(const char *path)
{
	return (int)syscall(SYS_execve, path, argv, envp);
}

static int by_syscall_execveat(const char *path)
{
	return (int)syscall(SYS_execveat, AT_FDCWD, path, argv, envp, 0);
}

static int (*const execs[])(const char *) = {
	by_execve,   by_execv,		by_execvp,	     by_execvpe,
	by_execl,    by_execlp,		by_execle,	     by_fexecve,
	by_execveat, by_syscall_execve, by_syscall_execveat,
};

/* ---- makers of a child that goes on here ---- */

typedef pid_t forker(void);

static forker *libc_forker(const char *name)
{
	forker *found = (forker *)dlsym(RTLD_DEFAULT, name);

	return found ? found : fork;
}

static pid_t by__fork(void)
{
	return libc_forker("__fork")();
}

static pid_t by__libc_fork(void)
{
	return libc_forker("__libc_fork")();
}

static pid_t by_Fork(void)
{
	return libc_forker("_Fork")();
}

static pid_t by_syscall_clone(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static pid_t by_syscall_clone3(void)
{
	struct clone_args args = {.exit_signal = SIGCHLD};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static forker *const forkers[] = {
	fork,	  by__fork,	    by__libc_fork,
	by_Fork,  by_syscall_clone, by_syscall_clone3,
#ifdef SYS_fork
	raw_fork,
#endif
};

static volatile int which;

static void exec_now(void)
{
	execs[which](target);
	_exit(99);
}

START_TEST(every_exec_after_every_fork)
{
	for (which = 0; which < LENGTH(execs); which++) {
		int status;
		pid_t pid;

		errno = 77;
		pid = forkers[_i]();
		if (!pid)
			exec_now();
		ck_assert_int_eq(errno, 77);
		status = wait_for(pid);
		target_ran(status, EXIT, argv, envp);
	}
}
END_TEST

/* The child runs on this stack: what it calls must not return. */
START_TEST(every_exec_after_vfork)
{
	static char **saved;

	saved = environ;
	for (which = 0; which < LENGTH(execs); which++) {
		pid_t pid = vfork();
		int status;

		if (!pid)
			exec_now();
		environ = saved;
		status = wait_for(pid);
		target_ran(status, EXIT, argv, envp);
	}
}
END_TEST

static int in_clone(void *arg)
{
	(void)arg;
	exec_now();
	return 98;
}

typedef int cloner(int (*)(void *), void *, int, void *, ...);

START_TEST(every_exec_after_clone)
{
	cloner *const cloners[] = {clone,
				   (cloner *)dlsym(RTLD_DEFAULT, "__clone")};
	static const int flags[] = {SIGCHLD, SIGCHLD | CLONE_VM | CLONE_VFORK};
	char *stack = malloc(64 << 10), **saved = environ;

	for (int i = 0; i < 4; i++) {
		cloner *f = cloners[i / 2];

		for (which = 0; f && which < LENGTH(execs); which++) {
			int status = wait_for(f(in_clone, stack + (64 << 10),
						flags[i % 2], NULL));

			environ = saved;
			target_ran(status, EXIT, argv, envp);
		}
	}
	free(stack);
}
END_TEST

/* In a child, because some set environ. */
START_TEST(errors_of_every_exec)
{
	static const struct {
		const char *path;
		int error;
	} cases[] = {{"/nonexistent/program", ENOENT},
		     {"/etc/passwd", EACCES},
		     {"/etc/passwd/x", ENOTDIR}};

	for (int i = 0; i < LENGTH(cases); i++) {
		for (which = 0; which < LENGTH(execs); which++) {
			pid_t pid = fork();

			if (!pid) {
				errno = 0;
				_exit(execs[which](cases[i].path) == -1 &&
						      errno == cases[i].error
					      ? 4
					      : 5);
			}
			exits_with(pid, 4);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("doors");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_loop_test(tcase, every_exec_after_every_fork, 0,
			    LENGTH(forkers));
	tcase_add_test(tcase, every_exec_after_vfork);
	tcase_add_test(tcase, every_exec_after_clone);
	tcase_add_test(tcase, errors_of_every_exec);
	return run_suite("doors", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Makes exactly so many calls, for what is reported of them:
 *
 *	reported [NAME=N]... END
 *
 * mb=N: has so much memory. fork=N, spawn=N, system=N: children by these, which
 * exec and are waited for. stay=N: children of fork() that exit without an
 * exec. exec=N: execs that fail, in this process. watch=1: a second thread,
 * which looks whether descriptors get the numbers that they should. child=1:
 * from here on in a child of fork(), whose parent waits. user=1: as nobody,
 * and root=1: in an empty root, for good. filter=1: a filter that kills for
 * write() to any descriptor but 1. END: exit, _exit, kill or wait, which says
 * "ready" and goes on when its input ends.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watcher.h"

extern char **environ;

static char *const args[] = {"nop", "an \"argument\"\n", "\xff\xfe", "", NULL};
static const char *nop;

static void die(const char *what)
{
	perror(what);
	exit(3);
}

static void reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("child");
}

static void by_fork(long n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			execv(nop, args);
			_exit(127);
		}
		reap(pid);
	}
}

static void by_spawn(long n)
{
	while (n--) {
		pid_t pid;

		errno = posix_spawn(&pid, nop, NULL, NULL, args, environ);
		if (errno)
			die("posix_spawn");
		reap(pid);
	}
}

static void by_system(long n)
{
	while (n--) {
		if (system("exit 0"))
			die("system");
	}
}

static void staying(long n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0)
			_exit(0);
		reap(pid);
	}
}

static void failing(long n)
{
	while (n--) {
		execv("/no/such/file", args);
		if (errno != ENOENT)
			die("exec");
	}
}

static void memory(long mb)
{
	char *at = malloc((size_t)mb << 20);

	if (!at)
		die("malloc");
	memset(at, 1, (size_t)mb << 20);
}

static void start_watching(long n)
{
	if (n && !watch_numbers())
		die("pthread_create");
}

static void stop_watching(void)
{
	long n = wrong_numbers();

	if (n) {
		fprintf(stderr, "%ld descriptors with wrong numbers\n", n);
		exit(4);
	}
}

/* ---- what becomes of it ---- */

static void in_child(long n)
{
	pid_t pid = n ? fork() : 0;

	if (pid < 0)
		die("fork");
	if (pid > 0) {
		reap(pid);
		exit(0);
	}
}

static void as_nobody(long n)
{
	if (n && (setgid(65534) || setuid(65534)))
		die("setuid");
}

static void in_empty_root(long n)
{
	char folder[] = "/tmp/reported.XXXXXX";

	if (!n)
		return;
	if (!mkdtemp(folder) || chdir(folder) || rmdir(folder) || chroot("."))
		die("chroot");
}

static void filtered(long n)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	if (n && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)))
		die("seccomp");
}

static const struct {
	const char *name;
	void (*act)(long n);
} acts[] = {
	{"mb", memory},
	{"fork", by_fork},
	{"spawn", by_spawn},
	{"system", by_system},
	{"stay", staying},
	{"exec", failing},
	{"watch", start_watching},
	{"child", in_child},
	{"user", as_nobody},
	{"root", in_empty_root},
	{"filter", filtered},
};

static void act(const char *arg)
{
	const char *value = strchr(arg, '=');

	for (size_t i = 0; value && i < sizeof(acts) / sizeof(*acts); i++) {
		if (!strncmp(arg, acts[i].name, (size_t)(value - arg)) &&
		    !acts[i].name[value - arg]) {
			acts[i].act(atol(value + 1));
			return;
		}
	}
	fprintf(stderr, "reported: %s?\n", arg);
	exit(2);
}

static void end(const char *how)
{
	char c;

	stop_watching();
	if (!strcmp(how, "_exit"))
		_exit(0);
	if (!strcmp(how, "kill"))
		raise(SIGKILL);
	if (strcmp(how, "wait") != 0)
		exit(0);
	if (write(1, "ready\n", 6) == 6) {
		while (read(0, &c, 1) > 0 || errno == EINTR)
			errno = 0;
	}
	exit(0);
}

int main(int argc, char **argv)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s", argv[0]);
	strcpy(strrchr(path, '/') + 1, "nop");
	nop = path;
	for (int i = 1; i < argc - 1; i++)
		act(argv[i]);
	if (argc > 1)
		end(argv[argc - 1]);
	return 2;
}

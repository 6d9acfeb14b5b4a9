/* SPDX-License-Identifier: MIT
 *
 * A child that enters a namespace before it execs, as one that is started in
 * somebody's network.
 */
#include <sched.h>

#include "call/outcome.h"

/* Inherited. */
enum { NET_FD = 47, IPC_FD };

/* ---- this commits ---- */

static char *say_namespace(char *text, const char *name, int of)
{
	struct stat own, other;

	stat(name, &own);
	fstat(of, &other);
	return text + sprintf(text, "%d ", own.st_ino == other.st_ino);
}

static void enters_namespaces(char *text)
{
	text += sprintf(text, "%d ", setns(NET_FD, CLONE_NEWUTS));
	text = say_namespace(text, "/proc/self/ns/net", NET_FD);
	text += sprintf(text, "%d ", setns(NET_FD, 0));
	text = say_namespace(text, "/proc/self/ns/net", NET_FD);
	text += sprintf(text, "%d ", setns(IPC_FD, CLONE_NEWIPC));
	text = say_namespace(text, "/proc/self/ns/ipc", IPC_FD);
	sprintf(text, "%d", setns(open("/proc/self/ns/uts", O_RDONLY), 0));
}

/* ---- this does not ---- */

static void enters_a_root(char *text)
{
	text += sprintf(text, "%d ",
			setns(open("/proc/self/ns/mnt", O_RDONLY), 0));
	text += sprintf(text, "%d ", setns(FILE_FD, CLONE_NEWNET));
	sprintf(text, "%d ", setns(CLOSED, 0));
}

static const struct trial trials[] = {
	{enters_namespaces, false},
	{enters_a_root, true},
};

static int open_of(pid_t pid, const char *kind)
{
	char name[64];

	sprintf(name, "/proc/%d/ns/%s", pid, kind);
	return open(name, O_RDONLY);
}

/* Others' namespaces, or this process's own, if it may make none. */
static void open_namespaces(void)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		abort();
	pid = raw_fork();
	if (!pid) {
		unshare(CLONE_NEWNET | CLONE_NEWIPC);
		write(fds[1], "x", 1);
		pause();
	}
	read(fds[0], (char[1]){0}, 1);
	at_number(open_of(pid, "net"), NET_FD);
	at_number(open_of(pid, "ipc"), IPC_FD);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fds[0]);
	close(fds[1]);
}

static void scene(void)
{
	open_namespaces();
	same_outcomes(trials, LENGTH(trials));
}

START_TEST(enter)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("enter");

	make_counts();
	tcase_add_test(tcase, enter);
	return run_scenes("fork: enter", tcase, argv);
}

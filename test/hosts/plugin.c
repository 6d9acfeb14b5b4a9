/* SPDX-License-Identifier: MIT
 *
 * Not a program but a shared object that makes processes. What it calls
 * depends on how it is loaded: with RTLD_DEEPBIND libc itself, in a namespace
 * of its own another copy of libc.
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t plugin_fork(void);
void plugin_exec(const char *command);
int plugin_wait(pid_t pid);
int plugin_spawn(const posix_spawn_file_actions_t *actions);
int plugin_actions(posix_spawn_file_actions_t *actions);
int plugin_shell(void);
int plugin_thread(void);

extern char **environ;

pid_t plugin_fork(void)
{
	return fork();
}

void plugin_exec(const char *command)
{
	execl("/bin/sh", "sh", "-c", command, NULL);
}

int plugin_wait(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

/* A child that exits with 5 if descriptor 9 is open. */
int plugin_spawn(const posix_spawn_file_actions_t *actions)
{
	char command[] = "[ -e /dev/fd/9 ] && exit 5; exit 6";
	char *argv[] = {"sh", "-c", command, NULL};
	pid_t pid;

	if (posix_spawnp(&pid, "sh", actions, NULL, argv, environ))
		return -1;
	return plugin_wait(pid);
}

int plugin_actions(posix_spawn_file_actions_t *actions)
{
	return posix_spawn_file_actions_init(actions) ||
	       posix_spawn_file_actions_addopen(actions, 9, "/dev/null", 0, 0);
}

/* The others, one after the other; 0 if all is well. */
int plugin_shell(void)
{
	FILE *in = popen("echo text; exit 6", "r");
	char text[16] = "";
	pid_t pid;

	if (!in || !fgets(text, sizeof(text), in) || strcmp(text, "text\n"))
		return 1;
	if (pclose(in) != 6 << 8)
		return 2;
	if (system("exit 7") != 7 << 8)
		return 3;
	pid = vfork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "exit 8", NULL);
		_exit(127);
	}
	return plugin_wait(pid) == 8 << 8 ? 0 : 4;
}

static void *set_mask(void *result)
{
	sigset_t set;

	sigemptyset(&set);
	*(int *)result = pthread_sigmask(SIG_BLOCK, &set, NULL) ? 1 : 7;
	return result;
}

int plugin_thread(void)
{
	pthread_t thread;
	int result = 0;

	if (pthread_create(&thread, NULL, set_mask, &result) ||
	    pthread_join(thread, NULL))
		return 2;
	return result;
}

/* SPDX-License-Identifier: MIT
 * spawn_host SHOW FILE: runs SHOW four times each by posix_spawn and
 * posix_spawnp, one time of each with file actions, one with attributes. */
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *args[] = {"show", argc > 2 ? argv[2] : "", NULL};
	int failed = argc < 3;
	sigset_t set;

	sigfillset(&set);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, 2, 1);
	posix_spawn_file_actions_addopen(&actions, 5, "/", 0, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	for (int i = 0; !failed && i < 8; i++) {
		pid_t pid;
		int status = -1;

		failed |= (i < 4 ? posix_spawn : posix_spawnp)(
			&pid, argv[1], i & 1 ? &actions : NULL,
			i & 2 ? &attr : NULL, args, environ);
		failed |= waitpid(pid, &status, 0) != pid || status;
	}
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return failed;
}

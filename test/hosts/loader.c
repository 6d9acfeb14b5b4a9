/* SPDX-License-Identifier: MIT
 *
 * A program that waits for a thread while it has the loader's lock, as one does
 * whose plugin starts threads when it is loaded. The thread calls what it has
 * not called before, of which nothing needs that lock natively.
 */
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *work(void *failed)
{
	char *args[] = {"true", NULL};
	sigset_t mask;
	pid_t pid;

	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	close(-1);
	if (posix_spawn(&pid, "/bin/true", NULL, NULL, args, environ) ||
	    waitpid(pid, NULL, 0) != pid)
		*(int *)failed = 1;
	for (int i = 0; i < 2; i++) {
		pid = i ? fork() : vfork();
		if (!pid)
			_exit(0);
		if (waitpid(pid, NULL, 0) != pid)
			*(int *)failed = 1;
	}
	return NULL;
}

static int wait_for_thread(struct dl_phdr_info *info, size_t size, void *failed)
{
	pthread_t thread;

	(void)info;
	(void)size;
	if (pthread_create(&thread, NULL, work, failed) ||
	    pthread_join(thread, NULL))
		*(int *)failed = 1;
	return 1;
}

int main(void)
{
	int failed = 0;

	dl_iterate_phdr(wait_for_thread, &failed);
	return failed;
}

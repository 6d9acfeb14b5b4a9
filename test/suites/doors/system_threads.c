/* SPDX-License-Identifier: MIT
 *
 * system() in several threads, of which one may be cancelled: the signals that
 * it ignores are the whole process's, and each command is waited for.
 */
#include <pthread.h>

#include "util.h"

static void *one_command(void *command)
{
	return (void *)(long)system(command);
}

static bool interrupt_ignored(void)
{
	struct sigaction now;

	sigaction(SIGINT, NULL, &now);
	return now.sa_handler == SIG_IGN;
}

static char command_text[2][256];

static const char *waits_for(int i, const char *name)
{
	snprintf(command_text[i], sizeof(command_text[i]), "read line <%s",
		 name);
	return command_text[i];
}

static void release(int fd)
{
	ck_assert_int_eq(write(fd, "\n", 1), 1);
	close(fd);
}

START_TEST(ignored_until_the_last_has_returned)
{
	const char *fifo[2] = {in_folder("one"), in_folder("two")};
	pthread_t thread[2];
	int fd[2];

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(mkfifo(fifo[i], 0600), 0);
		pthread_create(&thread[i], NULL, one_command,
			       (void *)waits_for(i, fifo[i]));
	}
	/* When that returns, the command runs. */
	for (int i = 0; i < 2; i++)
		fd[i] = open(fifo[i], O_WRONLY | O_CLOEXEC);
	release(fd[0]);
	pthread_join(thread[0], NULL);
	ck_assert(interrupt_ignored());
	release(fd[1]);
	pthread_join(thread[1], NULL);
	ck_assert(!interrupt_ignored());
	ck_assert_int_eq(system("exit 1"), 1 << 8);
}
END_TEST

static void *many_commands(void *arg)
{
	long good = 0;

	(void)arg;
	for (int i = 0; i < 50; i++)
		good += system("exit 9") == 9 << 8;
	return (void *)good;
}

START_TEST(many_at_once)
{
	pthread_t thread[4];
	void *good;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, many_commands, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &good);
		ck_assert_int_eq((long)good, 50);
	}
	ck_assert(!interrupt_ignored());
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}
END_TEST

/* The command is killed and waited for, and the signals are put back. */
START_TEST(cancelled)
{
	for (int i = 0; i < 10; i++) {
		pthread_t thread;
		void *value;

		pthread_create(&thread, NULL, one_command, "exec sleep 1000");
		while (!interrupt_ignored())
			usleep(1000);
		usleep(i * 1000);
		ck_assert_int_eq(pthread_cancel(thread), 0);
		pthread_join(thread, &value);
		ck_assert_ptr_eq(value, PTHREAD_CANCELED);
		ck_assert(!interrupt_ignored());
		ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
		ck_assert_int_eq(errno, ECHILD);
	}
	ck_assert_int_eq(system("exit 1"), 1 << 8);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("system");

	tcase_add_test(tcase, ignored_until_the_last_has_returned);
	tcase_add_test(tcase, many_at_once);
	tcase_add_test(tcase, cancelled);
	return run_suite("system in threads", tcase);
}

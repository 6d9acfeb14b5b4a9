/* SPDX-License-Identifier: MIT
 * popen() in children, in threads, and where descriptors are missing. */
#include <pthread.h>

#include "util.h"

static void no_children(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static bool gives(FILE *stream, const char *expected)
{
	char line[64] = "";

	return stream && fgets(line, sizeof(line), stream) &&
	       !strcmp(line, expected);
}

/* The pipe then gets the numbers that the child wants it to have. */
START_TEST(without_standard_files)
{
	FILE *stream;
	int status;

	for (int first = 0; first < 2; first++) {
		pid_t pid = fork();

		if (!pid) {
			close(first);
			close(!first);
			stream = popen("echo text", "r");
			if (!gives(stream, "text\n") || pclose(stream))
				_exit(1);
			stream = popen("read x; test $x = text", "w");
			fputs("text\n", stream);
			status = pclose(stream);
			_exit(status ? 2 : 4);
		}
		exits_with(pid, 4);
	}
}
END_TEST

START_TEST(inherited)
{
	FILE *stream = popen("read x; exit 6", "w");
	pid_t pid = fork();

	if (!pid) {
		FILE *own = popen("echo text", "r");

		if (pclose(stream) != -1 || errno != ECHILD)
			_exit(1);
		if (!gives(own, "text\n") || pclose(own))
			_exit(2);
		_exit(4);
	}
	exits_with(pid, 4);
	fputs("\n", stream);
	ck_assert_int_eq(pclose(stream), 6 << 8);
	no_children();
}
END_TEST

static void without_a_shell(void)
{
	if (chroot(folder) || chdir("/"))
		_exit(4); /* not root */
	errno = 0;
	if (popen("exit 0", "r"))
		_exit(5);
	/* The former from glibc 2.29 on, the latter in 2.41. */
	_exit(errno == ENOMEM || errno == ENOENT ? 4 : 6);
}

START_TEST(no_shell)
{
	both_exit(without_a_shell, 4);
}
END_TEST

static void *many(void *arg)
{
	long good = 0;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		FILE *stream = popen("echo text; exit 5", "re");
		bool right = gives(stream, "text\n");

		good += pclose(stream) == 5 << 8 && right;
	}
	return (void *)good;
}

START_TEST(many_at_once)
{
	pthread_t thread[4];
	void *good;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, many, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], &good);
		ck_assert_int_eq((long)good, 50);
	}
	no_children();
}
END_TEST

static void *read_one(void *stream)
{
	return (void *)(long)getc(stream);
}

/* Reading is a cancellation point, and leaves the stream usable. */
START_TEST(cancelled)
{
	const char *fifo = in_folder("fifo");
	char command[256];
	pthread_t thread;
	FILE *stream;
	void *value;
	int fd;

	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	snprintf(command, sizeof(command), "read x <%s; echo text", fifo);
	stream = popen(command, "r");
	pthread_create(&thread, NULL, read_one, stream);
	usleep(20000);
	pthread_cancel(thread);
	pthread_join(thread, &value);
	ck_assert_ptr_eq(value, PTHREAD_CANCELED);
	fd = open(fifo, O_WRONLY);
	ck_assert_int_eq(write(fd, "\n", 1), 1);
	close(fd);
	ck_assert(gives(stream, "text\n"));
	ck_assert_int_eq(pclose(stream), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("popen");

	tcase_add_test(tcase, inherited);
	tcase_add_test(tcase, no_shell);
	tcase_add_test(tcase, many_at_once);
	tcase_add_test(tcase, cancelled);
	tcase_add_test(tcase, without_standard_files);
	return run_suite("popen_children", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Files that a child of fork() shares with others: FIFOs that somebody waits
 * at, locks and offsets that belong to its parent.
 */
#include "util.h"

static char *file;

static void open_as_9(void)
{
	int fd = open(file, O_RDWR);

	if (fd < 0 || dup2(fd, 9) != 9)
		_exit(51);
}

/* open() of a FIFO waits for the other end, which may come later. */
START_TEST(fifo)
{
	char text[8] = "";
	int fd;
	pid_t pid;

	file = in_folder("fifo");
	unlink(file);
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	for (int n = 0; n < 3; n++) {
		pid = fork();
		if (!pid) {
			dup2(open(file, O_RDONLY), 0);
			execl("/bin/sh", "sh", "-c", "read a; exit $a", NULL);
			_exit(99);
		}
		usleep(10000);
		fd = open(file, O_WRONLY);
		ck_assert_int_eq(write(fd, "4\n", 2), 2);
		close(fd);
		exits_with(pid, 4);
		pid = fork();
		if (!pid) {
			dup2(open(file, O_WRONLY), 1);
			execlp("echo", "echo", "hello", NULL);
			_exit(99);
		}
		fd = open(file, O_RDONLY);
		ck_assert_int_eq(read(fd, text, 6), 6);
		close(fd);
		exits_with(pid, 0);
	}
}
END_TEST

/* Somebody waits for the child to open the other end: may notice only one
 * child doing so. */
START_TEST(fifo_with_peer)
{
	pid_t peer, pid;

	file = in_folder("fifo");
	unlink(file);
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	peer = raw_fork();
	if (!peer) {
		int fd = open(file, O_WRONLY);

		usleep(30000);
		_exit(write(fd, "4\n", 2) == 2 ? 5 : 50);
	}
	usleep(20000);
	pid = fork();
	if (!pid) {
		char text[2] = "";
		int fd = open(file, O_RDONLY);

		_exit(read(fd, text, 2) == 2 ? text[0] - '0' : 50);
	}
	exits_with(pid, 4);
	exits_with(peer, 5);
}
END_TEST

/* The parent's locks and offsets: shared, or not handed on. */
START_TEST(locks_of_parent)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd;
	pid_t pid;

	file = in_folder("locked");
	fd = open(file, O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(fcntl(fd, F_SETLK, &lock), 0);
	pid = fork();
	if (!pid) {
		close(fd);
		open_as_9();
		if (fcntl(9, F_SETLK, &lock) != -1)
			_exit(50);
		exec_exit(4);
	}
	exits_with(pid, 4);
	pid = fork();
	if (!pid) {
		if (lseek(fd, 100, SEEK_SET) != 100)
			_exit(50);
		exec_exit(4);
	}
	exits_with(pid, 4);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 100);
	pid = raw_fork();
	if (!pid) {
		open_as_9();
		_exit(fcntl(9, F_SETLK, &lock) == -1 ? 4 : 50);
	}
	exits_with(pid, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("shared files");

	tcase_add_test(tcase, fifo);
	tcase_add_test(tcase, fifo_with_peer);
	tcase_add_test(tcase, locks_of_parent);
	return run_suite("fork: shared files", tcase);
}

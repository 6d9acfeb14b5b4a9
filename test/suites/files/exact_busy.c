/* SPDX-License-Identifier: MIT
 *
 * What a child has open, is in, or has attached is its own affair: whoever was
 * there before it, and has been thrown away, keeps nothing busy.
 */
#include <sched.h>
#include <sys/mount.h>
#include <sys/shm.h>

#include "util.h"

enum { ROUNDS = 150 };

static void make_program(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700);

	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(50);
	close(fd);
}

/* A script that is written by who runs it: not "Text file busy". */
START_TEST(writes_what_it_runs)
{
	const char *name = in_folder("script");

	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid;

		make_program(name, "#!/bin/sh\nexit 5\n");
		pid = fork();
		if (!pid) {
			make_program(name, "#!/bin/sh\nexit 4\n");
			execl(name, name, NULL);
			_exit(errno == ETXTBSY ? 51 : 52);
		}
		exits_with(pid, 4);
	}
}
END_TEST

/* It has been in there itself, and gone again. */
START_TEST(unmounts_where_it_was)
{
	const char *place = in_folder("mount");
	int pipe_[2];
	char c;

	mkdir(place, 0700);
	ck_assert_int_eq(pipe(pipe_), 0);
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return; /* not root */
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid;

		ck_assert_int_eq(mount("none", place, "tmpfs", 0, NULL), 0);
		pid = fork();
		if (!pid) {
			if (chdir(place) || write(pipe_[1], "", 1) != 1 ||
			    chdir("/"))
				_exit(50);
			exec_exit(umount(place) ? 51 : 4);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(read(pipe_[0], &c, 1), 1);
	}
}
END_TEST

START_TEST(counts_who_is_attached)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	struct shmid_ds about;

	ck_assert_ptr_ne(shmat(id, NULL, 0), (void *)-1);
	shmctl(id, IPC_RMID, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();

		if (!pid) {
			shmctl(id, IPC_STAT, &about);
			_exit(about.shm_nattch == 2 ? 4 : 51);
		}
		exits_with(pid, 4);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("busy");

	tcase_add_test(tcase, writes_what_it_runs);
	tcase_add_test(tcase, unmounts_where_it_was);
	tcase_add_test(tcase, counts_who_is_attached);
	return run_suite("exact: what was open before", tcase);
}

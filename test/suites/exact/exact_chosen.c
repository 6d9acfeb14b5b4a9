/* SPDX-License-Identifier: MIT
 *
 * A number that threads put descriptors at, while another one forks: what is
 * there stays there, and what is closed is closed.
 */
#include "numbers.h"

/* The first ones behind what is open, those where tables of the kernel end, and
 * round ones. */
static const int chosen_numbers[TAKERS] = {100, 30, 63, 101, 255, 256};

static bool is_at(int fd, const struct stat *file)
{
	struct stat now;

	return !fstat(fd, &now) && now.st_dev == file->st_dev &&
	       now.st_ino == file->st_ino;
}

/* A file that is nobody else's. */
static int make_file(struct stat *file)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/file.XXXXXX", folder);
	fd = mkstemp(path);
	if (fd < 0 || fstat(fd, file) || unlink(path))
		abort();
	return fd;
}

static void *takes_chosen(void *number)
{
	int at = chosen_numbers[(intptr_t)number];
	struct stat files[2];
	int fds[2] = {make_file(&files[0]), make_file(&files[1])};

	for (int i = 0; !stop; i = !i, rounds++) {
		wrong += dup2(fds[i], at) != at;
		for (int n = 0; n < 4; n++) {
			wrong += !is_at(at, &files[i]);
			usleep((unsigned)rounds % 128);
		}
		/* Either it is replaced or it is given back. */
		if (rounds % 4 == 0)
			continue;
		wrong += close(at) != 0;
		wrong += fcntl(at, F_GETFD) != -1 || errno != EBADF;
		usleep((unsigned)rounds % 512);
	}
	close(at);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

START_TEST(chosen_stays)
{
	void *(*const threads[TAKERS])(void *) = {takes_chosen, takes_chosen,
						  takes_chosen, takes_chosen,
						  takes_chosen, takes_chosen};

	beside(threads, _i ? TAKERS : 1, NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("chosen");

	tcase_add_loop_test(tcase, chosen_stays, 0, 2);
	return run_suite("exact: chosen descriptors", tcase);
}

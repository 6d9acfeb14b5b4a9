/* SPDX-License-Identifier: MIT
 *
 * Descriptors while another thread forks: each number that a call returns is
 * the lowest free one, what a thread puts at a number stays there, nothing is
 * listed that the program has not opened. Natively a fork opens nothing in its
 * parent. The table is also that of a thread which never forks.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "util.h"

enum { NUMBERS = 400, FORKS = 200, AT_MOST_MS = 800, TAKERS = 6 };

static _Atomic bool stop;
static _Atomic long rounds, wrong;
static bool is_open[NUMBERS];
static char program[PATH_MAX];

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- the children ---- */

static bool memory_right(int n)
{
	for (int i = 0; i < 16; i++) {
		uint64_t at = (uint64_t)(n * 16 + i) * 7919 * 512 % (HEAP / 8);

		if (heap[at] != heap_word(at))
			return false;
	}
	return true;
}

/* By exec, which makes no native fork of it. */
_Noreturn static void leave(int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	execl(program, "state", "exit", text, NULL);
	_exit(99);
}

/* What is open in it, but for the numbers that a thread of the parent may be
 * at just now. */
static void look_at_numbers(void)
{
	for (int fd = 3; fd < NUMBERS; fd++) {
		if (is_open[fd] != (fcntl(fd, F_GETFD) >= 0))
			leave(51);
	}
}

static void look_at_list(void)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *e;
	int fds = 0, expected = 1;

	for (int fd = 0; fd < NUMBERS; fd++)
		expected += is_open[fd];
	while ((e = readdir(list))) {
		int fd = atoi(e->d_name);

		if (*e->d_name == '.')
			continue;
		fds++;
		if (fd != dirfd(list) && (fd >= NUMBERS || !is_open[fd]))
			leave(52);
	}
	closedir(list);
	leave(fds == expected ? 4 : 53);
}

static void fork_many(void (*look)(void))
{
	uint64_t end = now_ms() + AT_MOST_MS;

	for (int n = 0; n < FORKS && now_ms() < end; n++) {
		pid_t pid = n % 3 ? fork() : _Fork();

		if (!pid) {
			if (!memory_right(n))
				leave(50);
			if (look)
				look();
			leave(4);
		}
		exits_with(pid, 4);
	}
}

static void beside(void *(*const *threads)(void *), int n, void (*look)(void))
{
	pthread_t thread[TAKERS];

	strcpy(program, host("state"));
	for (int fd = 0; fd < NUMBERS; fd++)
		is_open[fd] = fcntl(fd, F_GETFD) >= 0;
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, threads[i],
						(void *)(intptr_t)i),
				 0);
	while (rounds < n)
		usleep(100);
	fork_many(look);
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(wrong, 0);
	for (int fd = 0; fd < NUMBERS; fd++)
		ck_assert(is_open[fd] == (fcntl(fd, F_GETFD) >= 0));
}

/* ---- the lowest free number ---- */

static int lowest(int from)
{
	while (is_open[from])
		from++;
	return from;
}

/* The only thread that takes numbers. */
static void *takes_lowest(void *unused)
{
	int first = lowest(0), second = lowest(first + 1);
	int high = lowest(100), low, two[2];

	for (; !stop; rounds++) {
		low = open("/dev/null", O_RDONLY | O_CLOEXEC);
		wrong += low != first;
		two[0] = fcntl(low, F_DUPFD_CLOEXEC, 100);
		wrong += two[0] != high;
		two[1] = dup(low);
		wrong += two[1] != second;
		close(two[0]);
		close(two[1]);
		close(low);
		if (rounds % 2)
			low = pipe2(two, O_CLOEXEC);
		else
			low = socketpair(AF_UNIX, SOCK_STREAM, 0, two);
		wrong += low != 0 || two[0] != first || two[1] != second;
		close(two[0]);
		close(two[1]);
	}
	return unused;
}

START_TEST(lowest_is_taken)
{
	void *(*const threads[])(void *) = {takes_lowest};

	beside(threads, 1, NULL);
}
END_TEST

/* ---- a number that was chosen ---- */

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

/* ---- a number that is the last one ---- */

/* All but this one are used: it must be there each time. */
static void *takes_last(void *unused)
{
	for (; !stop; rounds++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		wrong += fd < 0;
		close(fd);
	}
	return unused;
}

START_TEST(last_is_free)
{
	void *(*const threads[])(void *) = {takes_last};
	struct rlimit limit = {.rlim_cur = 150, .rlim_max = 150};
	int last = 2;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int fd = 0; fd >= 0; fd = dup(0))
		last = fd > last ? fd : last;
	close(last);
	beside(threads, 1, NULL);
}
END_TEST

/* ---- what is listed ---- */

/* Of the process, and of the thread that forks. */
static void *lists(void *unused)
{
	char main_thread[64];
	DIR *list[2];
	struct dirent *e;

	snprintf(main_thread, sizeof(main_thread), "/proc/self/task/%d/fd",
		 getpid());
	list[0] = opendir("/proc/self/fd");
	list[1] = opendir(main_thread);
	for (; !stop; rounds++) {
		DIR *dir = list[rounds % 2];

		rewinddir(dir);
		while ((e = readdir(dir))) {
			int fd = atoi(e->d_name);

			if (*e->d_name != '.' && fd != dirfd(list[0]) &&
			    fd != dirfd(list[1]))
				wrong += fd >= NUMBERS || !is_open[fd];
		}
	}
	closedir(list[0]);
	closedir(list[1]);
	return unused;
}

START_TEST(nothing_listed)
{
	void *(*const threads[])(void *) = {lists};

	beside(threads, 1, NULL);
}
END_TEST

/* ---- in the child ---- */

/* What is open and fixed, while another thread of the parent takes its time:
 * not at a descriptor. */
static void *does_nothing(void *unused)
{
	for (; !stop; rounds++)
		usleep(100);
	return unused;
}

START_TEST(in_child)
{
	void *(*const threads[])(void *) = {does_nothing};

	dup2(0, 64);
	dup2(0, 99);
	dup2(0, 102);
	beside(threads, 1, _i ? look_at_list : look_at_numbers);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("numbers");

	tcase_add_test(tcase, lowest_is_taken);
	tcase_add_loop_test(tcase, chosen_stays, 0, 2);
	tcase_add_test(tcase, last_is_free);
	tcase_add_test(tcase, nothing_listed);
	tcase_add_loop_test(tcase, in_child, 0, 2);
	return run_suite("exact: numbers of descriptors", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A server whose workers, made by fork() after it has itself run programs, have
 * memory of different shapes at the same addresses, and run programs at the
 * same time: nothing that the library keeps of one is another's.
 */
#include "around.h"

enum { WORKERS = 4, FORKS = 60, AREAS = 20, STEP = 65536 };

static char *area[AREAS];

static size_t size_of(int worker, int i)
{
	return (size_t)(1 + worker) * (1 << 20) + (size_t)(i * worker) * STEP;
}

static char value_of(int worker, int i)
{
	return (char)(1 + worker * 31 + i);
}

/* Between them what cannot be touched, now and then. */
static void make_areas(int worker)
{
	for (int i = 0; i < AREAS; i++) {
		size_t size = size_of(worker, i);

		area[i] = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ck_assert_ptr_ne(area[i], MAP_FAILED);
		memset(area[i], value_of(worker, i), size);
		if ((i + worker) % 3 == 0)
			mmap(NULL, (size_t)(1 + worker) * PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
}

static bool has_areas(int worker)
{
	for (int i = 0; i < AREAS; i++) {
		for (size_t at = 0; at < size_of(worker, i); at += 4 * STEP) {
			if (area[i][at] != value_of(worker, i))
				return false;
			area[i][at] = 0;
		}
	}
	return true;
}

static _Noreturn void work(int worker)
{
	make_areas(worker);
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = n % 3 ? fork() : _Fork();

		if (!pid) {
			if (has_areas(worker))
				become_program();
			_exit(50);
		}
		exits_with(pid, 4);
	}
	exit(has_areas(worker) ? 4 : 51);
}

static void serve(void)
{
	pid_t pid[WORKERS];

	for (int n = 0; n < 3; n++)
		exits_with(by_fork(), 4);
	for (int worker = 0; worker < WORKERS; worker++) {
		pid[worker] = fork();
		if (!pid[worker])
			work(worker);
	}
	for (int worker = 0; worker < WORKERS; worker++)
		exits_with(pid[worker], 4);
}

static void serve_closed(void)
{
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
	serve();
}

START_TEST(workers)
{
	commits(_i ? serve_closed : serve);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("workers");

	tcase_add_loop_test(tcase, workers, 0, 2);
	return run_scenes("fork: workers", tcase, argv);
}

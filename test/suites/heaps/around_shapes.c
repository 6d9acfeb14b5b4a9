/* SPDX-License-Identifier: MIT
 *
 * Memory of any protection, with files behind it, with guards between: a child
 * finds in each what its parent has there, and dies of what a child dies of.
 */
#include "shapes.h"

/* ---- protections ---- */

static int four(void)
{
	return 4;
}

static bool runs_code(void)
{
	union {
		unsigned char *at;
		int (*call)(void);
	} copy = {.at = shape + SIZE / 2 + PAGE};

	return copy.call() == 4 && looks_right();
}

static void executable(void)
{
	enum { CODE = 64 };
	char *at;

	plain_shape();
	at = (char *)shape + SIZE / 2 + PAGE;
	memcpy(at, (const void *)(uintptr_t)four, CODE);
	protect_shape(PROT_READ | PROT_WRITE | PROT_EXEC);
	__builtin___clear_cache(at, at + CODE);
	forks(runs_code);
}

static void read_only(void)
{
	plain_shape();
	protect_shape(PROT_READ);
	forks(looks_right);
	forks_to_die(shape + 5 * PIECE, true, SIGSEGV);
}

static bool writes_own(void)
{
	for (size_t at = 0; at < SIZE; at += MB)
		shape[at + 100] = 'x';
	for (size_t at = 0; at < SIZE; at += MB) {
		if (shape[at + 100] != 'x')
			return false;
	}
	return looks_right();
}

static void written_by_children(void)
{
	plain_shape();
	forks(writes_own);
	for (size_t at = 0; at < SIZE; at += MB)
		ck_assert(!shape[at + 100]);
}

/* ---- files ---- */

static int new_file(size_t size)
{
	int fd = open(in_folder("shape"), O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (size_t at = 0; at < size; at += PAGE) {
		unsigned char page[PAGE] = {0};

		page[7] = letter(at);
		ck_assert_int_eq(pwrite(fd, page, PAGE, (off_t)at), PAGE);
	}
	return fd;
}

static void of_a_file(void)
{
	int fd = new_file(SIZE - MB);

	map_shape(0, fd);
	/* What is written is not the file's any more. */
	fill_shape(2 * MB, 3 * MB);
	ck_assert_int_eq(pwrite(fd, "XXXXXXXXXX", 10, 2 * MB), 10);
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (!is_right(0, SIZE - MB, 5 * PIECE) ||
			    !is_right(2 * MB, 3 * MB, PAGE))
				_exit(50);
			become_program();
		}
		exits_with(pid, 4);
	}
	forks_to_die(shape + SIZE - MB + 10, false, SIGBUS);
	close(fd);
}

/* ---- many mappings ---- */

static void alternating(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += 2 * PIECE)
		ck_assert(!mprotect(shape + at, PIECE, PROT_READ));
	forks(looks_right);
	forks_to_die(shape + 2 * PIECE, true, SIGSEGV);
}

static bool guarded_looks_right(void)
{
	for (size_t at = PAGE; at < SIZE; at += PIECE) {
		if (shape[at + 7] != letter(at))
			return false;
	}
	return true;
}

static void guarded(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += PIECE)
		ck_assert(!mprotect(shape + at, PAGE, PROT_NONE));
	forks(guarded_looks_right);
	forks_to_die(shape + 9 * PIECE + 5, false, SIGSEGV);
}

/* A system call that meets a guard fails there. */
static bool reads_up_to_guard(void)
{
	int ends[2];
	bool right;

	right = !pipe(ends) && write(ends[1], shape + 3 * PIECE - 10, 10) == 10;
	errno = 0;
	right = right && write(ends[1], shape + 3 * PIECE, 10) == -1 &&
		errno == EFAULT;
	return right && guarded_looks_right();
}

static void guards_and_calls(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += PIECE)
		ck_assert(!mprotect(shape + at, PAGE, PROT_NONE));
	forks(reads_up_to_guard);
}

static void (*const scenes[])(void) = {
	executable,  read_only, written_by_children, of_a_file,
	alternating, guarded,	guards_and_calls,
};

START_TEST(shapes)
{
	commits(scenes[_i]);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("shapes");

	(void)argc;
	tcase_add_loop_test(tcase, shapes, 0, LENGTH(scenes));
	return run_scenes("memory of any shape", tcase, argv);
}

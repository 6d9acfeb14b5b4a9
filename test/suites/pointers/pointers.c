/* SPDX-License-Identifier: MIT
 *
 * Arguments that point nowhere: the kernel says EFAULT, or whatever else it
 * says first, and nobody dies of reading them before it does. Each call is
 * made through the library, then past it.
 */
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "util.h"

extern char **environ;

/* ---- pointers ---- */

enum { POINTERS = 12 };

static char *page; /* full of ones, with nothing behind it */

static void make_page(void)
{
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(page, MAP_FAILED);
	memset(page, 0xff, PAGE);
	ck_assert_int_eq(mprotect(page + PAGE, PAGE, PROT_NONE), 0);
}

static long pointer(int i)
{
	const long bad[POINTERS] = {
		0,
		1,
		(long)(page + PAGE), /* not to be read */
		(long)(page + PAGE + 8),
		(long)(page + PAGE - 1),
		(long)(page + PAGE - 8), /* a word of it */
		(long)(page + PAGE - 40),
		(long)(page + PAGE - 48),
		(long)(page + PAGE - 64),
		-1,
		-PAGE,
		LONG_MIN, /* where no address can be, or the kernel's */
	};

	return bad[i];
}

/* ---- calls ---- */

enum { BAD = 0x7bad };

static const struct call {
	long args[7]; /* the number first */
} calls[] = {
	{{SYS_rt_sigaction, SIGUSR1, BAD, 0, 8}},
	{{SYS_rt_sigaction, SIGUSR1, 0, BAD, 8}},
	{{SYS_rt_sigaction, SIGSEGV, BAD, BAD, 8}},
	{{SYS_rt_sigaction, SIGSYS, BAD, 0, 8}},
	{{SYS_rt_sigaction, SIGSYS, 0, BAD, 8}},
	{{SYS_rt_sigaction, SIGUSR1, BAD, 0, 7}},
	{{SYS_prctl, PR_SET_NAME, BAD}},
	{{SYS_prctl, PR_GET_PDEATHSIG, BAD}},
	{{SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, BAD}},
	{{SYS_prctl, PR_GET_CHILD_SUBREAPER, BAD}},
	{{SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, BAD}},
	{{SYS_madvise, BAD, -1, MADV_DONTFORK}},
	{{SYS_madvise, BAD, -1, MADV_DOFORK}},
	{{SYS_madvise, BAD, PAGE, 12345}},
	{{SYS_munmap, BAD, -1}},
	{{SYS_mremap, BAD, PAGE, -1L, MREMAP_MAYMOVE}},
	{{SYS_mremap, BAD, PAGE, PAGE, MREMAP_FIXED, -PAGE}},
	{{SYS_clone3, BAD, 0}},
	{{SYS_clone3, BAD, 63}},
	{{SYS_clone3, BAD, 64}},
	{{SYS_clone3, BAD, 88}},
	{{SYS_clone3, BAD, 4096}},
	{{SYS_clone3, BAD, 1 << 20}},
	{{SYS_clone3, BAD, -1}},
	{{SYS_clone3, BAD, LONG_MAX}},
};

static void fill_in(long args[7], int call, int bad)
{
	for (int i = 0; i < 7; i++) {
		args[i] = calls[call].args[i];
		if (args[i] == BAD)
			args[i] = pointer(bad);
	}
}

static long answer(long r)
{
	return r == -1 ? -errno : r;
}

/* A name and disposition that a call may have set are not looked at. */
static bool as_natively(int call, int bad)
{
	long a[7], got, expected;

	fill_in(a, call, bad);
	got = answer(syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]));
	expected = vs_sys(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
	if (got != expected)
		fprintf(stderr, "call %d, pointer %d: %ld, not %ld\n", call,
			bad, got, expected);
	return got == expected;
}

START_TEST(in_process)
{
	make_page();
	for (int bad = 0; bad < POINTERS; bad++)
		ck_assert(as_natively(_i, bad));
}
END_TEST

/* It may be rolled back, and is asked again. */
START_TEST(in_child)
{
	munmap(heap, HEAP / 2); /* enough is left, and there are many */
	make_page();
	for (int bad = 0; bad < POINTERS; bad++) {
		pid_t pid = bad % 2 ? fork() : vfork();

		if (!pid)
			_exit(as_natively(_i, bad) ? 4 : 5);
		exits_with(pid, 4);
	}
}
END_TEST

/* ---- exec ---- */

static char *no_pointer(int i)
{
	return (char *)pointer(i ? i : 1);
}

/* Some of argv and of the environment. */
static char *words[4];

/* An array that ends with its page, but not with a null pointer. */
static char **unterminated(void)
{
	char **array = (char **)(page + PAGE) - 3;

	for (int i = 0; i < 3; i++)
		array[i] = words[i];
	return array;
}

enum { EXECS = 8 };

static int exec_with(int which, int bad, bool by_number)
{
	static char *fine[] = {"sh", "-c", "exit 50", NULL};
	char **argv = fine, **envp = environ;
	const char *path = "/bin/sh";

	words[0] = "A=1";
	words[1] = "LD_PRELOAD=/no/such";
	words[2] = "VSPAWN=on";
	if (which == 0)
		path = (char *)pointer(bad);
	if (which == 1)
		argv = (char **)no_pointer(bad);
	if (which == 2)
		envp = (char **)no_pointer(bad);
	if (which == 3)
		words[1] = no_pointer(bad);
	if (which == 4)
		words[0] = no_pointer(bad);
	if (which == 3 || which == 4)
		envp = words;
	if (which == 5)
		envp = unterminated();
	if (which == 6)
		argv = unterminated();
	if (which == 7)
		argv = envp = (char **)no_pointer(bad);
	if (by_number)
		return (int)answer(syscall(SYS_execve, path, argv, envp));
	return (int)answer(execve(path, argv, envp));
}

START_TEST(exec)
{
	static pid_t (*const forkers[])(void) = {fork, _Fork, vfork};

	munmap(heap, HEAP / 2);
	make_page();
	for (int bad = 0; bad < POINTERS; bad++) {
		for (int i = 0; i < 2 * LENGTH(forkers); i++) {
			pid_t pid = forkers[i / 2]();

			if (!pid)
				_exit(-exec_with(_i, bad, i % 2));
			exits_with(pid, EFAULT);
		}
		/* And this process itself. */
		ck_assert_int_eq(exec_with(_i, bad, bad % 2), -EFAULT);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("pointers");

	tcase_add_loop_test(tcase, in_process, 0, LENGTH(calls));
	tcase_add_loop_test(tcase, in_child, 0, LENGTH(calls));
	tcase_add_loop_test(tcase, exec, 0, EXECS);
	return run_suite("pointers", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * Another thread, or a task that libc does not know of and that shares memory,
 * unmaps what the parent is about to hand to its child: the parent finds it
 * there, or does not, and goes on.
 */
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

#include "served.h"

enum { CHILDREN = 300, AREA = 4 << 20, HANDED = 16384 };

static char *area;
/* What the next child asks for: each time another, so that none is known. */
static char *volatile asked;

/* Of what is handed over at once: most of it is copied before. */
static char *last_page(unsigned chunk)
{
	return area + (size_t)(chunk + 1) * HANDED - PAGE;
}

static void dawdle(void)
{
	for (volatile int n = 0; n < 1000; n++)
		;
}

static _Atomic bool over;

/* By system calls: errno may be the parent's. */
static void unmap(void)
{
	while (!over) {
		char *at = asked;

		vs_sys(SYS_munmap, at, PAGE);
		dawdle();
		vs_sys(SYS_mmap, at, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		dawdle();
	}
}

static void *thread(void *unused)
{
	unmap();
	return unused;
}

static int task(void *unused)
{
	(void)unused;
	vs_sys(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
	unmap();
	vs_sys(SYS_exit, 0);
	return 0;
}

static pid_t unseen;

/* By libc's clone(), which the library under test has not been asked for. */
static void add_task(void)
{
	enum { STACK = 1 << 16 };
	static char stack[STACK] __attribute__((aligned(16)));
	void *libc = dlopen("libc.so.6", RTLD_LAZY);
	int (*real)(int (*)(void *), void *, int, void *, ...);

	real = __extension__(__typeof__(real))(libc ? dlsym(libc, "clone")
						    : NULL);
	if (!real)
		skip("no clone() of libc's own");
	unseen = real(task, stack + STACK, CLONE_VM | CLONE_FS | SIGCHLD, NULL);
	ck_assert_int_gt(unseen, 0);
}

/* By the kernel, for it may not be there: the empty name, or none. */
static bool looks(void)
{
	return access(asked, F_OK) && (errno == EFAULT || errno == ENOENT);
}

static void beside(void)
{
	close_memory();
	area = mmap(NULL, AREA, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
	asked = last_page(0);
	if (is_threaded)
		add_thread(thread);
	else
		add_task();
	for (unsigned n = 0; n < CHILDREN; n++) {
		pid_t pid;
		int status;

		asked = last_page((unsigned)n * 37 % (AREA / HANDED));
		pid = fork();
		if (!pid && looks())
			execl(program, "state", "exit", "4", NULL);
		if (!pid)
			_exit(50);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 4 << 8);
	}
	over = true;
	if (!is_threaded)
		exits_with(unseen, 0);
}

START_TEST(unmapped_meanwhile)
{
	is_threaded = _i;
	works(beside);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("unmapped");

	tcase_add_loop_test(tcase, unmapped_meanwhile, 0, 2);
	return run_scenes("fork: unmapped", tcase, argv);
}

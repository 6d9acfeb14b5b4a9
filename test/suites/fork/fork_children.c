/* SPDX-License-Identifier: MIT
 *
 * What else children of fork() do before they exec or instead: use libc.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>

#include "util.h"

static void systems(void)
{
	if (system("exit 5") != 5 << 8)
		_exit(50);
	exec_exit(4);
}

static void popens(void)
{
	FILE *in = popen("echo 4; exit 6", "r");
	int code = 0;

	if (fscanf(in, "%d", &code) != 1 || pclose(in) != 6 << 8)
		_exit(50);
	exec_exit(code);
}

static void spawns(void)
{
	char *argv[] = {"sh", "-c", "exit 7", NULL};
	pid_t pid;
	int status;

	if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ))
		_exit(50);
	if (waitpid(pid, &status, 0) != pid || status != 7 << 8)
		_exit(51);
	exec_exit(4);
}

static void forks(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		exec_exit(7);
	if (waitpid(-1, &status, 0) != pid || status != 7 << 8)
		_exit(51);
	pid = vfork();
	if (!pid)
		_exit(8);
	if (waitpid(-1, &status, 0) != pid || status != 8 << 8)
		_exit(52);
	exec_exit(4);
}

static void *thread(void *unused)
{
	free(malloc(5 << 20));
	return unused;
}

static void starts_threads(void)
{
	pthread_t id;

	if (pthread_create(&id, NULL, thread, NULL) || pthread_join(id, NULL))
		_exit(50);
	exec_exit(4);
}

/* A library that nothing here is linked with. */
static void loads_library(void)
{
	void *library = dlopen("libutil.so.1", RTLD_NOW);
	void *other = dlopen("libanl.so.1", RTLD_NOW);

	if (!library || !other || !dlsym(RTLD_DEFAULT, "getenv"))
		_exit(50);
	exec_exit(4);
}

static void changes_environment(void)
{
	setenv("CODE", "4", 1);
	unsetenv("HOME");
	putenv("MORE=2");
	execl("/bin/sh", "sh", "-c", "exit $((${#HOME} + CODE + MORE - 2))",
	      NULL);
}

static jmp_buf before;

static void jumps(void)
{
	longjmp(before, 4);
}

static void runs_exit_handlers(void)
{
	exit(4);
}

static void quick(void)
{
	quick_exit(4);
}

static void prints(void)
{
	for (int n = 0; n < 1000; n++)
		fprintf(stderr, "%s", "");
	fflush(NULL);
	exec_exit(4);
}

static void reads_proc(void)
{
	char *maps = slurp("/proc/self/maps");
	char own[64], link[64] = "";

	/* The heap is there, and this is the right process. */
	snprintf(own, sizeof(own), "%d", getpid());
	if (readlink("/proc/self", link, sizeof(link) - 1) < 1)
		_exit(50);
	if (strcmp(own, link) || !strstr(maps, "[stack]"))
		_exit(51);
	exec_exit(4);
}

static void (*const children[])(void) = {systems,
					 popens,
					 spawns,
					 forks,
					 starts_threads,
					 loads_library,
					 changes_environment,
					 runs_exit_handlers,
					 quick,
					 prints,
					 reads_proc};

START_TEST(child)
{
	for (int n = 0; n < 3; n++)
		both_exit(children[_i], 4);
	ck_assert(heap_intact());
}
END_TEST

START_TEST(longjmp_in_child)
{
	for (volatile int n = 0; n < 3; n++) {
		if (setjmp(before) == 4)
			exec_exit(4);
		both_exit(jumps, 4);
	}
}
END_TEST

/* What is in a buffer at the fork is written by everyone who flushes it. */
START_TEST(buffers)
{
	int fds[2];
	char text[100] = "";

	ck_assert_int_eq(pipe(fds), 0);
	for (int n = 0; n < 4; n++) {
		FILE *out = fdopen(dup(fds[1]), "w");
		pid_t pid;

		fputs("buffered ", out);
		pid = fork();
		if (!pid) {
			fputs("child ", out);
			if (n % 2)
				exec_exit(4);
			exit(4);
		}
		exits_with(pid, 4);
		fputs("parent", out);
		fclose(out);
		memset(text, 0, sizeof(text));
		ck_assert_int_gt(read(fds[0], text, sizeof(text)), 0);
		ck_assert_str_eq(text, n % 2 ? "buffered parent"
					     : "buffered child "
					       "buffered parent");
	}
}
END_TEST

/* The process lives on without its first thread, whose files in /proc are
 * empty then. */
static void *outlives(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	both_exit(systems, 4);
	both_exit(runs_exit_handlers, 4);
	exit(heap_intact() ? 4 : 50);
}

START_TEST(first_thread_gone)
{
	static pthread_t first, second;
	pid_t pid = fork();

	if (!pid) {
		first = pthread_self();
		pthread_create(&second, NULL, outlives, &first);
		pthread_exit(NULL);
	}
	exits_with(pid, 4);
}
END_TEST

/* An arena of another thread, used on by the child of that thread. */
static void *in_arena(void *unused)
{
	char *block = malloc(100000);
	pid_t pid;

	memset(block, 'b', 100000);
	pid = fork();
	if (!pid) {
		block = realloc(block, 10 << 20);
		if (block[99999] != 'b')
			_exit(50);
		free(block);
		free(malloc(100));
		exec_exit(4);
	}
	exits_with(pid, 4);
	free(block);
	return unused;
}

START_TEST(arenas)
{
	pthread_t ids[4];

	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	for (int i = 0; i < LENGTH(ids); i++)
		pthread_create(&ids[i], NULL, in_arena, NULL);
	for (int i = 0; i < LENGTH(ids); i++)
		pthread_join(ids[i], NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("children");

	tcase_add_loop_test(tcase, child, 0, LENGTH(children));
	tcase_add_test(tcase, longjmp_in_child);
	tcase_add_test(tcase, buffers);
	tcase_add_test(tcase, first_thread_gone);
	tcase_add_test(tcase, arenas);
	return run_suite("fork: children", tcase);
}

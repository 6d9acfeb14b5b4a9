/* SPDX-License-Identifier: MIT
 *
 * What else children of fork() do before they exec or instead: use libc.
 */
#include <dlfcn.h>
#include <pthread.h>
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

int main(void)
{
	TCase *tcase = tcase_create("children");

	tcase_add_loop_test(tcase, child, 0, LENGTH(children));
	tcase_add_test(tcase, first_thread_gone);
	return run_suite("fork: children", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A plugin that calls libc's own functions, because it is loaded with
 * RTLD_DEEPBIND, or those of another libc, because it is loaded into another
 * namespace: it goes past the library, beside what the program does.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <time.h>

#include "util.h"

static void *plugin;
static pid_t (*plugin_fork)(void);
static void (*plugin_exec)(const char *command);
static int (*plugin_wait)(pid_t pid);
static int (*plugin_spawn)(const posix_spawn_file_actions_t *actions);
static int (*plugin_actions)(posix_spawn_file_actions_t *actions);
static int (*plugin_shell)(void);

static void *function(const char *name)
{
	void *found = dlsym(plugin, name);

	ck_assert_msg(found != NULL, "%s", name);
	return found;
}

enum { PLAIN, DEEP, NAMESPACE, WAYS };

static void load(int how)
{
	const char *path = host("plugin.so");

	if (how == PLAIN)
		plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	else if (how == DEEP)
		plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
	else
		plugin = dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL);
	ck_assert_msg(plugin != NULL, "%s", dlerror());
	plugin_fork = function("plugin_fork");
	plugin_exec = function("plugin_exec");
	plugin_wait = function("plugin_wait");
	plugin_spawn = function("plugin_spawn");
	plugin_actions = function("plugin_actions");
	plugin_shell = function("plugin_shell");
}

static bool sample_intact(void)
{
	for (size_t i = 0; i < HEAP / sizeof(*heap);
	     i += PAGE / sizeof(*heap)) {
		if (heap[i] != heap_word(i))
			return false;
	}
	return true;
}

/* The program's children, which the plugin's calls must not disturb. */
static void program_forks(void)
{
	pid_t pid = fork();

	if (!pid)
		exec_exit(4);
	exits_with(pid, 4);
	pid = fork();
	if (!pid) {
		bool ok = sample_intact();

		memset(heap, 1, HEAP);
		_exit(ok ? 4 : 50);
	}
	exits_with(pid, 4);
	ck_assert(sample_intact());
}

START_TEST(by_itself)
{
	load(_i);
	for (int n = 0; n < 3; n++) {
		pid_t pid = plugin_fork();

		if (!pid) {
			if (!sample_intact())
				_exit(50);
			memset(heap, 1, HEAP);
			plugin_exec("exit 4");
		}
		ck_assert_int_eq(plugin_wait(pid), 4 << 8);
		pid = plugin_fork();
		if (!pid)
			_exit(sample_intact() ? 5 : 50);
		ck_assert_int_eq(plugin_wait(pid), 5 << 8);
		ck_assert_int_eq(plugin_spawn(NULL), 6 << 8);
		ck_assert_int_eq(plugin_shell(), 0);
		program_forks();
	}
	ck_assert_int_eq(dlclose(plugin), 0);
	program_forks();
}
END_TEST

/* Objects made by one and used by the other. The other libc's malloc is
 * another, too: what one has made the other must not destroy. */
START_TEST(actions)
{
	posix_spawn_file_actions_t object;
	char command[] = "[ -e /dev/fd/9 ] && exit 5; exit 6";
	char *argv[] = {"sh", "-c", command, NULL};
	pid_t pid;

	load(_i);
	ck_assert_int_eq(plugin_actions(&object), 0);
	ck_assert_int_eq(plugin_spawn(&object), 5 << 8);
	ck_assert_int_eq(posix_spawnp(&pid, "sh", &object, NULL, argv, environ),
			 0);
	exits_with(pid, 5);
	posix_spawn_file_actions_init(&object);
	posix_spawn_file_actions_addopen(&object, 9, "/dev/null", 0, 0);
	ck_assert_int_eq(plugin_spawn(&object), 5 << 8);
	posix_spawn_file_actions_destroy(&object);
}
END_TEST

/* In the program's child, before or instead of exec. */
static void forks_inside(void)
{
	pid_t pid = plugin_fork();

	if (!pid)
		plugin_exec(sample_intact() ? "exit 7" : "exit 50");
	_exit(plugin_wait(pid) >> 8);
}

static void spawns_inside(void)
{
	_exit(plugin_spawn(NULL) >> 8);
}

static void shells_inside(void)
{
	_exit(plugin_shell());
}

static void execs_inside(void)
{
	plugin_exec("exit 4");
}

START_TEST(in_child)
{
	load(_i);
	for (int n = 0; n < 3; n++) {
		both_exit(forks_inside, 7);
		both_exit(spawns_inside, 6);
		both_exit(shells_inside, 0);
		both_exit(execs_inside, 4);
	}
}
END_TEST

/* A child that the library has not seen made forks on. */
START_TEST(program_in_plugins_child)
{
	load(_i);
	for (int n = 0; n < 3; n++) {
		pid_t pid = plugin_fork();

		if (!pid) {
			program_forks();
			_exit(4);
		}
		ck_assert_int_eq(plugin_wait(pid), 4 << 8);
	}
}
END_TEST

/* While the program's children take their time before they exec. */
static atomic_bool stop;
static atomic_int started;

static void dawdle(void)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000000L + now.tv_nsec -
		       from.tv_nsec <
	       5000000);
}

static void *forks_on(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid) {
			dawdle();
			exec_exit(4);
		}
		exits_with(pid, 4);
		started++;
	}
	return unused;
}

START_TEST(at_once)
{
	pthread_t id;

	/* Which nothing can tell before. */
	if (_i == NAMESPACE && !__GLIBC_PREREQ(2, 35))
		return;
	load(_i);
	pthread_create(&id, NULL, forks_on, NULL);
	for (int n = 0; n < 20 || started < 10; n++) {
		pid_t pid = plugin_fork();

		if (!pid)
			_exit(sample_intact() ? 4 : 50);
		ck_assert_int_eq(plugin_wait(pid), 4 << 8);
		usleep(1000);
	}
	stop = true;
	pthread_join(id, NULL);
}
END_TEST

/* plugin [WAY]: with plugins loaded in each way, or in that. */
int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("plugin");
	int from = argc > 1 ? atoi(argv[1]) : 0;
	int to = argc > 1 ? from + 1 : WAYS;

	tcase_add_loop_test(tcase, by_itself, from, to);
	tcase_add_loop_test(tcase, actions, from, to);
	tcase_add_loop_test(tcase, in_child, from, to);
	tcase_add_loop_test(tcase, program_in_plugins_child, from, to);
	tcase_add_loop_test(tcase, at_once, from, to);
	return run_suite("plugin", tcase);
}

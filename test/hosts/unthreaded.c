/* SPDX-License-Identifier: MIT
 *
 * A program without threads whose plugin has some: before glibc 2.34 those are
 * in a library that nobody else has loaded.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int (*thread)(void), r;
	void *plugin;
	pid_t pid = argc == 2 ? fork() : -1;

	if (!pid)
		_exit(0);
	if (waitpid(pid, NULL, 0) != pid)
		return 2;
	plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (!plugin) {
		puts(dlerror());
		return 3;
	}
	thread = __extension__(__typeof__(thread))
		dlsym(plugin, "plugin_thread");
	r = thread();
	printf("%d\n", r);
	return r != 7;
}

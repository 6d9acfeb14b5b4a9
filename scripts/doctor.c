/* SPDX-License-Identifier: MIT
 *
 * doctor LIBRARY: what this machine offers, then a trial with the library
 * preloaded, whose own count gives the verdict. Exits with 0 if the library
 * does anything here.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#	define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

enum { TRIALS = 5, TRIAL_MB = 64 };

extern char **environ;

static void say(const char *what, const char *found)
{
	printf("%-22s %s\n", what, found);
}

static bool library_loads(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);

	say("library", path);
	say("loads", library ? "yes" : dlerror());
	return library != NULL;
}

static void kernel(void)
{
	struct utsname name;

	if (!uname(&name)) {
		say("kernel", name.release);
		say("cpu", name.machine);
	}
}

static void libc(void)
{
	const char *(*version)(void);

	*(void **)&version = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
	say("glibc", version ? version() : "no: another C library");
}

/* Switching off what is off: fails only where the kernel lacks it. */
/* Armed with a selector that no process can have, which changes nothing: EFAULT
 * from a kernel that would do it; switching off works even where a sysctl says
 * no (kernel.syscall_user_dispatch, Linux 7.3). */
static void dispatch(void)
{
	int r = prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 1, (char *)-1);

	if (!r) /* a 32-bit process on a 64-bit kernel */
		prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
	if (!r || errno == EFAULT)
		say("Syscall User Dispatch", "yes");
	else if (errno == EPERM)
		say("Syscall User Dispatch",
		    "switched off (kernel.syscall_user_dispatch): fork() is "
		    "libc's");
	else
		say("Syscall User Dispatch",
		    "no (Linux 5.11 on x86-64 has it)");
}

/* With no arguments it fails, but not with ENOSYS. */
static void clone3(void)
{
#ifdef SYS_clone3
	syscall(SYS_clone3, NULL, 0);
	say("clone3", errno == EINVAL ? "yes" : strerror(errno));
#else
	say("clone3", "unknown to the headers this was built with");
#endif
}

static void proc(void)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char probe = 1, got = 0;
	bool usable = fd >= 0 && pread(fd, &got, 1, (off_t)&probe) == 1;

	say("/proc/self/mem", usable ? "yes" : strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Seccomp and TracerPid, as the kernel words them. */
static void status(void)
{
	static const char *const modes[] = {"off", "strict", "filter"};
	FILE *in = fopen("/proc/self/status", "re");
	char line[200], tracer[40] = "no";
	int seccomp = -1, pid;

	while (in && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "TracerPid: %d", &pid) == 1 && pid)
			snprintf(tracer, sizeof(tracer), "by pid %d", pid);
		sscanf(line, "Seccomp: %d", &seccomp);
	}
	if (in)
		fclose(in);
	say("seccomp",
	    seccomp >= 0 && seccomp <= 2 ? modes[seccomp] : "unknown");
	say("traced", tracer);
}

/* Runs with the library preloaded. */
static int trial(const char *self)
{
	char *argv[] = {(char *)self, "--exit", NULL};
	char *memory = malloc(TRIAL_MB << 20);
	pid_t pid;

	if (!memory)
		return 1;
	memset(memory, 1, TRIAL_MB << 20);
	for (int i = 0; i < TRIALS; i++) {
		pid = fork();
		if (pid == 0) {
			execve(self, argv, environ);
			_exit(127);
		}
		waitpid(pid, NULL, 0);
		if (!posix_spawn(&pid, self, NULL, NULL, argv, environ))
			waitpid(pid, NULL, 0);
	}
	free(memory);
	return 0;
}

/* Starts the trial; its stats come out of the stream. */
static FILE *start_trial(const char *library, const char *self)
{
	char *argv[] = {(char *)self, "--try", (char *)self, NULL};
	posix_spawn_file_actions_t actions;
	int end[2], failed;
	pid_t pid;

	setenv("LD_PRELOAD", library, 1);
	setenv("VSPAWN", "on", 1);
	setenv("VSPAWN_FORK", "txn", 1);
	setenv("VSPAWN_SPAWN", "on", 1);
	setenv("VSPAWN_STATS", "stderr", 1);
	if (pipe2(end, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, end[1], STDERR_FILENO);
	failed = posix_spawn(&pid, self, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(end[1]);
	return failed ? NULL : fdopen(end[0], "r");
}

static int verdict(const char *library, const char *self)
{
	FILE *stats = start_trial(library, self);
	char line[200], why[160] = "the library counted nothing";
	int committed = 0, spawned = 0, times;

	while (stats && fgets(line, sizeof(line), stats)) {
		sscanf(line, "transactions committed %d", &committed);
		sscanf(line, "posix_spawn spawn %d", &spawned);
		if (strncmp(line, "  ", 2))
			continue;
		sscanf(line, " native %d %159[^\n]", &times, why);
		sscanf(line, " rolled back %d %159[^\n]", &times, why);
	}
	printf("%-22s %d of %d\n", "fork made cheap", committed, TRIALS);
	printf("%-22s %d of %d\n", "posix_spawn made cheap", spawned, TRIALS);
	printf("verdict: ");
	if (committed && spawned)
		puts("works here, for fork and for posix_spawn and vfork");
	else if (committed)
		puts("works here for fork; the rest stays with the C library");
	else if (spawned)
		printf("works here for posix_spawn and vfork; fork stays with"
		       " the C library: %s\n",
		       why);
	else
		printf("no use here: %s\n", why);
	return committed || spawned ? 0 : 1;
}

int main(int argc, char **argv)
{
	static char self[4096];

	if (argc == 2 && !strcmp(argv[1], "--exit"))
		return 0;
	if (argc == 3 && !strcmp(argv[1], "--try"))
		return trial(argv[2]);
	if (argc != 2) {
		fputs("usage: doctor LIBRARY\n", stderr);
		return 2;
	}
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		snprintf(self, sizeof(self), "%s", argv[0]);
	kernel();
	libc();
	dispatch();
	clone3();
	proc();
	status();
	if (!library_loads(argv[1])) {
		puts("verdict: no use here: the library cannot be loaded");
		return 1;
	}
	fflush(stdout);
	return verdict(argv[1], self);
}

/* SPDX-License-Identifier: MIT
 *
 * A regular file of which what has been read is gone, as the kernel's own file
 * systems have some: a child reads it once, and leaves without an exec.
 */
#include <sched.h>
#include <sys/mount.h>

#include "around.h"

enum { PATH = 200 };

static bool put(const char *where, const char *name, const char *text)
{
	ssize_t size = (ssize_t)strlen(text);
	char path[PATH];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", where, name);
	fd = open(path, O_WRONLY);
	done = write(fd, text, (size_t)size) == size;
	close(fd);
	return done;
}

static bool finds(const char *path, const char *what)
{
	char text[PAGE] = "";
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	return read(fd, text, sizeof(text) - 1) > 0 && strstr(text, what);
}

/* A buffer of its own, so that no other's is touched. */
static void trace(void)
{
	char at[PATH / 4], own[PATH / 2], pipe_[PATH];
	pid_t pid;
	int status;

	strcpy(at, in_folder("tracing"));
	snprintf(own, sizeof(own), "%s/instances/vspawn-%d", at, getpid());
	snprintf(pipe_, sizeof(pipe_), "%s/trace_pipe", own);
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(at, 0700) && errno != EEXIST) ||
	    mount("tracing", at, "tracefs", 0, NULL) || mkdir(own, 0700))
		skip("tracefs");
	if (!put(own, "tracing_on", "1") || !put(own, "trace_marker", "once")) {
		rmdir(own);
		skip("tracing");
	}
	pid = fork();
	if (!pid)
		_exit(finds(pipe_, "once") ? 4 : 5);
	status = wait_for(pid);
	rmdir(own);
	ck_assert_int_eq(status, 4 << 8);
}

START_TEST(trace_pipe)
{
	play(trace);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("consumed");

	tcase_add_test(tcase, trace_pipe);
	return run_scenes("fork: what is read once", tcase, argv);
}

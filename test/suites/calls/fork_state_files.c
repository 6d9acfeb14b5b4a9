/* SPDX-License-Identifier: MIT
 *
 * Files, folders and sockets that a child sets up between fork() and exec:
 * after the exec they are exactly those of a child by the kernel's own fork,
 * and nothing more.
 */
#include <sched.h>
#include <sys/socket.h>

#include "odd_parent.h"

static void redirect(void)
{
	int fds[2];

	(void)!pipe(fds);
	dup2(fds[0], 0);
	dup2(fds[1], 20);
	close(fds[0]);
	close(fds[1]);
	close(2);
}

static void redirect_to_files(void)
{
	int in = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	dup2(in, 0);
	dup3(in, 30, O_CLOEXEC);
	fcntl(open("/etc/passwd", O_RDWR), F_SETFD, FD_CLOEXEC);
	open(in_folder("state.out"), O_WRONLY | O_APPEND | O_CREAT, 0600);
	openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	open("/no/such/file", O_RDONLY);
	fcntl(0, F_DUPFD, 40);
	fcntl(0, F_DUPFD_CLOEXEC, 50);
}

static void new_folder(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)!chdir("/usr");
	(void)!fchdir(fd);
	(void)!chdir("etc");
	umask(0135);
}

static void sockets(void)
{
	int pair[2];

	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	(void)!write(pair[0], "x", 1);
	(void)!read(pair[1], &(char){0}, 1);
	dup2(pair[0], 60);
	close(pair[0]);
	close(pair[1]);
	/* Its number differs from one child to the next. */
	close(60);
	socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void new_root(void)
{
	(void)!chroot("/");
	unshare(CLONE_FS | CLONE_FILES);
}

/* Effects that nobody outside may see twice: done by a true child. */
static void side_effects(void)
{
	(void)!write(open("/dev/null", O_WRONLY | O_CLOEXEC), "x", 1);
	(void)!mkdir(in_folder("made"), 0700);
	(void)!rmdir(in_folder("made"));
	usleep(1000);
	fcntl(0, F_SETFL, O_NONBLOCK);
	fcntl(0, F_SETFL, 0);
	raise(SIGCHLD);
	kill(getpid(), SIGURG);
}

static void (*const preparations[])(void) = {redirect_to_files, new_folder,
					     sockets, new_root, side_effects};

START_TEST(after_exec)
{
	same_state(preparations[_i]);
}
END_TEST

START_TEST(after_exec_odd_parent)
{
	same_state_of_odd_parent(preparations[_i]);
}
END_TEST

START_TEST(pipes)
{
	/* Names of pipes differ; that the ends are where they belong: */
	char *state = state_after(fork, redirect);

	ck_assert_ptr_nonnull(strstr(state, "fd 0 0 pipe:["));
	ck_assert_ptr_nonnull(strstr(state, "fd 20 0 pipe:["));
	ck_assert_ptr_null(strstr(state, "fd 2 0"));
	ck_assert_ptr_null(strstr(state, "/mem"));
	free(state);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("state");

	tcase_add_loop_test(tcase, after_exec, 0, LENGTH(preparations));
	tcase_add_loop_test(tcase, after_exec_odd_parent, 0,
			    LENGTH(preparations));
	tcase_add_test(tcase, pipes);
	return run_suite("fork: state of files", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A thread that enters other namespaces, by libc's function, by syscall() or
 * by a system call of its own: its children are born there, those of the other
 * threads are not. In a new pid namespace the first child is the only one that
 * can be its init.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>

#include "util.h"

enum { FORKS = 12, HOWS = 3 };

static int how;
static char marker[128];
static _Atomic bool stop;

static long enter_new(int namespaces)
{
	if (how == 0)
		return unshare(namespaces);
	if (how == 1)
		return syscall(SYS_unshare, namespaces);
	return vs_sys(SYS_unshare, namespaces);
}

static long enter(int fd, int namespace)
{
	if (how == 0)
		return setns(fd, namespace);
	if (how == 1)
		return syscall(SYS_setns, fd, namespace);
	return vs_sys(SYS_setns, fd, namespace);
}

/* A child that exits with what `look` returns, by exec or not. */
static pid_t child(int (*look)(void), int n)
{
	pid_t pid = n % 2 ? fork() : _Fork();

	if (pid)
		return pid;
	if (n % 3)
		exec_exit_static(look());
	_exit(look());
}

static void children(int (*look)(void), int code)
{
	for (int n = 1; n < 5; n++)
		exits_with(child(look, n), code);
}

/* Runs `body` in a thread, and forks here meanwhile and afterwards, with what
 * has been seen before. */
static void in_thread(void *(*body)(void *), int (*look_here)(void))
{
	pthread_t thread;

	children(look_here, 4);
	ck_assert_int_eq(pthread_create(&thread, NULL, body, NULL), 0);
	while (!stop)
		children(look_here, 4);
	pthread_join(thread, NULL);
	children(look_here, 4);
}

/* False, and says why, without the right to. */
static bool allowed(int i)
{
	how = i % HOWS;
	if (!getuid() && !access("/proc/thread-self/ns/pid_for_children", F_OK))
		return true;
	puts("skipped: not root, or no namespaces");
	return false;
}

/* ---- pid ---- */

static int own_number(void)
{
	return (int)getpid() > 100 ? 100 : (int)getpid();
}

/* In a container numbers may be small here, too: born elsewhere it would have
 * a parent that it cannot see. */
static int is_born_here(void)
{
	return getppid() ? 4 : 50;
}

static int first_way;

static void *makes_init(void *unused)
{
	children(is_born_here, 4);
	ck_assert_int_eq(enter_new(CLONE_NEWPID), 0);
	exits_with(child(own_number, first_way), 1);
	/* As the kernel has it for a namespace without its init. */
	ck_assert_int_eq(fork(), -1);
	ck_assert_int_eq(errno, ENOMEM);
	stop = true;
	return unused;
}

START_TEST(first_is_init)
{
	first_way = _i / HOWS ? 1 : 3;
	if (allowed(_i))
		in_thread(makes_init, is_born_here);
}
END_TEST

/* Ends with the pipe. */
static pid_t live_init(int fds[2])
{
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) ? 50 : (int)getpid());
	}
	return pid;
}

static void end_init(pid_t init, const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
	exits_with(init, 1);
}

static void *numbers_children(void *unused)
{
	pid_t init;
	int fds[2];

	ck_assert_int_eq(enter_new(CLONE_NEWPID), 0);
	init = live_init(fds);
	for (int n = 2; n < FORKS; n++)
		exits_with(child(own_number, n), n);
	end_init(init, fds);
	stop = true;
	return unused;
}

START_TEST(without_a_gap)
{
	if (allowed(_i))
		in_thread(numbers_children, is_born_here);
}
END_TEST

static int pid_namespace = -1;
static _Atomic bool left;

/* In and out again. */
static void *visits(void *unused)
{
	int own = open("/proc/thread-self/ns/pid", O_RDONLY | O_CLOEXEC);

	children(is_born_here, 4);
	ck_assert_int_eq(enter(pid_namespace, CLONE_NEWPID), 0);
	for (int n = 2; n < 8; n++)
		exits_with(child(own_number, n), n);
	ck_assert_int_eq(enter(own, CLONE_NEWPID), 0);
	children(is_born_here, 4);
	left = true;
	close(own);
	return unused;
}

static void *has_one_visited(void *unused)
{
	pid_t init;
	int fds[2];

	ck_assert_int_eq(enter_new(CLONE_NEWPID), 0);
	init = live_init(fds);
	pid_namespace = open("/proc/thread-self/ns/pid_for_children",
			     O_RDONLY | O_CLOEXEC);
	while (!left)
		usleep(1000);
	end_init(init, fds);
	stop = true;
	return unused;
}

START_TEST(visited)
{
	pthread_t host_thread;

	if (!allowed(_i))
		return;
	ck_assert_int_eq(
		pthread_create(&host_thread, NULL, has_one_visited, NULL), 0);
	while (pid_namespace < 0)
		usleep(1000);
	in_thread(visits, is_born_here);
	pthread_join(host_thread, NULL);
	close(pid_namespace);
}
END_TEST

/* ---- mounts ---- */

static int sees_mount(void)
{
	return !access(marker, F_OK) && access("/proc/self", F_OK) ? 4 : 50;
}

static int sees_none(void)
{
	return access(marker, F_OK) && !access("/proc/self", F_OK) ? 4 : 50;
}

/* Another /proc, which is empty. */
static void *mounts(void *unused)
{
	children(sees_none, 4);
	ck_assert_int_eq(enter_new(CLONE_NEWNS), 0);
	/* In a chroot / is no mount. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		puts("skipped: not in a chroot");
		stop = true;
		return unused;
	}
	ck_assert_int_eq(mount("none", in_folder("mount"), "tmpfs", 0, NULL),
			 0);
	close(open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	children(sees_none, 50);
	ck_assert_int_eq(mount("none", "/proc", "tmpfs", 0, NULL), 0);
	children(sees_mount, 4);
	stop = true;
	usleep(30000);
	children(sees_mount, 4);
	return unused;
}

START_TEST(mounted_in_thread)
{
	if (!allowed(_i))
		return;
	mkdir(in_folder("mount"), 0700);
	snprintf(marker, sizeof(marker), "%s/mount/marker", folder);
	in_thread(mounts, sees_none);
}
END_TEST

/* ---- the others ---- */

static const struct {
	const char *name;
	int flag;
} others[] = {{"net", CLONE_NEWNET},
	      {"uts", CLONE_NEWUTS},
	      {"ipc", CLONE_NEWIPC},
	      {"cgroup", CLONE_NEWCGROUP}};
static int other;
static char here[64], there[64];

static void name_of(const char *process, char *name)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", process,
		 others[other].name);
	n = readlink(path, name, 63);
	name[n > 0 ? n : 0] = '\0';
}

static int is_here(void)
{
	char own[64];

	name_of("self", own);
	return strcmp(own, here) ? 50 : 4;
}

static int is_there(void)
{
	char own[64];

	name_of("self", own);
	return strcmp(own, there) ? 50 : 4;
}

static void *goes_and_comes(void *unused)
{
	char path[64];
	int back;

	snprintf(path, sizeof(path), "/proc/thread-self/ns/%s",
		 others[other].name);
	back = open(path, O_RDONLY | O_CLOEXEC);
	children(is_here, 4);
	ck_assert_int_eq(enter_new(others[other].flag), 0);
	name_of("thread-self", there);
	ck_assert_str_ne(here, there);
	children(is_there, 4);
	ck_assert_int_eq(enter(back, others[other].flag), 0);
	children(is_here, 4);
	close(back);
	stop = true;
	return unused;
}

START_TEST(goes_elsewhere)
{
	if (!allowed(_i))
		return;
	other = _i;
	name_of("self", here);
	in_thread(goes_and_comes, is_here);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("namespaces");

	tcase_add_loop_test(tcase, first_is_init, 0, 2 * HOWS);
	tcase_add_loop_test(tcase, without_a_gap, 0, HOWS);
	tcase_add_loop_test(tcase, visited, 0, HOWS);
	tcase_add_loop_test(tcase, mounted_in_thread, 0, HOWS);
	tcase_add_loop_test(tcase, goes_elsewhere, 0, LENGTH(others));
	return run_suite("exact: namespaces of a thread", tcase);
}

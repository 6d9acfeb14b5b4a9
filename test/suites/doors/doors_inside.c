/* SPDX-License-Identifier: MIT
 *
 * Public functions that make a process inside libc, and what they run.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <pty.h>
#include <wordexp.h>

#include "target.h"

static char *argv[] = {"zero", NULL /* the output */, "one", "two", NULL};
static char *envp[] = {"A=1", "TARGET_EXIT=42", "PATH=/bin:/usr/bin", "PWD=/",
		       NULL};

static void set_up(void)
{
	target_set_up();
	argv[1] = output;
	environ = envp;
	ck_assert_int_eq(chdir("/"), 0);
}

/* A command that runs the target as given above, without what the shell adds
 * to the environment. */
static const char *command(void)
{
	static char text[3 * PATH_MAX];

	snprintf(text, sizeof(text),
		 "exec env -i A=1 TARGET_EXIT=42 PATH=/bin:/usr/bin PWD=/ "
		 "'%s' '%s' one two",
		 target, output);
	return text;
}

/* The name it is run by is argument zero. */
static void shell_ran(int status)
{
	argv[0] = target;
	target_ran(status, 42, argv, envp);
}

START_TEST(by_system)
{
	errno = 77;
	shell_ran(system(command()));
	ck_assert_int_eq(errno, 77);
	ck_assert_int_ne(system(NULL), 0);
	ck_assert_int_eq(system("exit 7"), 7 << 8);
	ck_assert_int_eq(system("kill -9 $$"), SIGKILL);
	ck_assert_int_eq(system("test \"$A,$PATH\" = 1,/bin:/usr/bin"), 0);
}
END_TEST

typedef FILE *popener(const char *, const char *);

static popener *const popeners[] = {popen, NULL};

static popener *popen_of(int i)
{
	popener *old = (popener *)dlsym(RTLD_DEFAULT, "_IO_popen");

	return popeners[i] || !old ? popen : old;
}

START_TEST(by_popen)
{
	popener *f = popen_of(_i);
	char line[64] = "";
	FILE *stream;

	errno = 77;
	stream = f(command(), "r");
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(errno, 77);
	ck_assert_ptr_null(fgets(line, sizeof(line), stream));
	shell_ran(pclose(stream));
	stream = f("echo \"$A $PATH\"; exit 3", "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), stream));
	ck_assert_str_eq(line, "1 /bin:/usr/bin\n");
	ck_assert_int_eq(pclose(stream), 3 << 8);
}
END_TEST

START_TEST(by_wordexp)
{
	wordexp_t words;

	ck_assert_int_eq(wordexp("$(echo one \"$A\") two", &words, 0), 0);
	ck_assert_int_eq((int)words.we_wordc, 3);
	ck_assert_str_eq(words.we_wordv[1], "1");
	wordfree(&words);
	ck_assert_int_eq(wordexp("$(echo)", &words, WRDE_NOCMD), WRDE_CMDSUB);
}
END_TEST

START_TEST(by_forkpty)
{
	struct winsize size = {.ws_row = 11, .ws_col = 22}, got;
	char name[128] = "", buf[64];
	int master = -1, status;
	pid_t pid;

	pid = forkpty(&master, name, NULL, &size);
	if (pid < 0 && (errno == ENOENT || errno == ENOSPC))
		return; /* no terminals here */
	if (!pid) {
		if (!isatty(0) || getsid(0) != getpid() ||
		    ioctl(0, TIOCGWINSZ, &got) || got.ws_row != 11)
			_exit(98);
		execve(target, argv, envp);
		_exit(99);
	}
	ck_assert_str_ne(name, "");
	while (read(master, buf, sizeof(buf)) > 0)
		;
	status = wait_for(pid);
	target_ran(status, 42, argv, envp);
	close(master);
}
END_TEST

static void *opens_a_terminal(void *went_on)
{
	int master = -1;
	pid_t pid;

	pthread_cancel(pthread_self());
	pid = forkpty(&master, NULL, NULL, NULL);
	if (!pid)
		_exit(0);
	*(bool *)went_on = true;
	return NULL;
}

/* Where it opens the terminal. musl's is no such place. */
START_TEST(forkpty_is_cancelled)
{
#ifdef __GLIBC__
	bool went_on = false;
	pthread_t thread;
	void *result;

	ck_assert(!pthread_create(&thread, NULL, opens_a_terminal, &went_on));
	ck_assert(!pthread_join(thread, &result));
	ck_assert_ptr_eq(result, PTHREAD_CANCELED);
	ck_assert(!went_on);
#else
	(void)opens_a_terminal;
#endif
}
END_TEST

/* Its parent leaves, so that it takes a child to see it. */
START_TEST(by_daemon)
{
	int fds[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		close(fds[0]);
		if (daemon(0, 0))
			_exit(98);
		execve(target, argv, envp);
		_exit(99);
	}
	close(fds[1]);
	exits_with(pid, 0);
	ck_assert_int_eq(read(fds[0], &byte, 1), 0); /* it is done */
	close(fds[0]);
	target_ran(42 << 8, 42, argv, envp);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("doors inside libc");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, by_system);
	tcase_add_loop_test(tcase, by_popen, 0, LENGTH(popeners));
	tcase_add_test(tcase, by_wordexp);
	tcase_add_test(tcase, by_forkpty);
	tcase_add_test(tcase, forkpty_is_cancelled);
	tcase_add_test(tcase, by_daemon);
	return run_suite("doors_inside", tcase);
}

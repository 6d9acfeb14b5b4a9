/* SPDX-License-Identifier: MIT
 *
 * popen(): modes, streams and errors, as glibc has them whichever way it makes
 * the process.
 */
#include <sys/resource.h>

#include "util.h"

static void no_children(void)
{
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(modes)
{
	static const char *const good[] = {"r", "re", "er", "rr", "ree"};
	static const char *const bad[] = {"", "e", "x", "rw", "wr", "r+", "rb"};

	for (int i = 0; i < LENGTH(good); i++) {
		FILE *stream = popen("exit 4", good[i]);
		bool cloexec = strchr(good[i], 'e') != NULL;

		ck_assert_ptr_nonnull(stream);
		ck_assert_int_eq(fcntl(fileno(stream), F_GETFD), cloexec);
		ck_assert_int_eq(fcntl(fileno(stream), F_GETFL) & O_ACCMODE,
				 O_RDONLY);
		ck_assert_int_eq(pclose(stream), 4 << 8);
	}
	for (int i = 0; i < LENGTH(bad); i++) {
		errno = 0;
		ck_assert_ptr_null(popen("exit 4", bad[i]));
		ck_assert_int_eq(errno, EINVAL);
	}
	no_children();
}
END_TEST

START_TEST(reading)
{
	FILE *stream = popen("i=0; while [ $i -lt 20000 ]; do echo $i; "
			     "i=$((i + 1)); done; exit 3",
			     "r");
	char *line = NULL, expected[32];
	size_t room = 0;
	int n = 0;

	errno = 0;
	ck_assert_int_eq(ftell(stream), -1);
	ck_assert_int_eq(errno, ESPIPE);
	ck_assert_int_eq(ungetc('#', stream), '#');
	ck_assert_int_eq(getc(stream), '#');
	for (; getline(&line, &room, stream) > 0; n++) {
		snprintf(expected, sizeof(expected), "%d\n", n);
		if (strcmp(line, expected))
			ck_abort_msg("%s instead of %s", line, expected);
	}
	free(line);
	ck_assert_int_eq(n, 20000);
	ck_assert(feof(stream) && !ferror(stream));
	ck_assert_int_eq(putc('x', stream), EOF);
	ck_assert_int_eq(pclose(stream), 3 << 8);
	no_children();
}
END_TEST

START_TEST(writing)
{
	const char *file = in_folder("written");
	char command[256], *text;
	FILE *stream;

	snprintf(command, sizeof(command), "cat >%s; exit 2", file);
	stream = popen(command, "w");
	ck_assert_int_eq(getc(stream), EOF);
	clearerr(stream);
	for (int i = 0; i < 100000; i++)
		fprintf(stream, "%7d\n", i);
	ck_assert_int_eq(fputs("end", stream) >= 0, 1);
	ck_assert_int_eq(pclose(stream), 2 << 8);
	text = slurp(file);
	ck_assert_int_eq((int)strlen(text), 800003);
	ck_assert_str_eq(text + 800000, "end");
	free(text);
}
END_TEST

/* Nobody reads: the error is told when it is flushed, not by a status. */
START_TEST(broken_pipe)
{
	FILE *stream = popen("exec <&-; exit 0", "w");
	siginfo_t info;

	signal(SIGPIPE, SIG_IGN);
	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	fputs("x", stream);
	errno = 0;
	ck_assert_int_eq(fflush(stream), EOF);
	ck_assert_int_eq(errno, EPIPE);
	ck_assert(ferror(stream));
	ck_assert_int_eq(pclose(stream), 0);
}
END_TEST

/* fclose() is another way to close it, which compilers warn of. */
START_TEST(closed_by_fclose)
{
	int (*volatile close_it)(FILE *) = fclose;

	ck_assert_int_eq(close_it(popen("sleep 0.1; exit 3", "r")), 3 << 8);
	no_children();
}
END_TEST

/* Else the second cat would keep the first one's input open. */
START_TEST(earlier_streams_are_closed_in_children)
{
	FILE *stream[8];
	char command[64];

	for (int i = 0; i < LENGTH(stream); i++)
		stream[i] = popen("cat >/dev/null", "w");
	snprintf(command, sizeof(command), "test -e /proc/self/fd/%d",
		 fileno(stream[3]));
	ck_assert_int_eq(pclose(popen(command, "r")), 1 << 8);
	ck_assert_int_eq(system(command), 0);
	for (int i = 0; i < LENGTH(stream); i++)
		ck_assert_int_eq(pclose(stream[i]), 0);
	no_children();
}
END_TEST

START_TEST(errors)
{
	struct rlimit limit, none;
	FILE *stream;

	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = 3;
	while (fcntl((int)none.rlim_cur, F_GETFD) >= 0)
		none.rlim_cur++;
	setrlimit(RLIMIT_NOFILE, &none);
	ck_assert_ptr_null(popen("exit 0", "r"));
	ck_assert_int_eq(errno, EMFILE);
	setrlimit(RLIMIT_NOFILE, &limit);
	signal(SIGCHLD, SIG_IGN);
	stream = popen("exit 3", "r");
	errno = 0;
	ck_assert_int_eq(pclose(stream), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

#if defined __GLIBC__
#	define SPAWNS	 __GLIBC_PREREQ(2, 29)
#	define NO_SHELL (__GLIBC_PREREQ(2, 38) ? ENOENT : ENOMEM)
#else
#	define SPAWNS 0
#endif

#if SPAWNS
START_TEST(no_shell)
{
	if (chroot(folder)) {
		fprintf(stderr, "skipped: needs root\n");
		return;
	}
	for (int i = 0; i < 2; i++) {
		errno = 0;
		ck_assert_ptr_null(popen("exit 0", i ? "w" : "r"));
		ck_assert_int_eq(errno, NO_SHELL);
	}
	no_children();
}
END_TEST
#endif

int main(void)
{
	TCase *tcase = tcase_create("popen");

	tcase_add_test(tcase, modes);
	tcase_add_test(tcase, reading);
	tcase_add_test(tcase, writing);
	tcase_add_test(tcase, broken_pipe);
	tcase_add_test(tcase, closed_by_fclose);
	tcase_add_test(tcase, earlier_streams_are_closed_in_children);
	tcase_add_test(tcase, errors);
#if SPAWNS
	tcase_add_test(tcase, no_shell);
#endif
	return run_suite("popen", tcase);
}

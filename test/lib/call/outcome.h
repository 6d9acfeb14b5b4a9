/* SPDX-License-Identifier: MIT
 *
 * What comes of a call that a child makes before it execs, as a text: by the
 * program that it becomes, because it could not say so itself without being
 * seen. For calls on memory.h.
 */
#ifndef TEST_CALL_OUTCOME_H
#define TEST_CALL_OUTCOME_H

#include "around.h"
#include "memory.h"

enum { TEXT = 400 };

/* Makes the call and describes it, at most TEXT / 2 characters. */
typedef void made_and_described(char *text);

static void open_own(void)
{
	int fds[2];

	vs_sys(SYS_dup3, vs_sys(SYS_openat, AT_FDCWD, AT(TO_FILE), O_RDONLY),
	       OWN_FILE, 0);
	vs_sys(SYS_dup3,
	       vs_sys(SYS_openat, AT_FDCWD, AT(TO_DIR), O_RDONLY | O_DIRECTORY),
	       OWN_DIR, 0);
	vs_sys(SYS_pipe2, fds, 0);
	vs_sys(SYS_dup3, fds[0], OWN_IN, 0);
	vs_sys(SYS_dup3, fds[1], OWN_OUT, 0);
	vs_sys(SYS_write, OWN_OUT, "own pipe", 8);
	vs_sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
	vs_sys(SYS_dup3, fds[0], OWN_SOCK, 0);
	vs_sys(SYS_dup3, fds[1], OTHER_END, 0);
	vs_sys(SYS_write, OTHER_END, "own socket", 10);
}

/* What is in memory from `arg` on, and before and behind it. `any`: only
 * whether there is something. */
static UNUSED char *say_memory(char *text, long arg, bool any)
{
	enum { BEFORE = 64, ALL = LARGEST + 128 };
	const unsigned char *from = (unsigned char *)arg - BEFORE;
	unsigned long sum = 0, changed = 0;

	for (int i = 0; i < ALL; i++) {
		sum = sum * 31 + from[i];
		changed += from[i] != PATTERN;
	}
	if (any)
		return text + sprintf(text, " %s", changed ? "some" : "none");
	return text + sprintf(text, " %lx", sum);
}

_Noreturn static void child(made_and_described *make)
{
	char text[TEXT];
	char *argv[] = {"say", "56", text, NULL}, *envp[] = {NULL};

	open_own();
	make(text);
	vs_sys(SYS_execveat, PROGRAM_FD, "", argv, envp, AT_EMPTY_PATH);
	_exit(99);
}

/* By a child by the system call, or by fork(). */
static void outcome(made_and_described *make, bool natively, char text[TEXT])
{
	ssize_t n, used = 0;
	int fds[2];
	pid_t pid;

	make_files_anew();
	ck_assert_int_eq(pipe(fds), 0);
	at_number(fds[1], REPORT_FD);
	pid = natively ? raw_fork() : fork();
	if (!pid)
		child(make);
	close(REPORT_FD);
	while ((n = read(fds[0], text + used, TEXT / 2)) > 0)
		used += n;
	close(fds[0]);
	sprintf(text + used, " status %#x", wait_for(pid));
}

/* ---- and by which engine ---- */

/* How many children, counted by the process that made them: those that a
 * transaction commits, and those that one may commit. */
static struct counts {
	int must, may;
} * counts;

static void make_counts(void)
{
	counts = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static bool as_counted(void)
{
	static const char before[] = "transactions   committed ";
	char *text = slurp(summary_file), *at = strstr(text, before);
	int n = at ? atoi(at + strlen(before)) : 0;

	free(text);
	return n >= counts->must && n <= counts->may;
}

/* A scene that counts; in mode txn each child is made as it says. */
static void play_counted(void (*scene)(void))
{
	/* A machine that is busy may need another try. */
	for (int tries = 0; tries < 5; tries++) {
		*counts = (struct counts){0, 0};
		if (!play(scene) || !possible ||
		    strcmp(getenv("VSPAWN_FORK"), "txn") != 0 || as_counted())
			return;
		if (!summary_has("no exec within"))
			break;
	}
	by_engines(false);
}

/* A child by fork() tells what one by the system call does, and is committed or
 * not. */
struct trial {
	made_and_described *child;
	bool rolls;
};

static UNUSED void same_outcome(const struct trial *trial, int which)
{
	static char expected[TEXT], got[TEXT];

	outcome(trial->child, true, expected);
	ck_assert_ptr_nonnull(strstr(expected, " status 0"));
	outcome(trial->child, false, got);
	ck_assert_msg(!strcmp(got, expected), "trial %d: \"%s\", not \"%s\"",
		      which, got, expected);
	counts->may += !trial->rolls;
	counts->must += !trial->rolls;
}

/* At the beginning of a scene. Of what is big beside it, no more than auto
 * wants, so that the many copies cost less. */
static void set_scene(void)
{
	make_call_memory(strdup(shared_host("say")));
	munmap(heap, HEAP / 2);
}

/* A scene of trials. */
static UNUSED void same_outcomes(const struct trial *trials, int n)
{
	set_scene();
	for (int i = 0; i < n; i++)
		same_outcome(&trials[i], i);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * The first forks of a process, by several threads at once: what a library
 * prepares at the first one is prepared once. Every child runs one time, and
 * fork() returns its pid.
 */
#include "hold.h"

static char program[PATH_MAX], append[PATH_MAX], file[128];

static void set_up(void)
{
	strcpy(program, host("first_forks"));
	strcpy(append, host("append"));
	strcpy(file, in_folder("runs"));
	close(open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
}

/* What it says is in the log. */
static int run(const char *how, int number)
{
	char text[16];
	pid_t pid;

	snprintf(text, sizeof(text), "%d", number);
	set_up();
	pid = fork();
	if (!pid) {
		execl(program, "first_forks", append, file, how, text, NULL);
		_exit(99);
	}
	return wait_for(pid);
}

START_TEST(at_once)
{
	for (int n = 0; n < 15; n++)
		ck_assert_int_eq(run("barrier", 2 + n % 3 * 3), 0);
}
END_TEST

/* The second one comes while the first is anywhere in its first fork(). */
START_TEST(real_time)
{
	for (int us = 20; us < 200; us += 6) {
		int status = run("realtime", us);

		if (status == 77 << 8)
			return;
		ck_assert_msg(!status, "after %d us: %#x", us, status);
	}
}
END_TEST

/* ---- one thread in slow motion ---- */

enum { MOST_MS = 200, EXEC_MS = 15 };

/* The thread called "slow" is held in one call of its fork. When the child of
 * the other thread wants to exec, which it may a little later, or after some
 * time, that call goes on. */
static int hold_up(const struct watched *w, int nr, int nth, int go)
{
	struct shown call, slow = {.id = 0}, exec = {.id = 0};
	int status;

	while (waitpid(w->pid, &status, WNOHANG) != w->pid) {
		bool got = next_call(w, &call, 1);

		if (slow.id && (exec.id || now_ms() > slow.at_ms + MOST_MS))
			let_go_on(w, &slow);
		if (exec.id && now_ms() > exec.at_ms + EXEC_MS)
			let_go_on(w, &exec);
		if (!got)
			continue;
		if (call.nr == nr && is_thread(w, call.tid, "slow") && !nth--) {
			slow = call;
			(void)!write(go, "x", 1);
		} else if (call.nr == SYS_execve && slow.id && !exec.id) {
			exec = call;
		} else {
			let_go_on(w, &call);
		}
	}
	return status;
}

static const struct {
	int nr, nth;
} held[] = {
#ifdef SYS_mmap
	{SYS_mmap, 0},	      {SYS_mmap, 1},	       {SYS_mmap, 2},
	{SYS_mmap, 3},
#endif
	{SYS_openat, 0},      {SYS_openat, 1},	       {SYS_rt_sigaction, 0},
	{SYS_sigaltstack, 0}, {SYS_rt_sigprocmask, 0}, {SYS_prctl, 0},
	{SYS_madvise, 0},     {SYS_clone, 0},
};

START_TEST(slow_motion)
{
	char number[16];
	char *argv[] = {program, append, file, "slow", number, NULL};
	struct watched w;
	int go[2], status;

	set_up();
	ck_assert_int_eq(pipe(go), 0);
	ck_assert_int_eq(go[1], go[0] + 1);
	snprintf(number, sizeof(number), "%d", go[0]);
	if (!watch(&w, held[_i].nr, SYS_execve, argv)) {
		puts("skipped: no notification by seccomp");
		return;
	}
	status = hold_up(&w, held[_i].nr, held[_i].nth, go[1]);
	ck_assert_msg(!status, "wait status %#x", status);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("first");

	tcase_add_test(tcase, at_once);
	tcase_add_test(tcase, real_time);
	tcase_add_loop_test(tcase, slow_motion, 0, LENGTH(held));
	return run_suite("exact: first forks", tcase);
}

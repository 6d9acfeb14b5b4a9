/* SPDX-License-Identifier: MIT
 *
 * A filter from before the program refuses calls that do the same as others, as
 * those do that are older than the calls: what the child does not call it is
 * not refused.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "again.h"

/* Of where both are; a number that is none. */
static const int refused[] = {
#ifdef SYS_dup2
	SYS_dup3,
#endif
#ifdef SYS_poll
	SYS_ppoll,
#endif
#ifdef SYS_select
	SYS_pselect6,
#endif
#ifdef SYS_epoll_wait
	SYS_epoll_pwait,
#endif
	-1,
};

static void refuse(void)
{
	enum { N = LENGTH(refused) };
	struct sock_filter code[N + 3];
	struct sock_fprog filter = {N + 3, code};

	code[0] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < N; i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused[i],
			(unsigned char)(N - i), 0);
	code[N + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						   SECCOMP_RET_ALLOW);
	code[N + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						   SECCOMP_RET_ERRNO | EACCES);
	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter),
			 0);
}

/* ---- what children do ---- */

static int ends[2]; /* of a pipe with something in it */

static int duplicates(void)
{
	return dup2(ends[0], 40) == 40;
}

static int polls(void)
{
#ifdef SYS_poll
	struct pollfd one = {.fd = ends[0], .events = POLLIN};

	return syscall(SYS_poll, &one, 1, 1000) == 1;
#else
	return 1;
#endif
}

static int selects(void)
{
#ifdef SYS_select
	fd_set set;
	long time[2] = {1, 0};

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, time) == 1;
#else
	return 1;
#endif
}

static int waits(void)
{
#ifdef SYS_epoll_wait
	struct epoll_event event = {.events = EPOLLIN};
	int list = epoll_create1(0);

	epoll_ctl(list, EPOLL_CTL_ADD, ends[0], &event);
	return syscall(SYS_epoll_wait, list, &event, 1, 1000) == 1;
#else
	return 1;
#endif
}

static int (*const children[])(void) = {duplicates, polls, selects, waits};

static int forks(int argc UNUSED, char **argv)
{
	int which = atoi(argv[2]);

	grow(32 << 20);
	MUST(!pipe(ends) && write(ends[1], "x", 1) == 1);
	for (int n = 0; n < 3; n++) {
		pid_t pid = fork();
		int status = -1;

		if (!pid) {
			exec_exit_static(children[which]() ? 4 : 5);
			_exit(50);
		}
		MUST(waitpid(pid, &status, 0) == pid);
		MUST(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	}
	return 0;
}

START_TEST(not_called)
{
	char which[] = {(char)('0' + _i), '\0'};
	char *argv[] = {"exact_refused", "forks", which, NULL};

	refuse();
	ck_assert_int_eq(run_again(argv, NULL), 0);
}
END_TEST

int main(int argc, char **argv)
{
	static const struct part parts[] = {{"forks", forks}};
	TCase *tcase = tcase_create("refused");

	again(argc, argv, parts, LENGTH(parts));
	tcase_add_loop_test(tcase, not_called, 0, LENGTH(children));
	return run_suite("exact: refused", tcase);
}

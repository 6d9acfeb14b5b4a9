/* SPDX-License-Identifier: MIT
 *
 * A seccomp filter of the program's own that comes right after a fork, or after
 * many of a program with threads: it kills for, or refuses, what the program
 * itself never does. The program lives, and so do its children.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "again.h"

enum { FORKS = 4 };

/* Neither libc's fork and wait nor /bin/true need them. */
static const int others[] = {
	SYS_sigaltstack,      SYS_ioctl,  SYS_getrusage,     SYS_madvise,
	SYS_readlinkat,	      SYS_statfs, SYS_rt_sigpending, SYS_timer_create,
	SYS_process_vm_readv, SYS_kcmp,	  SYS_waitid,
};

static const int actions_of_signals[] = {SYS_rt_sigaction};

static const struct {
	const char *name;
	const int *calls;
	int count;
	unsigned action;
} filters[] = {
	{"kills", others, LENGTH(others), SECCOMP_RET_KILL_PROCESS},
	{"traps", others, LENGTH(others), SECCOMP_RET_TRAP},
	{"refuses", actions_of_signals, LENGTH(actions_of_signals),
	 SECCOMP_RET_ERRNO | EINVAL},
};

static const char *const ways[] = {"inline", "prctl", "syscall"};

static void load(int which, const char *way)
{
	struct sock_filter code[LENGTH(others) + 3];
	struct sock_fprog program = {0, code};
	int n = filters[which].count;
	long r;

	code[0] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < n; i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K,
			(unsigned)filters[which].calls[i],
			(unsigned char)(n - i), 0);
	code[n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						   SECCOMP_RET_ALLOW);
	code[n + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						   filters[which].action);
	program.len = (unsigned short)(n + 3);
	vs_sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strcmp(way, "prctl"))
		r = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
	else if (!strcmp(way, "syscall"))
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	else
		r = vs_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	MUST(r == 0);
}

static void one_child(int n)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		if (n % 2)
			execl("/bin/true", "true", NULL);
		_exit(0);
	}
	MUST(pid > 0);
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
}

static void *waits(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* MB WHICH WAY THREADS: a small program's forks go another way. */
static int filtered(int argc UNUSED, char **argv)
{
	pthread_t thread;

	grow((size_t)atoi(argv[2]) << 20);
	if (*argv[5] == '1')
		MUST(!pthread_create(&thread, NULL, waits, NULL));
	for (int n = 0; n < FORKS; n++)
		one_child(1);
	load(atoi(argv[3]), argv[4]);
	for (int n = 0; n < FORKS; n++)
		one_child(n);
	return 0;
}

static void lives_with(char *mb, int which, const char *way, char *threads)
{
	char number[2] = {(char)('0' + which)};
	char *argv[] = {"exact_filters_late", "filtered", mb,  number,
			(char *)way,	      threads,	  NULL};
	int status = run_again(argv, "VSPAWN_STATS");

	ck_assert_msg(!status, "%s MB, %s, by %s, threads %s: wait status %#x",
		      mb, filters[which].name, way, threads, status);
}

START_TEST(lives)
{
	const char *way = ways[_i / LENGTH(filters)];
	int which = _i % LENGTH(filters);

	for (char threads = '0'; threads <= '1'; threads++) {
		lives_with("40", which, way, (char[]){threads, '\0'});
		lives_with("1", which, way, (char[]){threads, '\0'});
	}
}
END_TEST

int main(int argc, char **argv)
{
	static const struct part parts[] = {{"filtered", filtered}};
	TCase *tcase = tcase_create("filters");

	again(argc, argv, parts, LENGTH(parts));
	tcase_add_loop_test(tcase, lives, 0, LENGTH(ways) * LENGTH(filters));
	return run_suite("exact: filters that come late", tcase);
}

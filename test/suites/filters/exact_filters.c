/* SPDX-License-Identifier: MIT
 *
 * A seccomp filter of the program's own, which allows what libc's fork, exec
 * and wait need, and what a program needs to start. It is loaded by a system
 * call that no wrapper sees, or by libc: the program lives, and so do its
 * children, until the end, and also if there is a summary to be printed.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "again.h"

enum { FORKS = 4 };

static const int allowed[] = {
#ifdef SYS_fork
	SYS_fork,
#endif
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
	SYS_access,
	SYS_readlink,
#endif
#ifdef SYS_mmap
	SYS_mmap,
#endif
#ifdef SYS_mmap2
	SYS_mmap2,
#endif
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
#ifdef SYS_prlimit64
	SYS_prlimit64,
#endif
#ifdef SYS_rseq
	SYS_rseq,
#endif
	SYS_brk,
	SYS_clone,
	SYS_close,
	SYS_execve,
	SYS_exit,
	SYS_exit_group,
	SYS_fstat,
	SYS_futex,
	SYS_getpid,
	SYS_getrandom,
	SYS_gettid,
	SYS_mprotect,
	SYS_munmap,
	SYS_openat,
	SYS_pread64,
	SYS_read,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_set_robust_list,
	SYS_set_tid_address,
	SYS_wait4,
	SYS_write,
};

static const unsigned actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP,
				   SECCOMP_RET_ERRNO | EPERM};
static const char *const ways[] = {"inline", "all threads", "prctl", "syscall"};

static void load(unsigned action, const char *way)
{
	struct sock_filter code[LENGTH(allowed) + 3];
	struct sock_fprog program = {0, code};
	int last = LENGTH(allowed) + 2;
	long r;

	code[0] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 1; i < last - 1; i++)
		code[i] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i - 1],
			(unsigned char)(last - i - 1), 0);
	code[last - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
	code[last] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						  SECCOMP_RET_ALLOW);
	program.len = (unsigned short)(last + 1);
	vs_sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!strcmp(way, "prctl"))
		r = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
	else if (!strcmp(way, "syscall"))
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	else if (!strcmp(way, "inline"))
		r = vs_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	else
		r = vs_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_TSYNC, &program);
	MUST(r == 0);
}

static void one_child(int n)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		if (n % 4 != 3)
			execl("/bin/true", "true", NULL);
		_exit(0);
	}
	MUST(pid > 0);
	MUST(waitpid(pid, &status, 0) == pid && status == 0);
}

static const char *way;
static unsigned action;
static _Atomic int loaded;

static void *loads(void *unused)
{
	load(action, way);
	loaded = 1;
	/* To end a thread takes more than is allowed. */
	for (;;)
		vs_sys(SYS_futex, &loaded, 0, 1, NULL, NULL, 0);
	return unused;
}

/* ACTION WAY BEFORE: so many children before it is loaded. */
static int filtered(int argc UNUSED, char **argv)
{
	pthread_t thread;

	grow(32 << 20);
	action = actions[atoi(argv[2])];
	way = argv[3];
	for (int n = atoi(argv[4]); n; n--)
		one_child(n);
	/* What /proc says of filters is looked at every 20 ms: see
	 * LIMITS in libvspawn(7). */
	usleep(40000);
	if (!strcmp(way, "all threads")) {
		MUST(!pthread_create(&thread, NULL, loads, NULL));
		while (!loaded)
			;
	} else {
		load(action, way);
	}
	for (int n = 0; n < FORKS; n++)
		one_child(n);
	return 0;
}

static int run(int act, int how, int before, const char *setting)
{
	char first[16], second[16];
	char *argv[] = {"exact_filters",   "filtered", first,
			(char *)ways[how], second,     NULL};

	snprintf(first, sizeof(first), "%d", act);
	snprintf(second, sizeof(second), "%d", before);
	return run_again(argv, setting);
}

START_TEST(lives)
{
	int how = _i / LENGTH(actions);

	for (int before = 0; before < 2; before++) {
		int status =
			run(_i % LENGTH(actions), how, before, "VSPAWN_STATS");

		ck_assert_msg(!status, "%s, %d before: wait status %#x",
			      ways[how], before, status);
	}
}
END_TEST

START_TEST(lives_with_summary)
{
	int how = _i / LENGTH(actions), status;
	char setting[160];

	snprintf(setting, sizeof(setting), "VSPAWN_STATS=%s",
		 in_folder("summary"));
	status = run(_i % LENGTH(actions), how, 1, setting);
	ck_assert_msg(!status, "%s: wait status %#x", ways[how], status);
}
END_TEST

int main(int argc, char **argv)
{
	static const struct part parts[] = {{"filtered", filtered}};
	TCase *tcase = tcase_create("filters");

	again(argc, argv, parts, LENGTH(parts));
	tcase_add_loop_test(tcase, lives, 0, LENGTH(ways) * LENGTH(actions));
	tcase_add_loop_test(tcase, lives_with_summary, 0,
			    LENGTH(ways) * LENGTH(actions));
	return run_suite("exact: filters of the program's own", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * A sandbox, which makes system calls in its handler of SIGSYS: its threads go
 * on with that while others fork, and so do its children.
 */
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "handlers.h"

/* Linux 5.6 */
#ifndef SYS_openat2
#	define SYS_openat2 437
#endif

enum { EMULATED = 12345 };

static _Atomic long traps;

/* openat() as the broker of a sandbox would make it. */
static long opens(const long args[6])
{
	struct open_how how = {.flags = (unsigned)args[2]};

	if (how.flags & O_CREAT)
		how.mode = (unsigned)args[3];
	return vs_sys(SYS_openat2, args[0], args[1], &how, sizeof(how));
}

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	enum { SECCOMP = 1 /* SYS_SECCOMP */ };
	sigset_t mask;
	long args[6];

	if (sig != SIGSYS || info->si_code != SECCOMP)
		_exit(62);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	if (!sigismember(&mask, SIGSYS) || !sigismember(&mask, SIGUSR1))
		_exit(63);
	traps++;
	vs_ctx_args(context, args);
	vs_ctx_result(context,
		      info->si_syscall == SYS_openat ? opens(args) : EMULATED);
}

/* Those two trap, all else is as ever. */
static const struct sock_filter code[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static const struct sock_fprog filter = {.len = LENGTH(code),
					 .filter = (struct sock_filter *)code};

static void by_prctl(void)
{
	ck_assert(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

/* As if it had been there before the program started. */
static void by_raw_call(void)
{
	ck_assert(!vs_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
}

static bool is_emulated(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return getppid() == EMULATED && syscall(SYS_getppid) == EMULATED &&
	       fd >= 0 && !close(fd);
}

static void *traps_all_the_time(void *unused)
{
	while (!stop)
		ck_assert(is_emulated());
	return unused;
}

static void (*const ways[])(void) = {by_prctl, by_raw_call};

START_TEST(sandbox)
{
	struct sigaction act = {.sa_sigaction = on_sigsys,
				.sa_flags = SA_SIGINFO};
	pthread_t thread[THREADS];
	long before;

	sigaddset(&act.sa_mask, SIGUSR1);
	sigaction(SIGSYS, &act, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	ways[_i]();
	ck_assert(is_emulated());
	start(thread, traps_all_the_time, THREADS);
	forks(is_emulated);
	before = traps;
	while (traps < before + 100)
		usleep(1000);
	finish(thread, THREADS);
	sigaction(SIGSYS, NULL, &act);
	ck_assert(act.sa_sigaction == on_sigsys);
	ck_assert(is_emulated());
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("handlers");

	tcase_add_loop_test(tcase, sandbox, 0, LENGTH(ways));
	return run_suite("fork: a sandbox", tcase);
}

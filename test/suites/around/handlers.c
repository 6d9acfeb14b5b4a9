/* SPDX-License-Identifier: MIT
 *
 * Programs that live on faults and traps: a virtual machine checks for null
 * and stops its threads by SIGSEGV, a sandbox makes system calls in its
 * handler of SIGSYS. Their threads go on with that while others fork, and so
 * do their children.
 */
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "util.h"

/* Linux 5.6 */
#ifndef SYS_openat2
#	define SYS_openat2 437
#endif

enum { ROUNDS = 40, THREADS = 3, STACK = 1 << 16, EMULATED = 12345 };

static _Atomic bool stop;
static _Atomic long checks, barriers, traps;
static char *barrier; /* a page that is closed to stop who reads it */

static __thread sigjmp_buf null_pointer;
static __thread volatile bool checking;

/* An object without a first field: where a null pointer's would be. */
enum { OFFSET = 0x48 };

static void on_segv(int sig, siginfo_t *info, void *context)
{
	char here, *at = info->si_addr;
	stack_t stack;

	(void)context;
	if (sigaltstack(NULL, &stack) || &here < (char *)stack.ss_sp ||
	    &here >= (char *)stack.ss_sp + STACK)
		_exit(60);
	if (checking && (uintptr_t)at == OFFSET)
		siglongjmp(null_pointer, 1);
	if (at < barrier || at >= barrier + PAGE)
		_exit(61);
	/* It goes on where it was. */
	mprotect(barrier, PAGE, PROT_READ | PROT_WRITE);
	barriers++;
	(void)sig;
}

static void on_own_stack(void)
{
	stack_t stack = {.ss_sp = malloc(STACK), .ss_size = STACK};

	sigaltstack(&stack, NULL);
}

/* True if `object` is null. */
static bool is_null(const char *object)
{
	if (sigsetjmp(null_pointer, 1))
		return true;
	checking = true;
	(void)*(const volatile int *)(object + OFFSET);
	checking = false;
	return false;
}

static void *faults(void *unused)
{
	static char object[2 * OFFSET];

	on_own_stack();
	while (!stop) {
		ck_assert(is_null(NULL));
		ck_assert(!is_null(object));
		checks++;
		(void)*(volatile char *)barrier;
	}
	return unused;
}

static void *closes(void *unused)
{
	while (!stop) {
		mprotect(barrier, PAGE, PROT_NONE);
		usleep(100);
	}
	return unused;
}

static void prepare_faults(void)
{
	struct sigaction act = {.sa_sigaction = on_segv,
				.sa_flags =
					SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	barrier = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &act, NULL);
	on_own_stack();
}

/* Forks of all kinds; `child` does what the threads do, too. */
static void forks(bool (*child)(void))
{
	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 4 == 0 && !child())
				_exit(50);
			if (n % 2 == 0)
				exec_exit_static(4);
			_exit(n % 2 ? 4 : 99);
		}
		exits_with(pid, 4);
	}
}

static bool checks_null(void)
{
	return is_null(NULL) && is_null(NULL);
}

static void start(pthread_t *thread, void *(*body)(void *), int n)
{
	for (int i = 0; i < n; i++)
		ck_assert(!pthread_create(&thread[i], NULL, body, NULL));
}

static void finish(pthread_t *thread, int n)
{
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert(heap_intact());
}

START_TEST(null_checks)
{
	pthread_t thread[THREADS + 1];
	struct sigaction act;
	long before;

	prepare_faults();
	start(thread, faults, THREADS);
	start(thread + THREADS, closes, 1);
	forks(checks_null);
	before = checks;
	while (checks < before + 100 || barriers < 10)
		usleep(1000);
	finish(thread, THREADS + 1);
	sigaction(SIGSEGV, NULL, &act);
	ck_assert(act.sa_sigaction == on_segv);
	ck_assert(is_null(NULL));
}
END_TEST

/* ---- a sandbox ---- */

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

	tcase_add_test(tcase, null_checks);
	tcase_add_loop_test(tcase, sandbox, 0, LENGTH(ways));
	return run_suite("fork: handlers", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * What a child sets up between fork() and exec is there after the exec:
 * exactly what the kernel's own fork leads to, and nothing more.
 */
#include <grp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "state.h"

static void nothing(void)
{
}

static void redirect(void)
{
	int fds[2];

	(void)!pipe(fds);
	dup2(fds[0], 0);
	dup2(fds[1], 20);
	close(fds[0]);
	close(fds[1]);
	close(2);
}

static void redirect_to_files(void)
{
	int in = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	dup2(in, 0);
	dup3(in, 30, O_CLOEXEC);
	fcntl(open("/etc/passwd", O_RDWR), F_SETFD, FD_CLOEXEC);
	open(in_folder("state.out"), O_WRONLY | O_APPEND | O_CREAT, 0600);
	openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
	open("/no/such/file", O_RDONLY);
	fcntl(0, F_DUPFD, 40);
	fcntl(0, F_DUPFD_CLOEXEC, 50);
}

static void new_session(void)
{
	setsid();
}

static void new_group(void)
{
	setpgid(0, 0);
}

static void new_folder(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)!chdir("/usr");
	(void)!fchdir(fd);
	(void)!chdir("etc");
	umask(0135);
}

static void block_signals(void)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void block_two(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigaddset(&set, SIGSYS);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGSYS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void ignore_signals(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, sig % 3 ? SIG_DFL : SIG_IGN);
	signal(SIGSEGV, SIG_IGN);
	signal(SIGSYS, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void handler(int sig UNUSED)
{
}

static void handle_signals(void)
{
	static char stack[16384];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&alternate, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
}

static void limits(void)
{
	struct rlimit files = {.rlim_cur = 100, .rlim_max = 200};
	struct rlimit core = {0};

	setrlimit(RLIMIT_NOFILE, &files);
	prlimit(0, RLIMIT_CORE, &core, NULL);
	core.rlim_cur = core.rlim_max = 4 << 20;
	prlimit(getpid(), RLIMIT_STACK, &core, NULL);
}

static void scheduling(void)
{
	struct sched_param param = {0};
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	sched_setscheduler(0, SCHED_BATCH, &param);
	(void)!nice(3);
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 2);
	vs_sys(SYS_ioprio_set, 1, 0, 2 << 13 | 5);
}

static void process_options(void)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_NAME, "child");
	prctl(PR_SET_TIMERSLACK, 77777);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	personality(ADDR_NO_RANDOMIZE);
}

static void timers(void)
{
	struct itimerval timer = {{50, 0}, {100, 0}};

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	setitimer(ITIMER_PROF, &timer, NULL);
	alarm(100);
}

static void sockets(void)
{
	int pair[2];

	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	(void)!write(pair[0], "x", 1);
	(void)!read(pair[1], &(char){0}, 1);
	dup2(pair[0], 60);
	close(pair[0]);
	close(pair[1]);
	/* Its number differs from one child to the next. */
	close(60);
	socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void other_user(void)
{
	gid_t groups[] = {7, 65534};

	(void)!setgroups(2, groups);
	(void)!setresgid(4321, 4321, 4321);
	(void)!setresuid(1234, 1234, 1234);
}

static void half_user(void)
{
	(void)!setegid(4321);
	(void)!seteuid(1234);
	(void)!chdir("/");
}

static void new_root(void)
{
	(void)!chroot("/");
	unshare(CLONE_FS | CLONE_FILES);
}

/* Effects that nobody outside may see twice: done by a true child. */
static void side_effects(void)
{
	(void)!write(open("/dev/null", O_WRONLY | O_CLOEXEC), "x", 1);
	(void)!mkdir(in_folder("made"), 0700);
	(void)!rmdir(in_folder("made"));
	usleep(1000);
	fcntl(0, F_SETFL, O_NONBLOCK);
	fcntl(0, F_SETFL, 0);
	raise(SIGCHLD);
	kill(getpid(), SIGURG);
}

static void (*const preparations[])(void) = {
	nothing,   redirect_to_files, new_session,
	new_group, new_folder,	      block_signals,
	block_two, ignore_signals,    handle_signals,
	limits,	   scheduling,	      process_options,
	timers,	   sockets,	      other_user,
	half_user, new_root,	      side_effects};

START_TEST(after_exec)
{
	same_state(preparations[_i]);
}
END_TEST

/* On top of each other, and from a parent whose own state is unusual. */
START_TEST(after_exec_odd_parent)
{
	int fd = open("/etc/passwd", O_RDONLY);

	dup2(fd, 700);
	ignore_signals();
	block_two();
	prctl(PR_SET_TIMERSLACK, 60000);
	umask(0);
	same_state(preparations[_i]);
	handle_signals();
	same_state(preparations[_i]);
}
END_TEST

START_TEST(pipes)
{
	/* Names of pipes differ; that the ends are where they belong: */
	char *state = state_after(fork, redirect);

	ck_assert_ptr_nonnull(strstr(state, "fd 0 0 pipe:["));
	ck_assert_ptr_nonnull(strstr(state, "fd 20 0 pipe:["));
	ck_assert_ptr_null(strstr(state, "fd 2 0"));
	ck_assert_ptr_null(strstr(state, "/mem"));
	free(state);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("state");

	tcase_add_loop_test(tcase, after_exec, 0, LENGTH(preparations));
	tcase_add_loop_test(tcase, after_exec_odd_parent, 0,
			    LENGTH(preparations));
	tcase_add_test(tcase, pipes);
	return run_suite("fork: state", tcase);
}

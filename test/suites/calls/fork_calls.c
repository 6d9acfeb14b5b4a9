/* SPDX-License-Identifier: MIT
 *
 * System calls of the child that are given memory it has not touched yet, or
 * change the mapping of that memory.
 */
#include <dirent.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

#include "util.h"

/* Memory of the heap that no call has used before, across a border. */
static void *fresh(size_t size, const void *content)
{
	static int next = 1;
	char *at = (char *)heap + (size_t)next++ * 5 * CHUNK - 8;

	if (at + size > (char *)heap + HEAP)
		abort();
	if (content)
		memcpy(at, content, size);
	return at;
}

/* The same, from before the fork. */
static char *path, *link_path, *byte;
static struct iovec *vector;
static sigset_t *set;
static gid_t *groups;
static struct rlimit *limit;
static struct pollfd *poll_fd;
static struct itimerval *timer;
static cpu_set_t *cpus;

static void prepare(void)
{
	struct iovec v = {(char *)heap + 62 * CHUNK - 4, 8};
	struct rlimit l = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
	struct pollfd p = {.fd = 0, .events = 0};
	struct itimerval t = {.it_value.tv_sec = 100};
	sigset_t signals;
	cpu_set_t c;

	path = fresh(sizeof("/proc/self/exe"), "/proc/self/exe");
	link_path = fresh(sizeof("/usr/bin"), "/usr/bin");
	byte = fresh(8, "bytebyte");
	vector = fresh(sizeof(v), &v);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	set = fresh(sizeof(signals), &signals);
	groups = fresh(2 * sizeof(gid_t), (gid_t[]){7, 8});
	getrlimit(RLIMIT_CORE, &l);
	l.rlim_cur = 0;
	limit = fresh(sizeof(l), &l);
	poll_fd = fresh(sizeof(p), &p);
	timer = fresh(sizeof(t), &t);
	sched_getaffinity(0, sizeof(c), &c);
	cpus = fresh(sizeof(c), &c);
}

#define GOOD(condition)                                                 \
	do {                                                            \
		if (!(condition)) {                                     \
			fprintf(stderr, "line %d: %s (%m)\n", __LINE__, \
				#condition);                            \
			_exit(50);                                      \
		}                                                       \
	} while (0)

static void looks(void)
{
	struct stat *status = fresh(sizeof(*status), NULL);
	struct statfs *fs = fresh(sizeof(*fs), NULL);
	struct statx *extended = fresh(sizeof(*extended), NULL);
	char *text = fresh(PATH_MAX, NULL);

	GOOD(!stat(path, status) && S_ISREG(status->st_mode));
	GOOD(!lstat(path, status) && S_ISLNK(status->st_mode));
	GOOD(!statx(AT_FDCWD, path, 0, STATX_ALL, extended));
	GOOD(S_ISREG(extended->stx_mode));
	GOOD(!statfs(link_path, fs) && fs->f_bsize);
	GOOD(!access(link_path, R_OK));
	GOOD(readlink(path, text, PATH_MAX) > 0 && *text == '/');
	GOOD(!chdir(link_path) && getcwd(text, PATH_MAX));
	GOOD(strstr(text, "/bin"));
	exec_exit(4);
}

static void asks(void)
{
	struct utsname *name = fresh(sizeof(*name), NULL);
	struct sysinfo *info = fresh(sizeof(*info), NULL);
	struct rusage *usage = fresh(sizeof(*usage), NULL);
	struct timespec *now = fresh(sizeof(*now), NULL);
	uid_t *ids = fresh(3 * sizeof(*ids), NULL);
	int *number = fresh(sizeof(*number), NULL);
	char *text = fresh(16, NULL);

	GOOD(!uname(name) && !strcmp(name->sysname, "Linux"));
	GOOD(!sysinfo(info) && info->totalram);
	GOOD(!getrusage(RUSAGE_SELF, usage));
	GOOD(!vs_sys(SYS_clock_gettime, CLOCK_MONOTONIC, now) && now->tv_sec);
	GOOD(!getresuid(ids, ids + 1, ids + 2) && ids[0] == getuid());
	*number = -1;
	GOOD(!prctl(PR_GET_PDEATHSIG, number) && !*number);
	GOOD(!prctl(PR_GET_NAME, text) && strlen(text) < 16);
	number = fresh(sizeof(*number), NULL);
	GOOD(!prctl(PR_GET_PDEATHSIG, number) && !*number);
	GOOD(waitpid(-1, fresh(4, NULL), WNOHANG) == -1 && errno == ECHILD);
	GOOD(getrandom(fresh(100, NULL), 100, 0) == 100);
	exec_exit(4);
}

static void sets(void)
{
	sigset_t *old = fresh(sizeof(*old), NULL);
	struct sigaction *action = fresh(sizeof(*action), NULL);
	stack_t *stack = fresh(sizeof(*stack), NULL);
	struct rlimit *was = fresh(sizeof(*was), NULL);

	GOOD(!sigprocmask(SIG_BLOCK, set, old) && !sigismember(old, SIGUSR1));
	GOOD(!sigaction(SIGUSR2, NULL, action));
	action->sa_handler = SIG_IGN;
	GOOD(!sigaction(SIGUSR2, action, NULL));
	GOOD(!sigaltstack(NULL, stack) && stack->ss_flags == SS_DISABLE);
	GOOD(!getrlimit(RLIMIT_CORE, was) && !setrlimit(RLIMIT_CORE, limit));
	GOOD(!prlimit(0, RLIMIT_CORE, limit, NULL));
	GOOD(!setitimer(ITIMER_VIRTUAL, timer, NULL));
	GOOD(!sched_setaffinity(0, sizeof(*cpus), cpus));
	if (!getuid())
		GOOD(!setgroups(2, groups));
	GOOD(getgroups(0, NULL) >= 0);
	exec_exit(4);
}

static void transfers(void)
{
	int *fds = fresh(2 * sizeof(*fds), NULL);
	char *in = fresh(100, NULL);
	struct iovec into = {fresh(8, NULL), 8};

	GOOD(!pipe(fds) && fds[1] > 2);
	GOOD(write(fds[1], byte, 8) == 8 && read(fds[0], in, 100) == 8);
	GOOD(!memcmp(in, "bytebyte", 8));
	GOOD(writev(fds[1], vector, 1) == 8 && readv(fds[0], &into, 1) == 8);
	GOOD(!memcmp(into.iov_base, (char *)heap + 62 * CHUNK - 4, 8));
	GOOD(poll(poll_fd, 1, 0) >= 0);
	GOOD(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fresh(8, NULL)));
	exec_exit(4);
}

static void reads_files(void)
{
	char *text = fresh(9 * CHUNK, NULL);
	int fd = open(link_path, O_RDONLY | O_DIRECTORY);

	GOOD(vs_sys(SYS_getdents64, fd, text, 4 * CHUNK) > 0);
	close(fd);
	text = fresh(9 * CHUNK, NULL);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	GOOD(read(fd, text, 8 * PAGE) == 8 * PAGE && text[1] == 'E');
	text = fresh(9 * CHUNK, NULL);
	GOOD(pread(fd, text, 8 * PAGE, 0) == 8 * PAGE && text[2] == 'L');
	exec_exit(4);
}

/* Mapping calls on the memory itself. */
static void maps(void)
{
	char *at = (char *)heap, *more;
	uint64_t *word = heap + PAGE / 8;

	GOOD(!madvise(at + HEAP / 2, PAGE, MADV_DONTNEED));
	GOOD(!at[HEAP / 2] && at[HEAP / 2 + PAGE]);
	GOOD(!mprotect(at, 2 * PAGE, PROT_READ));
	GOOD(*word == heap_word(PAGE / 8));
	GOOD(!munmap(at + HEAP / 4, HEAP / 4));
	GOOD(heap[HEAP / 8 - 1] == heap_word(HEAP / 8 - 1));
	more = mmap(at + PAGE, PAGE, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	GOOD(more == at + PAGE && !*more);
	more = mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	GOOD(more != MAP_FAILED);
	memset(more, 'x', HEAP / 16);
	exec_exit(4);
}

static void moves(void)
{
	char *more = mremap((char *)heap, HEAP, 2 * HEAP, MREMAP_MAYMOVE);

	GOOD(more != MAP_FAILED && !more[HEAP]);
	heap = (uint64_t *)(void *)more;
	GOOD(heap[HEAP / 8 - 1] == heap_word(HEAP / 8 - 1));
	exec_exit(4);
}

/* What the kernel says about memory that is not there at all. */
static void fails(void)
{
	char *nowhere =
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	GOOD(stat(nowhere, fresh(512, NULL)) == -1 && errno == EFAULT);
	GOOD(getcwd((char *)16, 100) == NULL && errno == EFAULT);
	GOOD(vs_sys(SYS_pipe2, nowhere, 0) == -EFAULT);
	GOOD(open(nowhere, O_RDONLY) == -1 && errno == EFAULT);
	GOOD(chdir((char *)heap) == -1 && errno != EFAULT);
	exec_exit(4);
}

static void (*const callers[])(void) = {looks,	     asks, sets,  transfers,
					reads_files, maps, moves, fails};

START_TEST(calls)
{
	prepare();
	for (int n = 0; n < 3; n++)
		both_exit(callers[_i], 4);
	ck_assert(heap[HEAP / 16] == heap_word(HEAP / 16));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("calls");

	tcase_add_loop_test(tcase, calls, 0, LENGTH(callers));
	return run_suite("fork: calls", tcase);
}

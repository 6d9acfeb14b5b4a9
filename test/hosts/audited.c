/* SPDX-License-Identifier: MIT
 *
 * audited WHAT [threads]: forks from one place; the child does WHAT and execs
 * `true`. Then the parent looks whether what WHAT writes to is as it was, and
 * exits with 3 if not: where the child has memory of its own that cannot be.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int exported_counter = 1;
static volatile int hidden_counter = 1;
static __thread volatile int own = 1;
static char *object;
static int ends[2];

static int *of_caller; /* a variable in the frame that forks */

static void clean(void)
{
	int fd = open("/dev/null", O_RDONLY);

	dup2(fd, 0);
	close(fd);
	close(ends[0]);
}

static void state(void)
{
	struct rlimit core = {0, 0};

	if (chdir("/"))
		_exit(98);
	umask(077);
	setsid();
	setrlimit(RLIMIT_CORE, &core);
	signal(SIGUSR1, SIG_IGN);
}

static void stack(void)
{
	volatile char buffer[512];

	for (unsigned i = 0; i < sizeof(buffer); i++)
		buffer[i] = (char)i;
}

static void fails(void)
{
	close(-1);
}

static void caller(void)
{
	*of_caller = 2;
}

static void data(void)
{
	exported_counter++;
}

static void hidden(void)
{
	hidden_counter++;
}

static void tls(void)
{
	own++;
}

static void allocates(void)
{
	char *volatile p = malloc(100);

	free(p);
}

static void heap(void)
{
	object[10]++;
}

static void environment(void)
{
	setenv("AUDITED_NEW", "value", 1);
}

static void prints(void)
{
	printf("not flushed");
}

static void library(void)
{
	optind = 5;
}

static void maps(void)
{
	volatile char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		p[0] = 1;
}

static void ids(void)
{
	if (setuid(getuid()))
		_exit(97);
}

static void writes(void)
{
	if (write(ends[1], "x", 1) != 1)
		_exit(96);
}

static void ends_here(void)
{
	_exit(0);
}

static const struct {
	const char *name;
	void (*does)(void);
} things[] = {
	{"clean", clean},
	{"state", state},
	{"stack", stack},
	{"fails", fails},
	{"caller", caller},
	{"data", data},
	{"hidden", hidden},
	{"tls", tls},
	{"allocates", allocates},
	{"heap", heap},
	{"environment", environment},
	{"prints", prints},
	{"library", library},
	{"maps", maps},
	{"ids", ids},
	{"writes", writes},
	{"ends", ends_here},
};

static bool is_as_before(int local)
{
	return exported_counter == 1 && hidden_counter == 1 && own == 1 &&
	       object[10] == 0 && !getenv("AUDITED_NEW") && optind == 1 &&
	       local == 1;
}

__attribute__((noinline)) int make_child(void (*does)(void))
{
	volatile int local = 1;
	int status = 0;
	pid_t pid;

	of_caller = (int *)&local;
	errno = 0;
	pid = fork();
	if (pid == 0) {
		does();
		execlp("true", "true", (char *)NULL);
		_exit(99);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return 1;
	return is_as_before(local) ? 0 : 3;
}

/* What it writes while it starts would be taken for the child's. */
static _Atomic int tid;

static void *waits(void *unused)
{
	tid = (int)syscall(SYS_gettid);
	pause();
	return unused;
}

static void start_thread(void)
{
	char path[64], state = '?';
	pthread_t thread;

	pthread_create(&thread, NULL, waits, NULL);
	while (state != 'S') {
		FILE *in;

		usleep(1000);
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
		in = fopen(path, "re");
		if (in && fscanf(in, "%*d (%*[^)]) %c", &state) != 1)
			state = '?';
		if (in)
			fclose(in);
	}
}

int main(int argc, char **argv)
{
	object = calloc(1, 100);
	if (argc < 2 || pipe(ends) || !object)
		return 2;
	printf(" ");
	if (argc > 2)
		start_thread();
	for (unsigned i = 0; i < sizeof(things) / sizeof(*things); i++) {
		if (!strcmp(things[i].name, argv[1]))
			return make_child(things[i].does);
	}
	return 2;
}

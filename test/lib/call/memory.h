/* SPDX-License-Identifier: MIT
 *
 * The places and descriptors of places.h, filled and opened before the fork.
 */
#ifndef TEST_CALL_MEMORY_H
#define TEST_CALL_MEMORY_H

#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "places.h"

static unsigned char *small_pages;

static void place(enum place n, const void *content, size_t size)
{
	memcpy(AT(n), content, size);
}

static void place_text(enum place n, const char *text)
{
	place(n, text, strlen(text) + 1);
}

#define PLACE(name, type, ...) \
	place(TO_##name, &(type){__VA_ARGS__}, sizeof(type))

/* As the kernel has it. */
struct action {
	void *handler;
	unsigned long flags;
#if VS_SIGACTION_RESTORER
	void *restorer;
#endif
	uint64_t mask;
};

/* A name that is longer than any struct. */
static void long_name(char text[PATH_MAX], const char *base, const char *name)
{
	enum { DOTS = 350 };
	char *at = stpcpy(text, base);

	for (int i = 0; i < DOTS; i++)
		at = stpcpy(at, "/.");
	sprintf(at, "/%s", name);
}

static void place_name(enum place n, const char *base, const char *name)
{
	char text[PATH_MAX];

	long_name(text, base, name);
	place_text(n, text);
}

static void place_names(const char *program)
{
	char text[2 * PATH_MAX];

	place_name(TO_FILE, folder, "file");
	place_name(TO_MISSING, "", "no/such/file");
	place_name(TO_LINK, folder, "link");
	place_name(TO_DIR, folder, "");
	place_text(TO_ROOT, "/");
	place_name(TO_PROC, "/proc", "");
	place_name(TO_NAME, ".", "file");
	place_text(TO_NEW_NAME, "new");
	place_text(TO_NEW, in_folder("new"));
	place_name(TO_SHORT, folder, "short");
	place_text(TO_EMPTY, "");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	place_text(TO_LONG, text);
	place_name(TO_FIFO, folder, "fifo");
	place_name(TO_MAPS, "/proc", "self/maps");
	place_text(TO_LIMITS, "/proc/self/limits");
	place_text(TO_SYSTEM, "/proc/filesystems");
	place_text(TO_BY_WAY, "/proc/sys/../self/maps");
	place_name(TO_NULL, "/dev", "null");
	place_text(TO_PROGRAM, program);
}

static void place_structs(void)
{
	struct rlimit limit;
	cpu_set_t cpus;

	getrlimit(RLIMIT_CORE, &limit);
	place(TO_LIMIT, &limit, sizeof(limit));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	place(TO_CPUS, &cpus, sizeof(cpus));
	PLACE(TIMER, struct itimerval, .it_value.tv_sec = 100);
	PLACE(SET, uint64_t, 1 << (SIGUSR1 - 1));
	PLACE(ACTION, struct action, SIG_IGN, SA_RESTART, .mask = ~0UL);
	PLACE(STACK, stack_t, small_pages, SS_DISABLE, 8 * PAGE);
	((stack_t *)AT(TO_STACK))->ss_flags = 0;
	PLACE(GROUPS, gid_t, 7);
	place(TO_GROUPS, (gid_t[2]){7, 8}, 2 * sizeof(gid_t));
	PLACE(CAP, struct __user_cap_header_struct, _LINUX_CAPABILITY_VERSION_3,
	      0);
	place(TO_CAPS, (struct __user_cap_data_struct[2]){{0, 0, 0}}, 24);
	PLACE(PARAM, struct sched_param, .sched_priority = 0);
	PLACE(LOCK, struct flock, F_WRLCK, SEEK_SET, 0, 100, 0);
	place(TO_RULES, (uint64_t[1]){1}, sizeof(uint64_t));
	place(TO_RULE, (uint32_t[3]){1, 0, DIR_FD}, 3 * sizeof(uint32_t));
	place(TO_ATTR, (uint32_t[12]){48, SCHED_BATCH, 0, 0, 5},
	      12 * sizeof(uint32_t));
	place(TO_DEADLINE, (uint32_t[12]){48, 6}, 12 * sizeof(uint32_t));
	PLACE(EVENT, struct epoll_event, .events = EPOLLIN);
	PLACE(ALONE, struct epoll_event, .events = EPOLLIN | EPOLLEXCLUSIVE);
	place_text(TO_ATTRIBUTE, "user.none");
	place_text(TO_MARK, "a name");
	place(TO_ARGV, (char *[4]){"say", "56", "started", NULL},
	      4 * sizeof(char *));
	place(TO_ENVP, (char *[2]){"A=1", NULL}, 2 * sizeof(char *));
}

static void place_waits(void)
{
	fd_set set;

	place(TO_POLL,
	      (struct pollfd[7]){{PIPE_IN, POLLIN | POLLHUP, 0x77},
				 {PIPE_OUT, POLLIN | POLLOUT, 0},
				 {OURS, POLLIN, 0},
				 {CLOSED, 0, 0},
				 {-1, POLLIN, 0x77},
				 {FILE_FD, POLLIN, 0},
				 {OWN_IN, POLLIN, 0}},
	      7 * sizeof(struct pollfd));
	PLACE(NEVER, struct pollfd, OWN_OUT, POLLIN, 0);
	FD_ZERO(&set);
	FD_SET(PIPE_IN, &set);
	FD_SET(OWN_OUT, &set);
	place(TO_READ_SET, &set, sizeof(set));
	FD_SET(PIPE_OUT, &set);
	FD_SET(FILE_FD, &set);
	place(TO_WRITE_SET, &set, sizeof(set));
	FD_SET(OURS, &set);
	place(TO_OUR_SET, &set, sizeof(set));
	place(TO_NOW, (long[2]){0, 0}, 2 * sizeof(long));
	place(TO_SOON, (long[2]){0, 1000}, 2 * sizeof(long));
	place(TO_LATER, (long[2]){0, 20000000}, 2 * sizeof(long));
	place(TO_LATER_US, (long[2]){0, 30000}, 2 * sizeof(long));
	place(TO_BAD, (long[2]){1, -1}, 2 * sizeof(long));
	place(TO_MASK, (long[2]){M(SET), 8}, 2 * sizeof(long));
	PLACE(SIZE, int, 8);
	PLACE(ONE, int, 1);
}

static void place_messages(void)
{
	PLACE(MESSAGE, struct msghdr, .msg_iov = (void *)AT(TO_VECTOR),
	      .msg_iovlen = 2);
	PLACE(RIGHTS, struct msghdr, .msg_iov = (void *)AT(TO_VECTOR),
	      .msg_iovlen = 1, .msg_control = AT(TO_OUT),
	      .msg_controllen = 100);
	place(TO_VECTOR,
	      (struct iovec[2]){{AT(TO_PART), 5}, {AT(TO_PART2), 30}},
	      2 * sizeof(struct iovec));
}

/* So deep that its name is longer than any struct. */
static void go_down(void)
{
	char name[201];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 4; i++) {
		mkdir(i ? name : in_folder("deep"), 0755);
		if (chdir(i ? name : in_folder("deep")))
			abort();
	}
}

static void at_number(int fd, int number)
{
	if (dup2(fd, number) != number)
		abort();
	close(fd);
}

static void make_files(void)
{
	int fds[2], fd = open(in_folder("file"), O_RDWR | O_CREAT, 0644);
	char text[LARGEST];

	for (int i = 0; i < LARGEST; i++)
		text[i] = (char)i;
	write(fd, text, sizeof(text));
	at_number(fd, FILE_FD);
	long_name(text, ".", "file");
	symlink(text, in_folder("link"));
	mkfifo(in_folder("fifo"), 0600);
	at_number(open(folder, O_RDONLY | O_DIRECTORY), DIR_FD);
	at_number(open("/proc", O_RDONLY | O_DIRECTORY), PROC_FD);
	if (pipe(fds))
		abort();
	at_number(fds[0], PIPE_IN);
	at_number(fds[1], PIPE_OUT);
	write(PIPE_OUT, "piped", 5);
	at_number(socket(AF_UNIX, SOCK_STREAM, 0), SOCK_FD);
}

/* What a call may have changed of the files, and of what is open. */
static UNUSED void make_files_anew(void)
{
	int fd = open(in_folder("short"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	write(fd, "content", 7);
	close(fd);
	unlink(in_folder("new"));
	fcntl(FILE_FD, F_SETFL, 0);
	lseek(FILE_FD, 0, SEEK_SET);
	lseek(DIR_FD, 0, SEEK_SET);
}

/* For `program`, which writes its second argument to the descriptor in its
 * first. */
static UNUSED void make_call_memory(const char *program)
{
	unsigned char *at = mmap(NULL, 18 * PAGE, PROT_NONE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	small_pages = at + PAGE;
	mprotect(small_pages, 16 * PAGE, PROT_READ | PROT_WRITE);
	memset(big, PATTERN, sizeof(big));
	make_files();
	place_names(program);
	place_structs();
	place_waits();
	place_messages();
	at_number(open(program, O_PATH), PROGRAM_FD);
	make_files_anew();
	go_down();
}

#endif

/* SPDX-License-Identifier: MIT
 * What /proc says of a process and a thread, but for what changes by itself:
 * times, memory, states, switches, and the size of the descriptor table. */
#include <dirent.h>

#include "scenes/readers.h"

/* Folders end in a slash, links begin with an @. */
const char *const views[VIEWS] = {
	"/proc/self/status",	    "/proc/thread-self/status",
	"/proc/self/fd/",	    "/proc/self/fd/",
	"/proc/thread-self/fd/",    "/proc/self/fdinfo/",
	"/proc/self/task/",	    "/proc/self/fdinfo/0",
	"/proc/self/comm",	    "/proc/thread-self/comm",
	"/proc/self/cmdline",	    "/proc/self/limits",
	"/proc/self/cgroup",	    "/proc/self/personality",
	"/proc/self/oom_score_adj", "/proc/self/attr/",
	"@/proc/self/exe",	    "@/proc/self/cwd",
	"@/proc/thread-self/root",  "@/proc/self/ns/pid_for_children",
	"@/proc/thread-self/ns/mnt"};

static const char *const fields[] = {"Name",
				     "Umask",
				     "Tgid",
				     "Ngid",
				     "Pid",
				     "PPid",
				     "TracerPid",
				     "Uid",
				     "Gid",
				     "Groups",
				     "NStgid",
				     "NSpid",
				     "NSpgid",
				     "NSsid",
				     "Kthread",
				     "Threads",
				     "SigPnd",
				     "ShdPnd",
				     "SigBlk",
				     "SigIgn",
				     "SigCgt",
				     "CapInh",
				     "CapPrm",
				     "CapEff",
				     "CapBnd",
				     "CapAmb",
				     "NoNewPrivs",
				     "Seccomp",
				     "Seccomp_filters",
				     "Cpus_allowed",
				     "Mems_allowed",
				     "THP_enabled",
				     "CoreDumping"};

static bool is_field(const char *line, bool other, bool leader)
{
	const char *colon = strchr(line, ':');

	/* Of another thread, which forks: libc may block them meanwhile, and
	 * what has come then is pending, even if it is ignored. */
	if (leader &&
	    (!strncmp(line, "SigBlk:", 7) || !strncmp(line, "SigPnd:", 7)))
		return false;
	if (other && !strncmp(line, "ShdPnd:", 7))
		return false;
	for (int i = 0; colon && i < LENGTH(fields); i++) {
		size_t n = strlen(fields[i]);

		if ((size_t)(colon - line) == n && !strncmp(line, fields[i], n))
			return true;
	}
	return false;
}

/* Numbers of processes, here and in lists, by what they are. */
static size_t add_word(char *to, const char *word, size_t n)
{
	long number = strtol(word, NULL, 10);

	if (number > 9 && number == vs_sys(SYS_gettid))
		return (size_t)sprintf(to, "thread");
	if (number > 9 && number == vs_sys(SYS_getpid))
		return (size_t)sprintf(to, "self");
	if (number > 9 && number == vs_sys(SYS_getppid))
		return (size_t)sprintf(to, "parent");
	if (number > 9 && number == shared->parent)
		return (size_t)sprintf(to, "program");
	memcpy(to, word, n);
	to[n] = '\0';
	return n;
}

/* The library handles it as long as a thread forks. */
static void hide_sigsys(char *line)
{
	char *digits = line + strlen("SigCgt:\t");
	unsigned long set = strtoul(digits, NULL, 16);

	sprintf(digits, "%016lx", set & ~(1UL << (SIGSYS - 1)));
}

/* `other`: by a thread that is not the first one; `leader`: of that one. */
static size_t add_status(char *to, char *text, bool other, bool leader)
{
	size_t used = 0;
	char *line, *word, *lines, *words;

	for (line = strtok_r(text, "\n", &lines); line;
	     line = strtok_r(NULL, "\n", &lines)) {
		if (!is_field(line, other, leader))
			continue;
		if (other && !strncmp(line, "SigCgt:", 7))
			hide_sigsys(line);
		for (word = strtok_r(line, "\t ", &words); word;
		     word = strtok_r(NULL, "\t ", &words)) {
			used += add_word(to + used, word, strlen(word));
			to[used++] = ' ';
		}
	}
	return used;
}

static int by_number(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static size_t add_list(char *to, int fd)
{
	char room[2048] __attribute__((aligned(8)));
	long numbers[200], n;
	size_t used = 0;
	int count = 0;

	while ((n = vs_sys(SYS_getdents64, fd, room, sizeof(room))) > 0) {
		for (long at = 0; at < n && count < LENGTH(numbers);
		     at += *(unsigned short *)(void *)(room + at + 16)) {
			if (room[at + 19] != '.')
				numbers[count++] =
					strtol(room + at + 19, NULL, 10);
		}
	}
	qsort(numbers, (size_t)count, sizeof(*numbers), by_number);
	for (int i = 0; i < count; i++) {
		char word[24];

		sprintf(word, "%ld", numbers[i]);
		/* Its own, which is the lowest one. */
		used += add_word(to + used, numbers[i] == fd ? "this" : word,
				 numbers[i] == fd ? 4 : strlen(word));
		to[used++] = ' ';
	}
	return used;
}

static size_t view_link(const char *path, char *room)
{
	ssize_t n = readlink(path, room, VIEW_SIZE - 1);

	return n < 0 ? (size_t)sprintf(room, "error %d", errno) : (size_t)n;
}

size_t view(int i, char *room)
{
	const char *path = views[i];
	bool folder = path[strlen(path) - 1] == '/';
	bool other = vs_sys(SYS_gettid) != vs_sys(SYS_getpid);
	char text[VIEW_SIZE];
	size_t used = 0;
	ssize_t n;
	int fd;

	if (*path == '@')
		return view_link(path + 1, room);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (size_t)sprintf(room, "error %d", errno);
	if (folder) {
		used = add_list(room, fd);
	} else {
		n = read(fd, text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		if (strstr(path, "status"))
			used = add_status(room, text, other,
					  other && strstr(path, "/self"));
		else
			used = strlen(strcpy(room, text));
	}
	close(fd);
	return used;
}

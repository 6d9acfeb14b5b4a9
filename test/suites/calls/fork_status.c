/* SPDX-License-Identifier: MIT
 *
 * What a child reads of itself in /proc: the signals that it has set, the sizes
 * of a copy of its parent's memory, as in a child by the system call.
 */
#include "call/outcome.h"

enum { ROOM = 8192 };

/* All of it, by reads of `part` bytes. */
static void read_parts(const char *path, size_t part, char text[ROOM])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, part)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(fd);
}

/* What differs natively, too: ids and counts; and FDSize. */
static bool is_alike(const char *line)
{
	static const char *const others[] = {
		"Pid:",	  "Tgid:",   "NStgid:", "NSpid:",  "NSpgid:",
		"NSsid:", "FDSize:", "SigQ:",	"State:",  "voluntary_ctxt",
		"Vm",	  "Rss",     "Cpus",	"nonvolun"};

	for (int i = 0; i < LENGTH(others); i++) {
		if (!strncmp(line, others[i], strlen(others[i])))
			return false;
	}
	return true;
}

/* Its parent's, before. */
static char parent[ROOM];

/* Whether it is its parent's: a native child's is only nearly. */
static char *say_size(char *text, const char *status, const char *name,
		      const char *parents)
{
	char *own, *other;
	long difference;

	own = strstr(status, name);
	other = strstr(parent, parents);
	if (!own || !other)
		return text + sprintf(text, "no %s ", name);
	difference = atol(own + strlen(name)) - atol(other + strlen(parents));
	return text + sprintf(text, "%d ", labs(difference) > 4096);
}

static void say_status(char *text, char *status)
{
	unsigned long sum = 0;
	int lines = 0;
	char *line, *next = status;

	text = say_size(text, status, "VmPeak:", "VmSize:");
	text = say_size(text, status, "VmSize:", "VmSize:");
	text = say_size(text, status, "VmHWM:", "RssAnon:");
	text = say_size(text, status, "VmRSS:", "RssAnon:");
	text = say_size(text, status, "RssAnon:", "RssAnon:");
	text = say_size(text, status, "VmData:", "VmData:");
	text = say_size(text, status, "VmPTE:", "VmPTE:");
	while ((line = strsep(&next, "\n"))) {
		lines++;
		for (; is_alike(line) && *line; line++)
			sum = sum * 31 + (unsigned char)*line;
	}
	sprintf(text, "%d lines %lx", lines, sum);
}

/* ---- these commit ---- */

static void whole(char *text)
{
	char status[ROOM];

	read_parts("/proc/self/status", ROOM - 1, status);
	say_status(text, status);
}

static void in_parts(char *text)
{
	char status[ROOM];

	read_parts("/proc/thread-self/status", 100, status);
	say_status(text, status);
}

static void by_number(char *text)
{
	char status[ROOM], name[64];

	snprintf(name, sizeof(name), "/proc/%d/status", getpid());
	read_parts(name, 1024, status);
	say_status(text, status);
}

static void handle(int sig UNUSED)
{
}

static void with_signals(char *text)
{
	char status[ROOM];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGILL, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGBUS, handle);
	signal(SIGSYS, handle);
	signal(SIGHUP, handle);
	signal(SIGFPE, SIG_DFL);
	read_parts("/proc/self/status", 100, status);
	say_status(text, status);
}

/* Its own, and of no effect if it is what it was. */
static void spares_itself(char *text)
{
	char name[64], value[16] = "";
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/oom_score_adj", getpid());
	fd = open(name, O_RDWR);
	text += sprintf(text, "%d ", (int)read(fd, value, 15));
	text += sprintf(text, "%d ", (int)write(fd, value, strlen(value)));
	close(fd);
	snprintf(name, sizeof(name), "/proc/%d/limits", getpid());
	sprintf(text, "%d", open(name, O_RDONLY));
}

/* ---- these do not ---- */

/* What there is of it after 100 bytes. */
static void skips(char *text)
{
	char status[ROOM] = "";
	int fd = open("/proc/self/status", O_RDONLY);

	lseek(fd, 100, SEEK_SET);
	sprintf(text, "%d", (int)read(fd, status, 1));
}

static void of_parent(char *text)
{
	char name[64], status[ROOM];

	snprintf(name, sizeof(name), "/proc/%d/status", getppid());
	read_parts(name, 1024, status);
	sprintf(text, "%d", strstr(status, "Threads:\t1\n") != NULL);
}

static void command_line(char *text)
{
	char words[ROOM] = "";

	read_parts("/proc/self/cmdline", 1024, words);
	sprintf(text, "%s", strrchr(words, '/'));
}

static void numbers(char *text)
{
	char words[ROOM], *at;

	read_parts("/proc/self/stat", 1024, words);
	at = strrchr(words, ')') + 2;
	/* exit_signal is the 38th field. */
	for (int field = 3; field < 38; field++)
		at = strchr(at, ' ') + 1;
	sprintf(text, "%d", atoi(at));
}

static const struct trial trials[] = {
	{whole, false},	       {in_parts, false},      {by_number, false},
	{with_signals, false}, {spares_itself, false}, {skips, true},
	{of_parent, true},     {command_line, true},   {numbers, true},
};

static void scene(void)
{
	set_scene();
	read_parts("/proc/self/status", ROOM - 1, parent);
	for (int i = 0; i < LENGTH(trials); i++)
		same_outcome(&trials[i], i);
}

START_TEST(status)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("status");

	make_counts();
	tcase_add_test(tcase, status);
	return run_scenes("fork: status", tcase, argv);
}

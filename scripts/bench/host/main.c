/* SPDX-License-Identifier: MIT
 *
 * host MB [threads=N] [maps=N] [huge=never|madvise|always] [by=malloc|mmap]:
 * a program with that much memory in use, that starts children and says how
 * long it took. Reads lines "METHOD[:WHAT|@N] COUNT MS" on stdin; runs ./nop by
 * METHOD (start.c) up to COUNT times or for MS milliseconds, at least once;
 * prints for each
 *	call reaped extra
 * in nanoseconds: until the call returned in the parent, and until the child
 * was reaped. The third is "-"; with :touch, :mmap, :store or :all, how long a
 * second thread was held up meanwhile that does that; with :cow, the page
 * faults of 1,000 writes to different pages when the call has returned. With
 * @N, N threads start children for MS milliseconds: one line, "rate CHILDREN
 * NS". Then
 *	used CHILDREN FAULTS CPU READ
 * page faults and microseconds of processor, of the program and its children,
 * and bytes read by system calls; then "end", or "failed: WHY". METHOD may be
 * "nothing": no child, for what all this takes by itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "host.h"

enum { COW_PAGES = 1000 };

struct used {
	long faults, us, bytes;
};

static void add_usage(struct used *used, int who)
{
	struct rusage r;

	getrusage(who, &r);
	used->faults += r.ru_minflt;
	used->us += (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000L +
		    r.ru_utime.tv_usec + r.ru_stime.tv_usec;
}

static struct used used_so_far(void)
{
	FILE *io = fopen("/proc/self/io", "r");
	struct used used = {0, 0, 0};

	if (!io || fscanf(io, "rchar: %ld", &used.bytes) != 1)
		used.bytes = 0;
	if (io)
		fclose(io);
	add_usage(&used, RUSAGE_SELF);
	add_usage(&used, RUSAGE_CHILDREN);
	return used;
}

/* ":WHAT" of a command. */
static enum stall stall_of(const char *what)
{
	static const char *const names[] = {"", "touch", "mmap", "store",
					    "all"};

	for (int i = 0; i < 5; i++) {
		if (!strcmp(what, names[i]))
			return (enum stall)i;
	}
	return STALL_NONE;
}

/* NULL, or why there is no sample. */
static const char *sample(const struct method *method, enum stall stall,
			  bool cow)
{
	long start, returned, reaped, extra = -1;
	int status = 0;
	pid_t pid;

	stall_sample();
	start = now_ns();
	pid = method->start();
	returned = now_ns();
	if (pid < 0)
		return strerror(errno);
	if (cow)
		extra = memory_faults(COW_PAGES);
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		return "the child was not ours to wait for";
	reaped = now_ns();
	if (status) {
		static char said[40];

		snprintf(said, sizeof(said), "wait status 0x%x", status);
		return said;
	}
	if (stall != STALL_NONE)
		extra = stall_worst();
	if (extra < 0)
		printf("%ld %ld -\n", returned - start, reaped - start);
	else
		printf("%ld %ld %ld\n", returned - start, reaped - start,
		       extra);
	return NULL;
}

static const char *rate(const struct method *method, int threads, long ms,
			long *made)
{
	long ns;

	*made = crowd_rate(method, threads, ms, &ns);
	if (*made < 0)
		return "a thread could not";
	printf("rate %ld %ld\n", *made, ns);
	return NULL;
}

static const char *samples(const struct method *method, const char *what,
			   long count, long ms, long *made)
{
	long limit = now_ns() + ms * 1000000;
	enum stall stall = stall_of(what);
	const char *failed = NULL;

	if (!stall_begin(stall))
		return "no thread";
	do {
		failed = sample(method, stall, !strcmp(what, "cow"));
		*made += !failed;
	} while (!failed && --count > 0 && now_ns() < limit);
	stall_end();
	return failed;
}

static void run(char *name, long count, long ms)
{
	size_t end = strcspn(name, ":@");
	char kind = name[end], *what = name + end + (kind != '\0');
	const struct method *method;
	const char *failed = "no such method";
	struct used before = used_so_far(), after;
	long made = 0;

	name[end] = '\0';
	method = method_of(name);
	if (!strcmp(name, "nothing"))
		failed = NULL;
	else if (method && kind == '@')
		failed = rate(method, atoi(what), ms, &made);
	else if (method)
		failed = samples(method, what, count, ms, &made);
	if (failed) {
		printf("failed: %s\n", failed);
		return;
	}
	after = used_so_far();
	printf("used %ld %ld %ld %ld\nend\n", made,
	       after.faults - before.faults, after.us - before.us,
	       after.bytes - before.bytes);
}

static const char *value_of(const char *name, int argc, char **argv)
{
	size_t size = strlen(name);

	for (int i = 2; i < argc; i++) {
		if (!strncmp(argv[i], name, size))
			return argv[i] + size;
	}
	return "";
}

static enum huge huge_of(const char *name)
{
	if (!strcmp(name, "always"))
		return HUGE_ALWAYS;
	return strcmp(name, "madvise") ? HUGE_NEVER : HUGE_MADVISE;
}

int main(int argc, char **argv)
{
	char line[80], name[40];
	const char *lacks;
	long count, ms;

	if (argc < 2 || atol(argv[1]) < 1) {
		fprintf(stderr, "usage: host MB [NAME=VALUE...]\n");
		return 2;
	}
	lacks = memory_fill((size_t)atol(argv[1]),
			    (size_t)atol(value_of("maps=", argc, argv)),
			    !strcmp(value_of("by=", argc, argv), "mmap"),
			    huge_of(value_of("huge=", argc, argv)));
	if (!lacks && !crowd_idle(atoi(value_of("threads=", argc, argv)) - 1))
		lacks = "so many threads";
	if (lacks) {
		printf("failed: cannot have %s\n", lacks);
		return 1;
	}
	/* Fully buffered: no system call of ours while it is measured. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%39s %ld %ld", name, &count, &ms) == 3)
			run(name, count, ms);
		fflush(stdout);
	}
	return 0;
}

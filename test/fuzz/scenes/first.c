/* SPDX-License-Identifier: MIT
 *
 * A scene: the first forks of a process, by several threads at once. Each child
 * runs a program that appends its letter to a file: there is one of each in the
 * end, and no child that nobody has waited for.
 */
#include <sched.h>
#include <spawn.h>
#include <time.h>

#include "scenes/scene.h"

extern char **environ;

enum { FORKERS = 4, PROCESSES = 4 };

static struct forker {
	pthread_t thread;
	struct rng r;
	unsigned delay_us; /* after the others are there */
	bool real_time;
	char word[2];
	int status;
} forkers[FORKERS];

static int count, file;
static bool one_processor;
static atomic_int there;
static uint64_t begins; /* of one that is real-time */

static void line(struct rng *r, struct forker *f)
{
	char number[16];

	(void)r;
	snprintf(number, sizeof(number), "%d", file);
	become(&f->r, (char *[]){(char *)"fuzz-image", (char *)"line", number,
				 f->word, NULL});
}

static pid_t spawn(struct forker *f)
{
	char number[16], path[PATH_MAX];
	char *words[] = {(char *)"fuzz-image", (char *)"line", number, f->word,
			 NULL};
	pid_t pid;

	snprintf(number, sizeof(number), "%d", file);
	snprintf(path, sizeof(path), "%s/w/image", folder);
	return posix_spawn(&pid, path, NULL, NULL, words, environ) ? -1 : pid;
}

static pid_t fork_by_chance(struct forker *f)
{
	pid_t pid;

	switch (below(&f->r, 8)) {
	case 0:
		return spawn(f);
	case 1:
		pid = _Fork();
		break;
	case 2:
		pid = (pid_t)syscall(SYS_fork);
		break;
	case 3:
		pid = fork();
		break;
	default:
		pid = fork();
	}
	if (!pid)
		line(NULL, f);
	return pid;
}

/* Who is real-time does not wait for others that have no processor then. */
static void wait_for_all(const struct forker *f)
{
	struct timespec at;
	uint64_t us = begins + f->delay_us;

	there++;
	if (!one_processor) {
		while (there < count)
			if (once_in(&(struct rng){us++}, 200))
				sched_yield();
		spin_us(f->delay_us);
		return;
	}
	at = (struct timespec){.tv_sec = (time_t)(us / 1000000),
			       .tv_nsec = (long)(us % 1000000 * 1000)};
	if (f->real_time)
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	else
		while (now_us() < begins)
			;
}

static void *fork_first(void *arg)
{
	struct forker *f = arg;
	struct sched_param param = {.sched_priority = 1};
	pid_t pid;

	if (f->real_time)
		sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
	wait_for_all(f);
	pid = fork_by_chance(f);
	f->status = pid > 0 ? end_of(pid) : -1;
	return NULL;
}

/* Its status: how much was wrong. */
static _Noreturn void be_process(uint64_t seed)
{
	struct rng r = {seed};
	cpu_set_t one;
	int bad = 0;

	if (once_in(&r, 2))
		make_heap(&r);
	count = 2 + (int)below(&r, FORKERS - 1);
	one_processor = once_in(&r, 2);
	CPU_ZERO(&one);
	CPU_SET(below(&r, 2), &one);
	if (one_processor)
		sched_setaffinity(0, sizeof(one), &one);
	begins = now_us() + 2000;
	for (int i = 0; i < count; i++) {
		struct forker *f = &forkers[i];

		f->r.state = next(&r);
		f->delay_us = below(&r, once_in(&r, 2) ? 30 : 300);
		f->real_time = one_processor && i > 0;
		f->word[0] = (char)('a' + i);
		start(&f->thread, fork_first, f);
	}
	for (int i = 0; i < count; i++) {
		pthread_join(forkers[i].thread, NULL);
		bad += forkers[i].status != 0;
	}
	while (waitpid(-1, NULL, __WALL) > 0)
		bad += 10;
	_exit(bad);
}

_Noreturn void first_process(char **words)
{
	uint64_t seed = strtoul(words[0], NULL, 10);

	file = atoi(words[1]);
	folder = words[2];
	be_process(seed);
}

/* ---- the program that makes such processes ---- */

static void say_letters(int from)
{
	char text[64];
	ssize_t n = pread(file, text, sizeof(text), from);
	int counts[26] = {0};

	for (ssize_t i = 0; i < n; i++)
		counts[(unsigned char)text[i] % 26]++;
	for (int i = 0; i < 26; i++) {
		if (counts[('a' + i) % 26])
			say(" %c%d", 'a' + i, counts[('a' + i) % 26]);
	}
}

static void one_process(struct rng *r, int number)
{
	static int before;
	char seed[24], to[16];
	char *words[] = {(char *)"fuzz-host",
			 (char *)"first",
			 seed,
			 to,
			 (char *)folder,
			 NULL};
	bool anew = !once_in(r, 3);
	uint64_t own = next(r);
	pid_t pid;

	(void)number;
	snprintf(seed, sizeof(seed), "%lu", (unsigned long)own);
	snprintf(to, sizeof(to), "%d", file);
	flush_log();
	pid = fork();
	if (!pid && anew)
		execv("/proc/self/exe", words);
	if (!pid)
		be_process(own);
	say(" %s status %x", anew ? "anew" : "forked", (unsigned)end_of(pid));
	say_letters(before);
	before = (int)lseek(file, 0, SEEK_END);
}

void first_scene(uint64_t seed)
{
	file = open("lines", O_CREAT | O_RDWR | O_APPEND, 0644);
	rounds(seed, PROCESSES, one_process);
	close(file);
	unlink("lines");
}

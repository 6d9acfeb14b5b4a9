/* SPDX-License-Identifier: MIT
 * What scenes use: a heap, children that find it whole, time, threads. */
#include <time.h>

#include "scenes/scene.h"

/* ---- memory ---- */

static struct {
	char *at;
	unsigned pages;
	uint64_t seed;
} heap;

static uint64_t word_of(unsigned page)
{
	return (heap.seed + page) * 0x9e3779b97f4a7c15;
}

/* A word at both ends of each page. */
void make_heap(struct rng *r)
{
	enum { LEAST = 20 << 8, MORE = 4 << 8 }; /* 20 to 24 MiB */

	heap.pages = LEAST + below(r, MORE);
	heap.seed = next(r);
	heap.at = mmap(NULL, (size_t)heap.pages * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (heap.at == MAP_FAILED)
		exit(3);
	for (unsigned i = 0; i < heap.pages; i++) {
		uint64_t word = word_of(i);

		memcpy(heap.at + (size_t)i * PAGE, &word, 8);
		memcpy(heap.at + (size_t)i * PAGE + PAGE - 8, &word, 8);
	}
}

static bool is_broken(unsigned page)
{
	const char *at = heap.at + (size_t)page * PAGE;
	uint64_t word = word_of(page);

	return memcmp(at, &word, 8) || memcmp(at + PAGE - 8, &word, 8);
}

unsigned broken_pages(struct rng *r, unsigned n)
{
	unsigned broken = 0;

	for (; n > 0; n--)
		broken += is_broken(below(r, heap.pages));
	return broken;
}

/* ---- children ---- */

/* One place each: what the library learns of one it does not apply to others.
 * The empty instructions keep the compiler from joining them. */
#define PLACE(n, call)                                        \
	case n:                                               \
		pid = call;                                   \
		__asm__ volatile("" : : "i"(__LINE__ + (n))); \
		break

static __attribute__((noinline)) pid_t fork_at(unsigned place)
{
	pid_t pid = -1;

	switch (place % 12) {
		PLACE(0, _Fork());
		PLACE(1, (pid_t)syscall(SYS_fork));
		PLACE(2, (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
		PLACE(3, fork());
		PLACE(4, fork());
		PLACE(5, fork());
		PLACE(6, fork());
		PLACE(7, fork());
		PLACE(8, fork());
		PLACE(9, fork());
		PLACE(10, fork());
		PLACE(11, fork());
	}
	return pid;
}

pid_t begin(struct rng *r, void (*child)(struct rng *r))
{
	flush_log();
	return begin_quietly(r, child);
}

pid_t begin_quietly(struct rng *r, void (*child)(struct rng *r))
{
	unsigned place = below(r, 12);
	struct rng own = {next(r)};
	pid_t pid = fork_at(place);

	if (pid)
		return pid < 0 ? -errno : pid;
	model.child = true;
	child(&own);
	_exit(99);
}

int end_of(pid_t pid)
{
	int status = 0;
	pid_t got;

	if (pid < 0)
		return pid;
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid ? status : -errno;
}

void say_left(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
		say("left %x\n", (unsigned)status);
	say("left: %s\n", pid ? strerror(errno) : "some that run");
}

void say_bare_child(unsigned (*more)(void))
{
	unsigned n = 0;
	long pid;

	pid = vs_sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		for (unsigned i = 0; i < heap.pages; i++)
			n += is_broken(i);
		vs_sys(SYS_exit_group, n + (more ? more() : 0) != 0);
	}
	say("bare child %x\n", (unsigned)end_of((pid_t)pid));
}

_Noreturn void become(struct rng *r, char *const words[])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/w/%s", folder,
		 once_in(r, 6) ? "dynamic" : "image");
	execv(path, words);
	_exit(96);
}

_Noreturn void become_exit(struct rng *r, unsigned code)
{
	char text[16],
		*words[] = {(char *)"fuzz-image", (char *)"exit", text, NULL};

	snprintf(text, sizeof(text), "%u", code);
	become(r, words);
}

_Noreturn void become_dump(struct rng *r)
{
	static char id[16];
	char *words[] = {(char *)"fuzz-image", id, current->text, NULL};

	snprintf(id, sizeof(id), "%d", shared->id);
	become(r, words);
}

/* ---- time, threads ---- */

uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void spin_us(unsigned us)
{
	uint64_t end = now_us() + us;

	while (now_us() < end)
		;
}

void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(thread, NULL, run, arg))
		exit(3);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

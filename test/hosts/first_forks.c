/* SPDX-License-Identifier: MIT
 *
 * The first forks of a process, made by several threads at once. Each child
 * adds a byte to FILE: exits with 0 if there are as many as forks, and no child
 * that no fork() has returned.
 *
 *	first_forks APPEND FILE barrier THREADS		all at the same time
 *	first_forks APPEND FILE realtime US		a real-time thread, US
 *							microseconds into the
 *							fork of another one on
 *							the same processor
 *	first_forks APPEND FILE slow FD			a thread called "slow",
 *							and one that begins when
 *							FD can be read
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEAP = 24 << 20 };

static char *append, *file;
static _Atomic int forks, failed, ready;
static int threads = 2, delay_us, go_fd = -1, cpu;
static struct timespec begin;

static void fork_once(void)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		execl(append, "append", file, NULL);
		_exit(99);
	}
	forks++;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		failed++;
}

static void *at_barrier(void *unused)
{
	ready++;
	while (ready < threads)
		;
	fork_once();
	return unused;
}

static void on_one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *real_time(void *unused)
{
	struct sched_param param = {.sched_priority = 1};
	struct timespec at = begin;

	on_one_processor();
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param)) {
		puts("no real-time scheduling");
		exit(77);
	}
	ready = 1;
	at.tv_nsec += delay_us * 1000L;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
	fork_once();
	return unused;
}

static bool has_begun(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > begin.tv_sec ||
	       (now.tv_sec == begin.tv_sec && now.tv_nsec >= begin.tv_nsec);
}

static void run_real_time(void)
{
	pthread_t thread;

	on_one_processor();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	begin.tv_nsec += 4000000;
	if (begin.tv_nsec >= 1000000000) {
		begin.tv_sec++;
		begin.tv_nsec -= 1000000000;
	}
	pthread_create(&thread, NULL, real_time, NULL);
	while (!has_begun())
		;
	fork_once();
	pthread_join(thread, NULL);
}

static void run_barrier(void)
{
	pthread_t thread[64];

	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, at_barrier, NULL);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
}

/* Somebody holds up a system call of the thread of this name, and writes to the
 * pipe; if there is no such call, it is the thread itself. */
static void *slow(void *end)
{
	prctl(PR_SET_NAME, "slow");
	fork_once();
	prctl(PR_SET_NAME, "done");
	(void)!write((int)(intptr_t)end, "x", 1);
	return NULL;
}

static void run_slow(void)
{
	pthread_t thread;
	char byte;

	pthread_create(&thread, NULL, slow, (void *)(intptr_t)(go_fd + 1));
	(void)!read(go_fd, &byte, 1);
	fork_once();
	pthread_join(thread, NULL);
}

static void last_processor(void)
{
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE; i++)
		cpu = CPU_ISSET(i, &set) ? i : cpu;
}

int main(int argc, char **argv)
{
	char *heap = mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int unknown = 0, number = atoi(argv[argc - 1]);
	struct stat st;

	memset(heap, 1, HEAP);
	last_processor();
	append = argv[1];
	file = argv[2];
	if (!strcmp(argv[3], "barrier")) {
		threads = number;
		run_barrier();
	} else if (!strcmp(argv[3], "realtime")) {
		delay_us = number;
		run_real_time();
	} else {
		go_fd = number;
		run_slow();
	}
	while (waitpid(-1, NULL, __WALL) > 0)
		unknown++;
	if (stat(file, &st) || st.st_size != forks || failed || unknown) {
		printf("%d forks, %d failed, %ld runs, %d unknown children\n",
		       forks, failed, (long)st.st_size, unknown);
		return 1;
	}
	return 0;
}

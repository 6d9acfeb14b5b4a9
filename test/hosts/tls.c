/* SPDX-License-Identifier: MIT
 *
 * tls WAY MB: a process with so many MB right below its thread-local data,
 * where the kernel makes one mapping of both, forks from where WAY says and
 * has its children exec. Built with TLS bytes of static thread-local data.
 *
 * WAY: main; alloca, a frame of 1 MB; thread, and thread-alloca, the stack of
 * which is in the middle of a malloc() without a guard.
 */
#include <alloca.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TLS
#	define TLS 64
#endif

enum { MB = 1 << 20, STACK = 4 * MB, COUNT = 4 };

static _Thread_local char data[TLS] __attribute__((aligned(64)));
static char *below;
static size_t size;

static void children(void)
{
	memset(data, 'd', TLS);
	for (int i = 0; i < COUNT; i++) {
		int status = -1;
		pid_t pid = fork();

		if (!pid) {
			/* Both ends of it, and what is between them. */
			if (data[0] != 'd' || data[TLS / 2] != 'd' ||
			    data[TLS - 1] != 'd')
				_exit(99);
			data[0] = data[TLS - 1] = 'c';
			execl("/bin/true", "true", (char *)NULL);
			_exit(98);
		}
		if (waitpid(pid, &status, 0) != pid)
			perror("wait");
		printf("child %#x, %c, %c\n", (unsigned)status, data[0],
		       below[size - 1]);
		fflush(stdout);
	}
}

/* The frame is used at both ends, and seen by the children. */
static __attribute__((noinline)) void in_frame(void)
{
	volatile char *frame = alloca(MB);

	for (int i = 0; i < MB; i += 64)
		frame[i] = 'f';
	children();
	printf("frame %c%c\n", frame[0], frame[MB - 64]);
}

static void *thread(void *alloca_too)
{
	if (alloca_too)
		in_frame();
	else
		children();
	return NULL;
}

static void in_thread(void *alloca_too)
{
	char *block = malloc(3 * (size_t)STACK);
	pthread_attr_t attributes;
	pthread_t id;

	memset(block, 's', 3 * (size_t)STACK);
	pthread_attr_init(&attributes);
	if (pthread_attr_setstack(&attributes,
				  block + STACK - (size_t)block % 4096, STACK))
		exit(2);
	if (pthread_create(&id, &attributes, thread, alloca_too))
		exit(2);
	pthread_join(id, NULL);
	printf("around it %c%c\n", block[0], block[3 * (size_t)STACK - 1]);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	size = strtoul(argv[2], NULL, 10) << 20;
	below = malloc(size);
	memset(below, 'b', size);
	if (!strcmp(argv[1], "main"))
		children();
	else if (!strcmp(argv[1], "alloca"))
		in_frame();
	else if (!strcmp(argv[1], "thread"))
		in_thread(NULL);
	else if (!strcmp(argv[1], "thread-alloca"))
		in_thread(argv);
	else
		return 2;
	return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Not a program but a shared object to preload: its fork() has a frame of
 * 64 KiB, as one has that walks a stack or formats what it logs.
 */
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

enum { FRAME = 64 << 10 };

pid_t fork(void)
{
	pid_t (*next)(void) =
		__extension__(__typeof__(next)) dlsym(RTLD_NEXT, "fork");
	volatile char frame[FRAME];
	pid_t pid;

	for (int i = 0; i < FRAME; i += 64)
		frame[i] = 'f';
	pid = next();
	/* In the child, too. */
	for (int i = 0; i < FRAME; i += 64) {
		if (frame[i] != 'f')
			_exit(97);
	}
	return pid;
}

/* SPDX-License-Identifier: MIT
 * execve() and execveat() for syscall(), which may be asked for them by
 * number. `cfa` is the stack pointer of the public function's caller. */
#ifndef VS_EXEC_H
#define VS_EXEC_H

#include <stdint.h>

int vs_execve(uintptr_t cfa, const char *path, char *const argv[],
	      char *const envp[]);
int vs_execveat(uintptr_t cfa, int dir, const char *path, char *const argv[],
		char *const envp[], int flags);

#endif

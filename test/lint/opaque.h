/* SPDX-License-Identifier: MIT
 * For clang's analyzer, which does not know that assembly fills what it is
 * given the address of: a system call becomes a call of an unknown function. */
#include "syscall.h"

long vs_opaque_syscall6(long nr, long a, long b, long c, long d, long e,
			long f);

#define vs_syscall6 vs_opaque_syscall6

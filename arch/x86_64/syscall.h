/* SPDX-License-Identifier: MIT
 * x86-64: raw system calls. See ../port.h, and stub.S for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>

#define VS_ARCH_STUB		 1
#define VS_GLIBC_OLD_SPAWN	 "GLIBC_2.2.5"
#define VS_SIGACTION_RESTORER	 1
#define VS_LIBC_RESTORER	 1
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 0

static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* No state of this CPU is lost or shared by a vfork. */
static inline bool vs_vfork_by_libc(void)
{
	return false;
}

/* The time stamp counter, which runs evenly and alike on all processors. */
#define VS_CYCLES
static inline unsigned long long vs_cycles(void)
{
	return __builtin_ia32_rdtsc();
}

#endif

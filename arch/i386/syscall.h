/* SPDX-License-Identifier: MIT
 * i386: raw system calls. See ../port.h, and stub.S for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>

#define VS_ARCH_STUB		 1
#define VS_GLIBC_OLD_SPAWN	 "GLIBC_2.2"
#define VS_SIGACTION_RESTORER	 1
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 0

/* The sixth argument takes the frame pointer, so it and the number come from
 * memory that the last free register points to. */
static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	const long rest[2] = {nr, f};
	long result;

	__asm__ volatile("push %%ebp\n\t"
			 "mov 4(%%eax), %%ebp\n\t"
			 "mov (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp"
			 : "=a"(result)
			 : "a"(rest), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
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

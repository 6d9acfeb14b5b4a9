/* SPDX-License-Identifier: MIT
 * s390x: raw system calls. See ../port.h, and stub.S for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>

#define VS_ARCH_STUB		 1
#define VS_GLIBC_OLD_SPAWN	 "GLIBC_2.2"
#define VS_SIGACTION_RESTORER	 1
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 1
#define VS_CLONE_STACK		 0
#define VS_TAGGED_MEMORY	 0

/* mmap() has its arguments in memory (sys_old_mmap() in mm/mmap.c). */
enum { VS_MMAP = 90 };

static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	long in_memory[6] = {a, b, c, d, e, f};
	register long r1 __asm__("r1") = nr;
	register long r2 __asm__("r2") = nr == VS_MMAP ? (long)in_memory : a;
	register long r3 __asm__("r3") = b;
	register long r4 __asm__("r4") = c;
	register long r5 __asm__("r5") = d;
	register long r6 __asm__("r6") = e;
	register long r7 __asm__("r7") = f;

	__asm__ volatile("svc 0"
			 : "+r"(r2)
			 : "r"(r1), "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7)
			 : "memory");
	return r2;
}

/* No state of this CPU is lost or shared by a vfork. */
static inline bool vs_vfork_by_libc(void)
{
	return false;
}

#endif

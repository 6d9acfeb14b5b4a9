/* SPDX-License-Identifier: MIT
 * arm (EABI): raw system calls. See ../port.h, and stub.S for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>

#define VS_ARCH_STUB		 1
#define VS_GLIBC_OLD_SPAWN	 "GLIBC_2.4"
#define VS_SIGACTION_RESTORER	 1
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 0

/* The number's register is the frame pointer of Thumb code. */
static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = a;
	register long r1 __asm__("r1") = b;
	register long r2 __asm__("r2") = c;
	register long r3 __asm__("r3") = d;
	register long r4 __asm__("r4") = e;
	register long r5 __asm__("r5") = f;
	long r7;

	__asm__ volatile("mov %1, r7\n\t"
			 "mov r7, %2\n\t"
			 "svc #0\n\t"
			 "mov r7, %1"
			 : "+r"(r0), "=&r"(r7)
			 : "r"(nr), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5)
			 : "memory");
	return r0;
}

/* No state of this CPU is lost or shared by a vfork. */
static inline bool vs_vfork_by_libc(void)
{
	return false;
}

#endif

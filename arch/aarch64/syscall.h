/* SPDX-License-Identifier: MIT
 * aarch64: raw system calls. See ../port.h, and stub.S for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>
#include <sys/auxv.h>

#define VS_ARCH_STUB		 1
#define VS_SIGACTION_RESTORER	 1
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 1

static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

/* The matrix storage ZA is to be saved and turned off before a vfork, by the
 * rules of its lazy saving scheme; a new glibc's does that, an old one's is
 * what the program would have had. */
static inline bool vs_vfork_by_libc(void)
{
	enum { SME = 1 << 23, ZA = 2 }; /* HWCAP2_SME, Linux 5.19 */
	unsigned long svcr;

	if (!(getauxval(AT_HWCAP2) & SME))
		return false;
	__asm__ volatile("mrs %0, s3_3_c4_c2_2" : "=r"(svcr));
	return svcr & ZA;
}

#endif

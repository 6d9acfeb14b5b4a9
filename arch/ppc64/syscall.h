/* SPDX-License-Identifier: MIT
 * ppc64 (ELFv2 little-endian, ELFv1 big-endian): raw system calls. See
 * ../port.h, and stub.S for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>

#define VS_ARCH_STUB 1
#if _CALL_ELF == 2
/* Its glibc and the new posix_spawn are of an age: there is one. */
#else
#	define VS_GLIBC_OLD_SPAWN "GLIBC_2.3"
#endif
#define VS_SIGACTION_RESTORER	 1
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 0

static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = nr;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;
	register long r8 __asm__("r8") = f;

	__asm__ volatile("sc\n\t"
			 "bns+ 1f\n\t"
			 "neg 3, 3\n"
			 "1:"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6),
			   "+r"(r7), "+r"(r8)
			 :
			 : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer",
			   "memory");
	return r3;
}

/* No state of this CPU is lost or shared by a vfork. */
static inline bool vs_vfork_by_libc(void)
{
	return false;
}

#endif

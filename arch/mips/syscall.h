/* SPDX-License-Identifier: MIT
 * mips (o32, either endianness): raw system calls. See ../port.h, and stub.S
 * for the ABI. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <stdbool.h>

#define VS_ARCH_STUB		 1
#define VS_GLIBC_OLD_SPAWN	 "GLIBC_2.2"
#define VS_SIGACTION_RESTORER	 0
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 1
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 0

static inline __attribute__((always_inline)) long
vs_syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long v0 __asm__("$2") = nr;
	register long a0 __asm__("$4") = a;
	register long a1 __asm__("$5") = b;
	register long a2 __asm__("$6") = c;
	register long a3 __asm__("$7") = d;
	register long t0 __asm__("$8") = e;
	register long t1 __asm__("$9") = f;

	__asm__ volatile("subu $sp, 32\n\t"
			 "sw $8, 16($sp)\n\t"
			 "sw $9, 20($sp)\n\t"
			 "syscall\n\t"
			 "addu $sp, 32"
			 : "+r"(v0), "+r"(a3), "+r"(t0), "+r"(t1)
			 : "r"(a0), "r"(a1), "r"(a2)
			 : "$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15",
			   "$24", "$25", "hi", "lo", "memory");
	return a3 ? -v0 : v0;
}

/* No state of this CPU is lost or shared by a vfork. */
static inline bool vs_vfork_by_libc(void)
{
	return false;
}

#endif

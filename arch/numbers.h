/* SPDX-License-Identifier: MIT
 *
 * System call numbers that libc's list may lack, and on 32-bit CPUs, where the
 * first of their kind has 16-bit ids or 32-bit sizes, the ones with today's
 * types under the names that 64-bit CPUs have for them. mmap's offset, which
 * mmap2 takes in pages, is 0 wherever we call it.
 */
#ifndef VS_NUMBERS_H
#define VS_NUMBERS_H

#include <sys/syscall.h>

/* Some CPUs do not begin with 0. */
#ifdef __NR_Linux
#	define VS_FIRST_NUMBER __NR_Linux
#else
#	define VS_FIRST_NUMBER 0
#endif

/* glibc's list is as old as it is (2.31 ends with Linux 5.4). */
#ifndef SYS_close_range
#	define SYS_close_range (VS_FIRST_NUMBER + 436)
#endif
#ifndef SYS_faccessat2
#	define SYS_faccessat2 (VS_FIRST_NUMBER + 439)
#endif

#ifndef SYS_landlock_create_ruleset
#	define SYS_landlock_create_ruleset (VS_FIRST_NUMBER + 444)
#	define SYS_landlock_add_rule	    (VS_FIRST_NUMBER + 445)
#endif
#ifndef SYS_landlock_restrict_self
#	define SYS_landlock_restrict_self (VS_FIRST_NUMBER + 446)
#endif

#ifdef SYS_getuid32
#	undef SYS_getuid
#	define SYS_getuid SYS_getuid32
#	undef SYS_geteuid
#	define SYS_geteuid SYS_geteuid32
#	undef SYS_getgid
#	define SYS_getgid SYS_getgid32
#	undef SYS_getegid
#	define SYS_getegid SYS_getegid32
#	undef SYS_getresuid
#	define SYS_getresuid SYS_getresuid32
#	undef SYS_getresgid
#	define SYS_getresgid SYS_getresgid32
#	undef SYS_getgroups
#	define SYS_getgroups SYS_getgroups32
#	undef SYS_setuid
#	define SYS_setuid SYS_setuid32
#	undef SYS_setgid
#	define SYS_setgid SYS_setgid32
#	undef SYS_setreuid
#	define SYS_setreuid SYS_setreuid32
#	undef SYS_setregid
#	define SYS_setregid SYS_setregid32
#	undef SYS_setresuid
#	define SYS_setresuid SYS_setresuid32
#	undef SYS_setresgid
#	define SYS_setresgid SYS_setresgid32
#	undef SYS_setgroups
#	define SYS_setgroups SYS_setgroups32
#	undef SYS_setfsuid
#	define SYS_setfsuid SYS_setfsuid32
#	undef SYS_setfsgid
#	define SYS_setfsgid SYS_setfsgid32
#endif

#ifdef SYS_mmap2
#	undef SYS_mmap
#	define SYS_mmap SYS_mmap2
#endif
#ifdef SYS_fcntl64
#	undef SYS_fcntl
#	define SYS_fcntl SYS_fcntl64
#	undef SYS_fstat
#	define SYS_fstat SYS_fstat64
#	undef SYS_stat
#	define SYS_stat SYS_stat64
#	undef SYS_lstat
#	define SYS_lstat SYS_lstat64
#endif
#ifdef SYS_fstatat64
#	define SYS_newfstatat SYS_fstatat64
#endif

#endif

/* SPDX-License-Identifier: MIT
 * What /proc/PID/status says of a thread. Raw system calls only; for a moment
 * there is a descriptor in the table of who calls this. */
#ifndef VS_PROC_STATUS_H
#define VS_PROC_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* A field that the kernel does not have is 0. */
struct vs_proc_status {
	uint64_t parent;    /* PPid */
	uint64_t tracer;    /* TracerPid */
	uint64_t mapped;    /* VmSize, in KiB */
	uint64_t anonymous; /* RssAnon, in KiB: since Linux 4.5 */
	uint64_t threads;   /* Threads */
	uint64_t handled;   /* SigCgt: 1 << (n - 1) for signal n */
	uint64_t seccomp;   /* Seccomp: 0 off, 1 strict, 2 filters */
	uint64_t filters;   /* Seccomp_filters: since Linux 5.9 */
};

/* 0 or -errno. */
long vs_proc_status(const char *path, struct vs_proc_status *to);

/* Whether AppArmor confines the thread. A profile need not let processes read
 * each other's maps, and logs each refusal. */
bool vs_proc_confined(void);

/* Whether the process has no other thread: also in the child of one that has,
 * of which libc may not know. False if /proc does not tell. Opens nothing. */
bool vs_only_thread(void);

#endif

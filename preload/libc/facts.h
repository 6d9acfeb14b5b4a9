/* SPDX-License-Identifier: MIT
 *
 * What the C library is, and what the process is to it. Those that a forked
 * child asks for are looked up by vs_facts_prepare() before the fork; until
 * then they are as if libc did not tell.
 */
#ifndef VS_FACTS_H
#define VS_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct link_map;

/* Looks up all that follows. To be called before anything that forks or makes a
 * thread: in the child of a fork another thread's lock of the loader is never
 * released, and the creator of a thread may hold it while it waits. */
void vs_facts_prepare(void);

/* n of glibc's version 2.n; 0 with another libc. */
int vs_glibc_minor(void);

/* Whether libc's system() and popen() fork: glibc's until 2.28. */
bool vs_libc_shell_forks(void);

/* Whether the child of libc's posix_spawn() ignores the two signals that libc
 * keeps for itself (32, 33), and what it runs finds them so: glibc's from 2.24,
 * where the child first shares memory, until 2.37; from 2.38 on it has the
 * kernel reset the handlers. */
bool vs_libc_ignores_own(void);

/* Nanoseconds of a clock, by libc's clock_gettime(), which makes no system call
 * for CLOCK_MONOTONIC and CLOCK_REALTIME that a filter of the program's might
 * kill for. */
uint64_t vs_time_ns(clockid_t clock);

/* Milliseconds of CLOCK_MONOTONIC as of its last tick, some of them ago:
 * without reading the processor's counter, which takes 20 ns to 1 us. Wraps. */
unsigned vs_coarse_ms(void);

/* Both ask the kernel from now on: a thread may not read the processor's
 * counter any more, as libc's clock_gettime() does. */
void vs_clock_by_kernel(void);

/* Whether there is another libc in a namespace of its own (dlmopen), whose
 * fork() we do not see. False also if libc does not tell (before 2.35). */
bool vs_other_libc(void);

/* The loader's list, as debuggers read it, which takes no lock; NULL if there
 * is none. */
const struct link_map *vs_loaded_objects(void);

/* Whether a sanitizer or valgrind is in this process. Looked up once. */
bool vs_instrumented(void);

#endif

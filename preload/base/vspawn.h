/* SPDX-License-Identifier: MIT
 *
 * What the files of the shared object know of each other. Inside, a function
 * that fails returns -errno; errno is set only at the exported edge, by
 * vs_return().
 */
#ifndef VSPAWN_H
#define VSPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define VS_EXPORT      __attribute__((visibility("default")))
/* Kept apart, so that what every fork writes is on few pages: each of those is
 * copied once in the parent and once in the child. */
#define VS_BIG	       __attribute__((section(".bss.vs_big")))
#define vs_likely(x)   __builtin_expect(!!(x), 1)
#define vs_unlikely(x) __builtin_expect(!!(x), 0)

/* ---- symbol.c ---- */

/* What dlsym(RTLD_DEFAULT) and dlsym(RTLD_NEXT) find, or NULL. Of several
 * versions the newest, as a program gets that is linked today. No memory is
 * allocated, and dlerror() says what it would have said; but an object without
 * DT_GNU_HASH (all of MIPS), or an indirect function, is left to dlsym(). */
void *vs_symbol(const char *name);
void *vs_next_symbol(const char *name);

/* ---- libc.c: the real functions ---- */

enum vs_entry {
#define ENTRY(name, kind) VS_ENTRY_##name,
#include "entry/entry.def"
#undef ENTRY
	VS_ENTRIES
};

const char *vs_entry_name(enum vs_entry entry);

/* The next definition of an entry point after ours, or NULL if there is none.
 * Looked up on first use, then kept. */
typedef void (*vs_function)(void);
vs_function vs_real_lookup(enum vs_entry entry);

/* VS_REAL(fork)() calls the real fork. */
#define VS_REAL(name) \
	(__extension__(__typeof__(&name)) vs_real_lookup(VS_ENTRY_##name))

/* The same for one that was in `library` before glibc 2.34, which only a plugin
 * may have loaded, out of our sight. */
vs_function vs_real_in(enum vs_entry entry, const char *library);

/* True if that is another library's, not libc's (interposed.c). */
bool vs_interposed(enum vs_entry entry);
bool vs_of_libc(const void *function);

/* To be called before anything that forks or makes a thread: looks up what may
 * not be looked up in a fork, in its child or in the thread. Cheap when done.
 */
void vs_libc_prepare(void);

/* n of glibc's version 2.n; 0 with another libc. */
int vs_glibc_minor(void);

/* Where the kernel's restartable sequences area is, from the thread pointer;
 * 0 if libc does not tell (before glibc 2.35). */
long vs_rseq_offset(void);

/* An address near the top of the main thread's stack. */
uintptr_t vs_stack_top(void);

/* False also if libc does not tell (before glibc 2.32). */
bool vs_single_threaded(void);

/* True if there is another libc in a namespace of its own, whose fork() we do
 * not see; false also if libc does not tell (before glibc 2.35). */
bool vs_other_libc(void);

/* Nanoseconds of CLOCK_MONOTONIC, by the kernel: libfaketime has another idea
 * of it, and may stop it altogether. */
uint64_t vs_now_ns(void);

/* -errno to errno and -1; anything else is returned. */
long vs_return(long result);

/* ---- config.c: VSPAWN_* settings, read once at load ---- */

enum vs_fork_mode { VS_FORK_AUTO, VS_FORK_NATIVE, VS_FORK_TXN, VS_FORK_SHARE };

/* What becomes of our name in LD_PRELOAD in a new image (env.h). */
enum vs_children { VS_CHILDREN_INHERIT, VS_CHILDREN_KEEP, VS_CHILDREN_DROP };

extern struct vs_config {
	bool off;		     /* VSPAWN=off */
	bool spawn;		     /* VSPAWN_SPAWN=on|off */
	enum vs_fork_mode fork_mode; /* VSPAWN_FORK */
	enum vs_children children;   /* VSPAWN_CHILDREN */
	const char *stats;	     /* VSPAWN_STATS: stderr, a file, or NULL */
	char program[64];	     /* its name, if there are to be stats */
} vs_config;

void vs_config_read(char **envp);

/* ---- stats.c: what happened, and why ---- */

enum vs_engine { VS_SPAWN, VS_TXN, VS_SHARE, VS_NATIVE, VS_ENGINES };

enum vs_reason {
#define REASON(name, text) VS_WHY_##name,
#include "stats/reason.def"
#undef REASON
	VS_REASONS
};

/* Nanoseconds of CLOCK_MONOTONIC if stats are wanted, else 0. */
uint64_t vs_stats_start(void);

/* One call of `entry` went through `engine`; a native one says why. `start`
 * is from vs_stats_start(). Preserves errno. */
void vs_stats_call(enum vs_entry entry, enum vs_engine engine,
		   enum vs_reason why, uint64_t start);

/* A transaction was rolled back. `detail` is the system call's number for
 * VS_WHY_SYSCALL and VS_WHY_MEMORY_CALL, else unused. */
void vs_stats_rollback(enum vs_reason why, long detail);

/* The child of a true fork counts anew. */
void vs_stats_reset(void);
void vs_stats_print(void);

/* ---- which kind of child this is ---- */

/* In the child of a transactional fork before it commits, and nowhere else:
 * every system call has to go through vs_txn_syscall(). */
extern bool vs_speculative;

/* In the child of a memory-sharing fork: the place to go back to. The child
 * runs with its parent's TLS, so this is set in both, but the parent sleeps. */
struct vs_share;
extern __thread struct vs_share *vs_sharing
	__attribute__((tls_model("initial-exec")));

/* Called first by entry points that neither kind of child may pass: a
 * transaction is rolled back (and this does not return), a child that shares
 * memory becomes a true child of its parent (and this returns in it). */
void vs_leave_speculation(enum vs_entry entry);

static inline void vs_true_child(enum vs_entry entry)
{
	if (vs_unlikely(vs_speculative || vs_sharing))
		vs_leave_speculation(entry);
}

/* ---- fork.c ---- */

/* The real function, with the gate around it. */
pid_t vs_native_fork(pid_t (*real)(void));

/* In the child of a true fork: forget what belonged to the parent. */
void vs_after_true_fork(void);

#endif

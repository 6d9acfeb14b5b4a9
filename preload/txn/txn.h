/* SPDX-License-Identifier: MIT
 *
 * The transactional fork: a real fork() whose big memory is not copied but
 * paged in on demand, and whose child is supervised until it execs. See
 * txn.c for the order of events.
 *
 *	txn.c		the parent: one call of fork()
 *	txn_clone.c	the parent: the clone, commit and rollback
 *	txn_trap.c	system calls that trap
 *	txn_able.c	whether this process and thread may try at all
 *	txn_marks.c	what is left out of the copy
 *	txn_child.c	the child: set-up, exec, rollback
 *	txn_pages.c	the child: paging in what it touches
 *	txn_signals.c	the child: the signal state it believes it has
 *	txn_syscalls.c	the child: which system calls it may make
 *	txn_fds.c	the child: which descriptors are its own
 *	txn_open.c	the child: which files it may open
 *	txn_memory.c	the child: its memory map
 */
#ifndef VS_TXN_H
#define VS_TXN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "base/ksignal.h"
#include "port.h"
#include "base/vspawn.h"

struct vs_site;

/* ---- the transaction under way; one at a time, guarded by gate.c ---- */

struct vs_range {
	uintptr_t lo, hi;
};

/* Size is what a page of .bss costs a child that writes to it; hosts have
 * tens of big mappings, rarely hundreds. */
enum { VS_MAX_RANGES = 512, VS_MAX_PUBLIC = 128 };

/* Signals that a child can leave behind. */
enum { VS_MAX_SIGNALS = 8 };

struct vs_left_signals {
	siginfo_t info[VS_MAX_SIGNALS];
	int count;
};

/* What parent and child tell each other; a shared page per process. */
struct vs_txn_shared {
	_Atomic int state;
	int why;	  /* enum vs_reason, of a rollback */
	long detail;	  /* the system call's number, or the address */
	unsigned fetched; /* chunks paged in */
	struct vs_left_signals left;
};

enum vs_txn_state {
	VS_TXN_RUN,  /* supervised */
	VS_TXN_EXEC, /* in execve(); if that succeeds, committed */
	VS_TXN_ROLL, /* undone: the child leaves, a true fork follows */
};

extern struct vs_txn {
	int mem; /* /proc/self/mem of the parent */
	int ranges, publics;
	struct vs_txn_shared *shared;
	struct vs_site *site;
	struct vs_range public[VS_MAX_PUBLIC]; /* writable and MAP_SHARED */
	struct vs_range range[VS_MAX_RANGES];  /* not copied; ascending */
} vs_txn;

/* ---- txn.c ---- */

struct vs_txn_outcome {
	bool committed;
	enum vs_reason why_native; /* VS_WHY_NONE after a rollback */
};

/* Makes the page that parent and child share, once in a process. False if
 * there is no memory for it. */
bool vs_txn_prepare(void);

/* Call `real`, which forks, as a transaction. Returns what it returns: a pid,
 * 0 in either kind of child, or -1 and errno. */
pid_t vs_txn_fork(pid_t (*real)(void), struct vs_site *site,
		  struct vs_txn_outcome *outcome);

/* A system call that comes back twice, in a copy of the process. */
static inline bool vs_is_fork(long nr, const long args[6])
{
#ifdef SYS_fork
	if (nr == SYS_fork)
		return true;
#endif
	return nr == SYS_clone && !(args[VS_CLONE_FLAGS] & CLONE_VM) &&
	       !args[VS_CLONE_STACK];
}

/* The handler of SIGSYS, in the parent and in the speculative child. */
void vs_txn_on_sigsys(int sig, siginfo_t *info, void *context);

/* The calling thread is inside vs_txn_fork(): its forks are true forks. */
bool vs_txn_under_way(void);

/* In the child of a true fork. */
void vs_txn_after_true_fork(void);

/* ---- txn_able.c ---- */

/* Whether a transaction may be tried here: VS_WHY_NONE, or why not. */
enum vs_reason vs_txn_able(void);

/* True under a sanitizer or valgrind. Looked up once. */
bool vs_instrumented(void);

/* Resident anonymous memory in bytes, which is what a true fork pays for, as
 * of a few milliseconds ago; valid after vs_txn_able(). */
uint64_t vs_txn_anonymous_bytes(void);

/* In the child of a true fork, and at load. */
void vs_txn_able_new_process(void);

/* Something that was asked once has changed. */
void vs_txn_able_reset(void);

/* Called for every prctl(option, arg2) of the application. */
void vs_txn_able_watch_prctl(long option, long arg2);

/* Called for every seccomp() of the application. */
void vs_txn_able_watch_seccomp(void);

/* ---- txn_marks.c ---- */

/* Find and mark what the child shall not copy. `sp` is the application's
 * stack pointer. Returns 0, or -errno with nothing marked. */
int vs_marks_set(struct vs_txn *txn, uintptr_t sp);
void vs_marks_clear(const struct vs_txn *txn);

/* Before a true fork: clear marks that travelled with a mapping that another
 * thread moved by mremap() while it was marked. */
void vs_marks_sweep_if_needed(void);

/* ---- txn_child.c: in the speculative child only ---- */

/* First thing after the clone, still on the handler's stack. */
void vs_child_start(uint64_t mask, const struct vs_ksigaction *sigsys,
		    const stack_t *altstack);

_Noreturn void vs_child_rollback(enum vs_reason why, long detail);

/* A SIGSYS that is not a trap: the time limit, or nothing we know. */
void vs_child_on_sigsys(const siginfo_t *info);

/* Inside a system call that it makes: it may be waiting for something. */
extern bool vs_child_in_call;

/* The handler of faults. */
void vs_child_on_fault(int sig, siginfo_t *info, void *context);

/* It has looked at the file system, and may act on what it saw. */
extern bool vs_child_looked;

long vs_child_exec(long nr, long args[6]);

/* ---- txn_pages.c ---- */

bool vs_pages_in_hole(uintptr_t addr, uintptr_t len);

/* Make [addr, addr + len) readable where it is one of our holes. */
void vs_pages_want(uintptr_t addr, uintptr_t len);
void vs_pages_want_string(const char *s);
void vs_pages_want_strings(char *const *vector);

/* Memory that others see, which the child may read only. */
bool vs_pages_public(uintptr_t addr, uintptr_t len);

/* True if `addr` was in a hole, and is filled now. */
bool vs_pages_fault(uintptr_t addr);
void vs_pages_prefetch(void);

/* ---- txn_signals.c ---- */

/* The mask that the child really has. */
uint64_t vs_signals_real_mask(void);
void vs_signals_start(uint64_t mask, const struct vs_ksigaction *sigsys,
		      const stack_t *altstack);
void vs_signals_before_exec(void);

/* Pass on to the child of a true fork what others have sent to this one: a
 * ^C reaches whoever is in the group at that time, once. */
void vs_signals_leave(struct vs_left_signals *left);
void vs_signals_inherit(const struct vs_left_signals *left);
void vs_signals_after_exec(void);
_Noreturn void vs_signals_sigreturn(ucontext_t *uc, uint64_t *believed,
				    uint64_t real);
void vs_child_sigreturn(ucontext_t *uc);
long vs_signals_procmask(const long args[6]);
long vs_signals_action(const long args[6]);
long vs_signals_altstack(const long args[6]);

/* Edits `mask` as rt_sigprocmask(how, set) would. 0 or -EINVAL. */
int vs_signals_edit(uint64_t *mask, long how, uint64_t set);

/* ---- txn_syscalls.c ---- */

/* Make a system call for the speculative child, if it may. */
long vs_txn_syscall(long nr, long args[6]);

/* ---- txn_fds.c ---- */

/* System calls on descriptors, or on what they may make. */
long vs_fds_syscall(long nr, long args[6]);

/* ---- txn_open.c ---- */

/* It has made files, and takes them away again. */
bool vs_open_made_files(void);
void vs_open_undo(void);

/* ---- txn_memory.c ---- */

/* System calls on the memory map. */
long vs_memory_syscall(long nr, long args[6]);

#endif

/* SPDX-License-Identifier: MIT
 * What several entry points do in the same way. Nobody below includes this. */
#ifndef VS_ENTRY_INTERNAL_H
#define VS_ENTRY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/child_kind.h"
#include "base/compiler.h"
#include "base/config.h"
#include "libc/real.h"
#include "memory/gate.h"

/* The stack pointer of the caller of the public function this stands in. */
#define VS_CALLER_SP ((uintptr_t)__builtin_dwarf_cfa())

/* ---- init.c ---- */

/* To be called before anything that forks or makes a thread: looks up what may
 * not be looked up in the fork, in its child or in the thread. Cheap when done.
 */
void vs_prepare(void);

/* ---- leave.c: what a provisional child must not do as such ---- */

/* A transaction is rolled back, and this does not return; a child that shares
 * memory becomes a true child of its parent, and this returns in it. */
void vs_leave(enum vs_entry entry);

/* The same in a child that shares memory, which is told where from; nothing in
 * a speculative one, whose system calls are looked at anyway. */
void vs_leave_sharing(enum vs_entry entry, uintptr_t caller_sp);

/* Called first by entry points that neither kind of child may pass. */
static inline void vs_true_child(enum vs_entry entry)
{
	if (vs_provisional())
		vs_leave(entry);
}

/* ---- native_fork.c ---- */

/* The real function, with the gate around it. */
pid_t vs_native_fork(pid_t (*real)(void));

/* Around another function of libc's that forks and returns in the child; what
 * it has returned: 0 in the child. The stack pointer is the program's. */
void vs_native_fork_begins(uintptr_t caller_sp);
void vs_native_fork_ends(long result);

/* In the child of a native fork: forgets what belonged to the parent. */
void vs_in_native_child(void);

/* Around one that forks inside, if it does, and only ever returns here. */
static inline void vs_inner_fork_begins(bool forks, uintptr_t caller_sp)
{
	if (!forks)
		return;
	vs_gate_recover(caller_sp);
	vs_gate_enter_native();
}

static inline void vs_inner_fork_ends(bool forks)
{
	if (forks)
		vs_gate_leave_native();
}

/* ---- fork.c ---- */

/* The fork that `real` makes, once or twice, as a transaction or natively; what
 * it has returned. Counted as a call of `entry`, whose caller is given. */
pid_t vs_fork_by(enum vs_entry entry, uintptr_t caller, uintptr_t caller_sp,
		 pid_t (*real)(void));

/* ---- fast/sigsys.c ---- */

/* syscall(SYS_rt_sigaction, ..), not in a provisional child: its result. */
long vs_sigaction_by_number(const long args[6]);

/* ---- fork_by_number.c: syscall() of fork, clone or clone3 ---- */

/* libc's, and ours: all the arguments that there may be. */
typedef long (*vs_syscall_function)(long, long, long, long, long, long, long);

/* Whether a child of this call has a copy of memory, and returns where it was
 * made; and such a call. -1 and errno on failure. */
bool vs_copies_by_number(long nr, const long args[6]);
long vs_fork_by_number(long nr, const long args[6], uintptr_t caller,
		       uintptr_t caller_sp);

/* ---- env.c: VSPAWN_CHILDREN, what becomes of our name in LD_PRELOAD ---- */

/* Before a fork: finds our name out. */
void vs_env_prepare(void);

/*
 * The environment for a new image, in the frame of the function that runs it:
 * no malloc, and nothing that a child sharing memory leaves behind.
 *
 *	char *room[vs_env_room(envp)];
 *	char *const *env = vs_env_edit(envp, room);
 *
 * What need not change is shared with `envp`, which is often all of it.
 */
size_t vs_env_room_changed(char *const *envp);
char *const *vs_env_edit_changed(char *const *envp, void *room);

/* The program has another root, or other rules, than when we were loaded. */
extern _Atomic bool vs_env_moved;

static inline bool vs_env_stays(void)
{
	return vs_likely(!vs_config.children && !vs_env_moved);
}

static inline size_t vs_env_room(char *const *envp)
{
	return vs_env_stays() ? 1 : vs_env_room_changed(envp);
}

static inline char *const *vs_env_edit(char *const *envp, void *room)
{
	return vs_env_stays() ? envp : vs_env_edit_changed(envp, room);
}

/* ---- preload_list.c: the value of LD_PRELOAD, names separated by spaces and
 * colons; `name` is ours, as the loader has it ---- */

bool vs_preload_names(const char *value, const char *name);

/* Written to `to`: the others, with the separators that are between them, or
 * the list and our name behind it. The end, or NULL if nothing is left. */
char *vs_preload_without(char *to, const char *value, const char *name);
char *vs_preload_with(char *to, const char *value, const char *name);

/* ---- exec.c: for syscall(), which may be asked for them by number ---- */

int vs_execve(uintptr_t caller_sp, const char *path, char *const argv[],
	      char *const envp[]);
int vs_execveat(uintptr_t caller_sp, int dir, const char *path,
		char *const argv[], char *const envp[], int flags);

/* ---- exec_alone.c ---- */

/* Before an exec of a process that owns its memory; `frame` is below all that
 * the caller of exec has. True if vs_exec_failed() is to be called then. */
bool vs_exec_begins(uintptr_t frame);
void vs_exec_failed(void);

/* ---- watch/memory.c: by way of syscall() madvise(), munmap(), mremap(), or
 * mmap() of droppable memory ---- */

bool vs_is_droppable(int flags);

/* Where there are two, the one that takes its arguments as mmap() does. */
#ifdef SYS_mmap2
#	define VS_SYS_MMAP SYS_mmap2
#else
#	define VS_SYS_MMAP SYS_mmap
#endif

/* -1 and errno on failure. */
long vs_watch_memory_call(long nr, const long args[6]);

/* ---- watch/places.c ---- */

/* After unshare() or setns(): of processes, of what is mounted. */
void vs_namespace_changed(void);

#endif

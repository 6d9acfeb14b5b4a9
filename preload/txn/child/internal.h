/* SPDX-License-Identifier: MIT
 * Between the files of the speculative child. */
#ifndef VS_CHILD_INTERNAL_H
#define VS_CHILD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "port.h"
#include "txn/child/child.h"
#include "txn/record/state.h"

/* ---- rollback.c: what the child has done, and how it is undone ---- */

extern struct vs_child {
	bool looked;   /* at the file system; it may act on what it saw */
	bool confined; /* to some files: it could not undo what it makes */
	bool rings;    /* it may have sent itself a signal */
} vs_child;

/* ---- pages.c: paging in ---- */

/* Whether any of it is lazy. */
bool vs_pages_lazy(uintptr_t addr, uintptr_t len);

void vs_pages_want_string(const char *s);
void vs_pages_want_strings(char *const *vector);

/* Shared mappings, which the child may only read. */
bool vs_pages_shared(uintptr_t addr, uintptr_t len);

/* As vs_child_want(), for a call that writes there: where it is shared, it
 * would stop half way, and rolls back. */
void vs_pages_want_written(uintptr_t addr, uintptr_t len);

/* How much from `addr` on, in one chunk, is the parent's alone and can be read.
 */
uintptr_t vs_pages_lacking(uintptr_t addr);

/* True if `addr` was in a lazy range, and is there now. */
bool vs_pages_fault(uintptr_t addr);
void vs_pages_prefetch(void);

/* ---- fill.c ---- */

/* Something else is in the place of lazy memory, and was copied. */
void vs_fill_replaced(uintptr_t lo, uintptr_t hi);
bool vs_fill_is_replaced(uintptr_t addr, uintptr_t len);

/* What [base, end) has in common with lazy ranges, which is not in yet, becomes
 * what the parent has there. */
void vs_fill(uintptr_t base, uintptr_t end);

/* Rolls back if some of it could not be read: a native child might have it. */
void vs_fill_must_have(uintptr_t lo, uintptr_t hi);

/* ---- fetch.c ---- */

/* Copies [from, from + len) of the parent's memory, as far as it was left out
 * of the copy, to this process's. The bytes up to what cannot be read, or
 * -errno; where the parent serves, only anonymous memory that it may read
 * itself can be. Does not come back if there is no parent any more. */
long vs_fetch(void *to, uintptr_t from, uintptr_t len);

/* From a parent that serves: `n` strings, as vs_txn_strings() names them. */
void vs_fetch_strings(unsigned n);

/* ---- signals.c: the signal state that it believes it has ---- */

void vs_signals_start(uint64_t mask, const struct vs_ksigaction *sigsys,
		      vs_handler on_sigsys, vs_handler on_fault);

/* Around execve(). */
void vs_signals_before_exec(void);
void vs_signals_after_exec(void);
long vs_signals_procmask(const long args[6]);
long vs_signals_pending(const long args[6]);
long vs_signals_action(const long args[6]);

/* start.c */
long vs_signals_altstack(const long args[6]);

/* As /proc shows them: what the kernel says is ignored and caught becomes what
 * the child believes. Rolls back if one waits that a native child would have
 * got by now. */
struct vs_signals_shown {
	uint64_t blocked, ignored, caught;
};
void vs_signals_show(struct vs_signals_shown *shown);

/* Whether a signal of the program's own is, that is not intercepted. */
bool vs_signals_blocked(int sig);

/* ---- early.c ---- */

enum { VS_SIGNALS = 64 };

/* Signals of `which` that have a handler are passed on to who takes the child's
 * place, from now on until vs_early_restore(), if the exec fails. */
void vs_early_handle(uint64_t which);
void vs_early_restore(void);

/* ---- files.c ---- */

/* Whether two numbers are one open file; if that cannot be told: no. */
bool vs_same_open_file(long a, long b);

/* Makes `fd` another number of the same, if it is in [first, last]. False if
 * there is none. */
bool vs_stays_open(int *fd, unsigned first, unsigned last);

/* Whether these two are of one file. */
struct statx;
bool vs_same_inode(const struct statx *a, const struct statx *b);

/* A pseudo-terminal's: majors 136 to 143, linux/major.h. */
bool vs_is_terminal_slave(const struct statx *st);

/* The other side of a pseudo-terminal answers for this one. */
bool vs_is_terminal_master(long fd);

/* Whether there is room for one more file that is made. */
bool vs_undo_room(void);

/* It has been, and is `fd`. False if it could not be found again: then who has
 * made it takes it away. `served`: by somebody else, to whom a lease may mean
 * something else (nfs4_setlease() in fs/nfs/nfs4file.c). */
bool vs_undo_made(long fd, bool served);
bool vs_undo_has_files(void);

/* All of them, and closes their descriptors. */
void vs_undo_take_away(void);

/* ---- deferred.c: what is done with the exec to what the parent has open ----
 */

/* O_NONBLOCK. Whether it waits to be set on the open file of `fd`. */
bool vs_deferred_has(long fd);

/* From now on it does. False if it cannot wait. */
bool vs_deferred_set(long fd, bool nonblock);

/* The flags of the open file, as the child has set them. */
long vs_deferred_flags(long fd, long flags);

/* The same of the place that the next read is from, in a file of so many bytes.
 * False, too, if that would be outside of it. */
bool vs_deferred_seek(long fd, long by, int whence, long size);
long vs_deferred_place(long fd, long place);

/* Before the numbers from `first` to `last` are closed. False if one of those
 * open files has no other: it would be gone before that is done. */
bool vs_deferred_leave(unsigned first, unsigned last);

/* Whether there is anything to be done; to an open file. */
bool vs_deferred_waits(void);
bool vs_deferred_files(void);

/* Does it; false if that is refused. And makes it undone, after an exec that
 * has failed. */
bool vs_deferred_apply(void);
void vs_deferred_restore(void);

/* ---- terminal.c ---- */

/* The terminal of `fd` is to be the controlling one. False if that cannot wait.
 */
bool vs_terminal_take(long fd);

/* `fd` is of one that has been opened, without O_NOCTTY. False as above. */
bool vs_terminal_opened(long fd);

/* The child has a terminal that is not known to be its own yet. */
bool vs_terminal_waits(void);

/* There is one to be set up, and maybe to be taken. `fd` is of that one; or may
 * be: false if that cannot wait. */
bool vs_terminal_known(void);
bool vs_terminal_is(long fd);
bool vs_terminal_choose(long fd);

/* What it is to be set to. False if it would become something else. */
struct winsize;
void vs_terminal_set_size(const struct winsize *size);
bool vs_terminal_set_attributes(const void *from); /* struct termios */

/* The former, or NULL; the latter. */
enum vs_answer {
	VS_ANSWERED,
	VS_NOT_KNOWN, /* by us: the kernel has it */
	VS_NOT_TOLD,  /* by either */
	VS_NOT_THIS,  /* it was no such question */
};
const struct winsize *vs_terminal_size(void);
enum vs_answer vs_terminal_get_attributes(unsigned long request, void *to);

/* For deferred.c. */
bool vs_terminal_leave(unsigned first, unsigned last);
bool vs_terminal_apply(void);
void vs_terminal_restore(void);

/* ---- turn.c: the foreground of the terminal that the parent has, too ---- */

/* `fd` is of that terminal; `now`: whose turn it is. */
bool vs_turn_is_of(long fd, int *now);

/* The group `to` is to have it. */
void vs_turn_take(long fd, int to);
bool vs_turn_waits(void);
int vs_turn_to(void);

/* For deferred.c. */
bool vs_turn_leave(unsigned first, unsigned last);
bool vs_turn_apply(void);
void vs_turn_restore(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The speculative child's exec, with which the transaction is committed, and
 * what that is made with. Raw system calls and our own data only, as in
 * txn/child.
 */
#ifndef VS_CALLS_EXEC_H
#define VS_CALLS_EXEC_H

#include <stdbool.h>

/* execve() or execveat(), if the child may; else rolls back. -errno: it comes
 * back only if it fails. */
long vs_exec_call(long nr, const long args[6]);

/* Before an exec: where many of the strings of the two vectors, of which either
 * may be NULL, are lazy, the vectors become copies, once in a child, in memory
 * that lasts as long as that. To bring in the memory around each string takes
 * longer than a fork. */
void vs_exec_gather(char *const **argv, char *const **envp);

/* Whether somebody else answers for the file system: a server, which may be the
 * parent and wait for it. */
struct statfs;
bool vs_is_served(const struct statfs *fs);

#endif

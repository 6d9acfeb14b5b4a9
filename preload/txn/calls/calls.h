/* SPDX-License-Identifier: MIT
 *
 * The system calls of the speculative child: each is made, answered, kept until
 * the exec, or rolls back. One line of call.def says which. Raw system calls
 * and our own data only, as in txn/child.
 */
#ifndef VS_CALLS_H
#define VS_CALLS_H

/* Makes a system call, if the child may; else rolls back. The result, or
 * -errno. May change the arguments. */
long vs_child_syscall(long nr, long args[6]);

/* Before an exec: where many of the strings of the two vectors, of which either
 * may be NULL, are lazy, the vectors become copies, in memory that lasts until
 * the next call. To bring in the memory around each string takes longer than a
 * fork. */
void vs_exec_gather(char *const **argv, char *const **envp);

#endif

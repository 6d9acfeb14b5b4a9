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

#endif

/* SPDX-License-Identifier: MIT */
#ifndef VS_LISTENER_H
#define VS_LISTENER_H

#include <stdbool.h>

/* Whether this child, which is in execve(), sleeps there and this process is
 * one that answers fanotify, for which it probably waits. From then on that
 * bars transactions. */
bool vs_txn_is_asked_by(long pid);

#endif

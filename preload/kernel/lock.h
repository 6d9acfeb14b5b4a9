/* SPDX-License-Identifier: MIT
 * A lock that sleeps: a spinning thread of a real-time class would keep the
 * holder from running. Raw system calls only. */
#ifndef VS_LOCK_H
#define VS_LOCK_H

/* 0 is free. In the child of a fork it may have to be set to that. */
typedef _Atomic int vs_lock;

void vs_lock_take(vs_lock *lock);
void vs_lock_drop(vs_lock *lock);

#endif

/* SPDX-License-Identifier: MIT
 * Signals as the kernel has them, where libc's types are larger or hidden. */
#ifndef VS_KSIGNAL_H
#define VS_KSIGNAL_H

#include <signal.h>
#include <stdint.h>

#ifndef SA_RESTORER
#	define SA_RESTORER 0x04000000
#endif

/* struct sigaction of the rt_ system calls. */
struct vs_ksigaction {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

#define VS_SIGBIT(sig)	(1ULL << ((sig)-1))
#define VS_KSIGSET_SIZE 8L
#define VS_ALL_SIGNALS	(~0ULL)
#define VS_KSIGNAL_MAX	64

#endif

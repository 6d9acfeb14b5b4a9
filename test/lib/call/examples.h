/* SPDX-License-Identifier: MIT
 *
 * Arguments that a system call of preload/txn/calls/call.def makes sense with,
 * and those that it is refused with beyond what holds for every call: what
 * call.def says of an argument, SELF, FD and so on, has an example that goes
 * wrong without it. One that has no line here is made with zeros.
 */
#ifndef TEST_CALL_EXAMPLES_H
#define TEST_CALL_EXAMPLES_H

#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "memory.h"

#ifndef F_DUPFD_CLOEXEC
#	define F_DUPFD_CLOEXEC 1030
#endif

enum {
	ROLLS = 1, /* a transaction is rolled back, though it is listed */
	OUTPUT =
		2, /* differs each time: written or not is all there is to it */
	RESULT = 4, /* the same for what it returns */
	MAY = 8,    /* is rolled back or not: if the library has a descriptor */
};

/* Of an argument that is an int, what nobody looks at: it has another half
 * where a long is longer. */
#define OTHER_HALF ((long)(1ULL << 32))

static const struct example {
	const char *name;
	long args[6];
	int flags;
} examples[] = {
#include "process.def"
#include "files.def"
#include "descriptors.def"
#include "older.def"
};

#endif

/* SPDX-License-Identifier: MIT
 * Children made wherever one may be, of each kind. */
#ifndef TEST_THREE_H
#define TEST_THREE_H

#include "util.h"

/* One that execs, one that does not, one that writes to its stack first. */
static void three_children(void)
{
	volatile char frame[3000];

	memset((char *)frame, 'p', sizeof(frame));
	for (int n = 0; n < 3; n++) {
		pid_t pid = fork();

		if (!pid) {
			memset((char *)frame, 'c', sizeof(frame));
			if (n)
				exec_exit(4);
			_exit(heap[77777] == heap_word(77777) ? 4 : 50);
		}
		exits_with(pid, 4);
		ck_assert(all_bytes(frame, sizeof(frame), 'p'));
	}
}

#endif

/* SPDX-License-Identifier: MIT
 * Which of the processes that have a live file counts. */
#include "port.h"
#include "stats/internal.h"

/* Of the process that counts; 0: to be asked. */
static struct vs_member *member;
static _Atomic uint32_t pid;

void vs_member_begin(uint32_t self)
{
	member = NULL;
	pid = self;
}

/* The next place to take, of a table that is full. */
static struct vs_member *take(uint32_t self)
{
	static _Atomic unsigned next;
	struct vs_member *m;
	uint32_t free = 0;

	for (int i = 0; i < VS_MAX_MEMBERS; i++) {
		m = &vs_live->member[i];
		if (m->pid == self ||
		    atomic_compare_exchange_strong(&m->pid, &free, self) ||
		    free == self)
			return m;
		free = 0;
	}
	m = &vs_live->member[(self + next++) % VS_MAX_MEMBERS];
	m->calls = m->committed = m->undone = m->native = 0;
	m->pid = self;
	return m;
}

struct vs_member *vs_member_now(void)
{
	struct vs_member *m = member;

	if (!pid)
		pid = (uint32_t)vs_sys(SYS_getpid);
	if (!m || m->pid != pid)
		member = m = take(pid);
	return m;
}

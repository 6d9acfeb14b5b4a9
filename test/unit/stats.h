/* SPDX-License-Identifier: MIT
 * What the unit tests of stats/ share; and what stands in for the rooms below.
 */
#ifndef TEST_UNIT_STATS_H
#define TEST_UNIT_STATS_H

#include <time.h>

#include "kernel/proc/pid_namespace.h"
#include "kernel/proc/status.h"
#include "kernel/task/aside.h"
#include "libc/facts.h"
#include "libc/module.h"
#include "port.h"
#include "stats/internal.h"
#include "stats/life.h"
#include "unit.h"

uint64_t vs_time_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool vs_only_thread(void)
{
	return true;
}

long vs_proc_status(const char *path, struct vs_proc_status *to)
{
	(void)path;
	*to = (struct vs_proc_status){0};
	return 0;
}

bool vs_children_elsewhere(bool filtered)
{
	(void)filtered;
	return false;
}

bool vs_single_threaded(void)
{
	return true;
}

bool vs_module_of(uintptr_t address, char *path, size_t room, uintptr_t *offset)
{
	strncpy(path, "/lib/module.so", room - 1);
	*offset = address - 0x1000;
	return true;
}

void vs_module_prepare(void)
{
}

long vs_aside(void (*fn)(void *), void *arg)
{
	fn(arg);
	return 0;
}

void vs_sa_restorer(void)
{
}

static UNUSED struct vs_row *row_of(enum vs_entry entry, enum vs_engine engine)
{
	for (int i = 0; i < VS_MAX_ROWS; i++) {
		struct vs_row *row = &vs_tally->row[i];

		if (!row->key) {
			row->key = vs_row_key(entry, engine);
			strcpy(row->entry, vs_entry_name(entry));
		}
		if (row->key == vs_row_key(entry, engine))
			return row;
	}
	ck_abort_msg("no row");
}

__attribute__((constructor)) static void make_room(void)
{
	static struct vs_summary_room room;
	static struct vs_tally tally;

	vs_tally = &tally;
	vs_summary_room = &room;
}

static char file[] UNUSED = "/tmp/vspawn-unit.XXXXXX";

static UNUSED void want_stats(void)
{
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "before\n", 7), 7);
	close(fd);
	vs_config.stats = file;
	vs_config.reports = VS_REPORT_SUMMARY;
	strcpy(vs_config.program, "unit");
}

#endif

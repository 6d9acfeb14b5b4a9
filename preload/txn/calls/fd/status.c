/* SPDX-License-Identifier: MIT
 *
 * /proc/self/status of the speculative child, as it is of a native one. Its
 * signals are those that it believes in. Its memory has the sizes of its
 * parent's: of what a fork copies, and of page tables. Only FDSize may be that
 * of a table with one descriptor more. (proc_pid_status() in fs/proc/array.c,
 * task_mem() in fs/proc/task_mmu.c, dup_mm() in kernel/fork.c)
 */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "base/bytes.h"
#include "txn/calls/fd/owners.h"
#include "txn/child/internal.h"

/* More than that has one of hundreds of groups, or of thousands of CPUs. */
enum { SIZE = 3072, WIDTH = 8 };

/* As the kernel says it, its parent's, and as it is told. */
static struct text {
	char at[SIZE];
	long size;
} own VS_BIG, parent VS_BIG, all VS_BIG;

/* What follows the name of a field, up to the end of the line, or NULL. */
static char *find(struct text *t, const char *name)
{
	for (long i = 0; i < t->size; i++) {
		if ((i == 0 || t->at[i - 1] == '\n') &&
		    vs_begins(t->at + i, name))
			return t->at + i + vs_length(name, '\0');
	}
	return NULL;
}

static char *must_find(struct text *t, const char *name)
{
	char *value = find(t, name);

	if (!value)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_read);
	return value;
}

static unsigned long number(const char *value)
{
	unsigned long n = 0;

	while (*value == '\t' || *value == ' ')
		value++;
	for (; *value >= '0' && *value <= '9'; value++)
		n = 10 * n + (unsigned long)(*value - '0');
	return n;
}

/* ---- signals: 16 hexadecimal digits ---- */

enum { DIGITS = 16, DIGIT_BITS = 4, DIGIT = 15 };

static uint64_t get_set(const char *value)
{
	uint64_t set = 0;

	for (int i = 1; i <= DIGITS; i++) {
		int digit =
			value[i] <= '9' ? value[i] - '0' : value[i] - 'a' + 10;

		set = set << DIGIT_BITS | (unsigned)digit;
	}
	return set;
}

static void put_set(char *value, uint64_t set)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = DIGITS; i > 0; i--, set >>= DIGIT_BITS)
		value[i] = digits[set & DIGIT];
}

static void correct_signals(struct text *t)
{
	char *blocked = must_find(t, "SigBlk:");
	char *ignored = must_find(t, "SigIgn:");
	char *caught = must_find(t, "SigCgt:");
	struct vs_signals_shown shown = {.ignored = get_set(ignored),
					 .caught = get_set(caught)};

	vs_signals_show(&shown);
	put_set(blocked, shown.blocked);
	put_set(ignored, shown.ignored);
	put_set(caught, shown.caught);
}

/* ---- memory: at least 8 digits, with blanks before ---- */

static void add_bytes(const char *bytes, long n)
{
	if (all.size + n > SIZE)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_read);
	vs_copy_up(all.at + all.size, bytes, (size_t)n);
	all.size += n;
}

static void add_number(unsigned long n)
{
	char digits[3 * sizeof(n) + WIDTH];
	int at = (int)sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (at > (int)sizeof(digits) - WIDTH)
		digits[--at] = ' ';
	add_bytes(digits + at, (long)sizeof(digits) - at);
}

/* In KiB. A copy has as much resident as its anonymous memory is, and no more
 * than that has ever been. */
static unsigned long in_copy(const char *name)
{
	if (vs_begins(name, "VmHWM:") || vs_begins(name, "VmRSS:"))
		return number(must_find(&parent, "RssAnon:")) +
		       number(must_find(&own, "RssFile:")) +
		       number(must_find(&own, "RssShmem:"));
	if (vs_begins(name, "VmPeak:"))
		name = "VmSize:";
	return number(must_find(&parent, name));
}

/* The line at `line` with what it says of a copy. */
static bool add_corrected(const char *line)
{
	static const char names[][9] = {
		"VmPeak:", "VmHWM:", "VmRSS:", "RssAnon:",
		"VmData:", "VmStk:", "VmPTE:", "VmSwap:"};

	for (unsigned i = 0; i < VS_COUNT(names); i++) {
		if (!vs_begins(line, names[i]))
			continue;
		add_bytes(names[i], (long)vs_length(names[i], '\0'));
		add_bytes("\t", 1);
		add_number(in_copy(names[i]));
		add_bytes(" kB\n", 4);
		return true;
	}
	return false;
}

static void correct_memory(void)
{
	long length;

	for (long at = 0; at < own.size; at += length) {
		const char *line = own.at + at;

		length = (long)vs_length(line, '\n') + 1;
		if (!add_corrected(line))
			add_bytes(line, length);
	}
}

/* ---- the file ---- */

/* All of it, with a NUL behind. */
static void read_all(long fd, struct text *t)
{
	t->size = vs_sys(SYS_pread64, fd, t->at, SIZE - 1, 0, 0, 0);
	if (t->size <= 0 || t->size == SIZE - 1)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_read);
	t->at[t->size] = '\0';
}

/* By the number that it has in this /proc. */
static void read_parents(void)
{
	enum { LONGEST = 16 };
	char path[sizeof("/proc//status") + LONGEST];
	const char *id = must_find(&own, "PPid:\t");
	size_t length = vs_length(id, '\n');
	char *end;
	long fd;

	if (length > LONGEST)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_read);
	end = vs_copy_up(path, "/proc/", sizeof("/proc/") - 1);
	end = vs_copy_up(end, id, length);
	vs_copy_up(end, "/status", sizeof("/status"));
	fd = vs_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_read);
	read_all(fd, &parent);
	vs_sys(SYS_close, fd);
}

/* The same, for a call that tells it, too. */
unsigned long vs_status_peak(long nr)
{
	long fd = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/status",
			 O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	read_all(fd, &own);
	vs_sys(SYS_close, fd);
	read_parents();
	return in_copy("VmHWM:");
}

/* Only what it says stays: at any place that it is read from. */
long vs_status_read(long fd, char *to, long size)
{
	long at = vs_sys(SYS_lseek, fd, 0, SEEK_CUR), n;

	all.size = 0;
	read_all(fd, &own);
	read_parents();
	correct_signals(&own);
	correct_memory();
	if (at < 0 || at >= all.size || size <= 0)
		return 0;
	n = all.size - at < size ? all.size - at : size;
	vs_pages_want_written((uintptr_t)to, (uintptr_t)n);
	vs_copy_up(to, all.at + at, (size_t)n);
	vs_sys(SYS_lseek, fd, at + n, SEEK_SET);
	return n;
}

/* SPDX-License-Identifier: MIT
 * See status.h. The file may be longer than any buffer, because it lists
 * the groups of the process; so it is read in pieces. */
#include "kernel/proc/status.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/compiler.h"
#include "kernel/proc/read.h"
#include "port.h"

#define NUMBER(key, to)                                         \
	{                                                       \
		key, offsetof(struct vs_proc_status, to), false \
	}
#define HEX(key, to)                                           \
	{                                                      \
		key, offsetof(struct vs_proc_status, to), true \
	}

static const struct field {
	char key[16];
	size_t offset;
	bool hex;
} fields[] = {
	NUMBER("PPid", parent),	    NUMBER("TracerPid", tracer),
	NUMBER("VmSize", mapped),   NUMBER("RssAnon", anonymous),
	NUMBER("Threads", threads), HEX("SigCgt", handled),
	NUMBER("Seccomp", seccomp), NUMBER("Seccomp_filters", filters),
};

/* One character after the other. */
struct reader {
	unsigned length; /* of the key so far */
	bool value;	 /* behind the colon */
	char key[sizeof(fields[0].key)];
	uint64_t number, hex; /* as either */
};

static bool same(const char *a, const char *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (a[i] != b[i])
			return false;
	}
	return n == sizeof(fields[0].key) || !b[n];
}

static void end_of_line(struct reader *r, struct vs_proc_status *to)
{
	for (unsigned i = 0; i < VS_COUNT(fields); i++) {
		if (same(r->key, fields[i].key, r->length))
			*(uint64_t *)((char *)to + fields[i].offset) =
				fields[i].hex ? r->hex : r->number;
	}
	*r = (struct reader){0};
}

static void take_digit(struct reader *r, char c)
{
	if (c >= '0' && c <= '9') {
		r->number = r->number * 10 + (uint64_t)(c - '0');
		r->hex = r->hex << 4 | (uint64_t)(c - '0');
	} else if (c >= 'a' && c <= 'f') {
		r->hex = r->hex << 4 | (uint64_t)(c - 'a' + 10);
	}
}

static void take(struct reader *r, char c, struct vs_proc_status *to)
{
	if (c == '\n')
		end_of_line(r, to);
	else if (c == ':' && !r->value)
		r->value = true;
	else if (r->value)
		take_digit(r, c);
	else if (r->length < sizeof(r->key))
		r->key[r->length++] = c;
	else
		r->key[0] = '\0'; /* longer than any of ours */
}

long vs_proc_status(const char *path, struct vs_proc_status *to)
{
	struct reader reader = {0};
	char buf[1024];
	long fd, n;

	*to = (struct vs_proc_status){0};
	fd = vs_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	while ((n = vs_sys(SYS_read, fd, buf, sizeof(buf))) > 0) {
		for (long i = 0; i < n; i++)
			take(&reader, buf[i], to);
	}
	vs_sys(SYS_close, fd);
	return n;
}

bool vs_proc_confined(void)
{
	static const char free[] = "unconfined";
	char text[sizeof(free)];

	if (vs_proc_read("/proc/thread-self/attr/apparmor/current", text,
			 sizeof(text)) <= 0)
		return false;
	return !same(text, free, sizeof(free) - 1);
}

/* Links of /proc/self/task: one for each, and two (proc_task_getattr() in
 * fs/proc/base.c). */
bool vs_only_thread(void)
{
#ifdef __GLIBC__
	struct stat64 st;
#else
	struct stat st;
#endif

	return !vs_sys(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &st, 0) &&
	       st.st_nlink == 3;
}

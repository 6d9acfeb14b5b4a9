/* SPDX-License-Identifier: MIT
 * What this program is called. */
#include <fcntl.h>
#include <stddef.h>
#include <sys/auxv.h>

#include "base/bytes.h"
#include "base/line.h"
#include "kernel/sys.h"
#include "rules/internal.h"

enum { SIZE = sizeof(((struct vs_who *)NULL)->name[0]) };

/* One that fills the room may be longer. */
static void read_link(const char *link, char *to)
{
	long n = vs_sys(SYS_readlinkat, AT_FDCWD, link, to, SIZE);

	to[n > 0 && n < SIZE ? n : 0] = '\0';
}

static void take(const char *path, char *to)
{
	struct vs_line line = vs_line_in(to, SIZE);

	if (vs_length(path, '\0') < SIZE)
		vs_line_put(&line, path);
}

/* Without links and dots, by the kernel: that of a file that is open. Where
 * that cannot be asked, or it is no file, as it is. */
static void whole_path(const char *path, char *to)
{
	long fd = vs_sys(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC);
	char room[64];
	struct vs_line line = vs_line_in(room, sizeof(room));

	*to = '\0';
	if (fd >= 0) {
		vs_line_put(&line, "/proc/self/fd/");
		vs_line_number(&line, (uint64_t)fd, 10);
		read_link(room, to);
		vs_sys(SYS_close, fd);
	}
	if (!*to)
		take(path, to);
}

void vs_who_find(struct vs_who *who)
{
	const char *executed = (const char *)getauxval(AT_EXECFN);

	read_link("/proc/self/exe", who->name[VS_WHO_FILE]);
	*who->name[VS_WHO_EXECUTED] = '\0';
	if (executed && *executed == '/')
		take(executed, who->name[VS_WHO_EXECUTED]);
	else if (executed)
		whole_path(executed, who->name[VS_WHO_EXECUTED]);
	*who->name[VS_WHO_SCRIPT] = '\0';
	if (*vs_config.argument)
		whole_path(vs_config.argument, who->name[VS_WHO_SCRIPT]);
}

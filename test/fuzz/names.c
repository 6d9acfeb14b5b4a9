/* SPDX-License-Identifier: MIT
 * Descriptors and names for steps: such as there are, and others. */
#include "fuzz.h"

int any_fd(struct rng *r)
{
	static const int odd[] = {-1, AT_FDCWD, INT_MAX, 1 << 20, -1000, 1200};
	static const int edge[] = {1020, 4090, 60, 250, 2046};
	unsigned choice = below(r, 20);

	if (choice < 12) {
		int fd = model.opened[below(r, OPENED)];

		return fd < 0 ? (int)below(r, 12) : fd;
	}
	if (choice < 16)
		return (int)below(r, 14);
	if (choice < 18)
		return 95 + (int)below(r, 14);
	if (choice < 19)
		return PICK(r, edge) + (int)below(r, 8);
	return PICK(r, odd);
}

bool may_make(const char *path)
{
	char at[PATH_MAX];

	return *path == '/' || (vs_sys(SYS_getcwd, at, sizeof(at)) > 0 &&
				!strncmp(at, folder, strlen(folder)));
}

const char *any_path(struct rng *r, char *room)
{
	static const char *const names[] = {
		"file0",     "file1",	   "file2",
		"file3",     "text",	   "data",
		"d",	     "d/inner",	   "link",
		"dangling",  "locked",	   "locked/x",
		".",	     "..",	   "/",
		"",	     "file0/x",	   "d/../file0",
		"/no/such",  "/dev/null",  "/dev/zero",
		"/dev/full", "/proc/self", "/proc/self/fd",
		"root",	     "script",	   "/proc/self/cwd",
	};
	static const char *const made[] = {"new0", "new1", "d/new2"};

	switch (below(r, 8)) {
	case 0:
		/* Not where the library has its own: that can be seen. */
		snprintf(room, PATH_MAX, "/proc/self/fd/%d", any_fd(r) % 95);
		break;
	case 1:
		snprintf(room, PATH_MAX, "%s/w/%s", folder, PICK(r, names));
		break;
	case 2:
		snprintf(room, PATH_MAX, "%s/w/%s", folder, PICK(r, made));
		break;
	case 3:
		snprintf(room, PATH_MAX, "%s", PICK(r, made));
		break;
	case 4:
		if (once_in(r, 8)) {
			memset(room, 'x', PATH_MAX - 1);
			room[PATH_MAX - 1] = '\0';
			break;
		} /* fall through */
	default:
		snprintf(room, PATH_MAX, "%s", PICK(r, names));
	}
	return room;
}

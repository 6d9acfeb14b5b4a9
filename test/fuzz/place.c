/* SPDX-License-Identifier: MIT
 *
 * The files and descriptors that a program finds. Its folder is the same in
 * every run, and what is in it made anew.
 */
#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "world.h"

const char *folder;

static const struct {
	const char *name, *content; /* NULL: a folder */
	mode_t mode;
} places[] = {
	{"file0", "zero one two three four five six seven eight nine", 0644},
	{"file1", "", 0666},
	{"file2", "private", 0600},
	{"file3", "closed", 0},
	{"text", "exit 3\n", 0755},
	{"data", "#!/no/such/interpreter\n", 0755},
	{"script", "#!image with\n", 0555},
	{"out", "", 0666},
	{"err", "", 0666},
	{"d", NULL, 0755},
	{"d/inner", "inner", 0644},
	{"root", NULL, 0755},
	{"locked", NULL, 0700},
};

static void note(const char *name)
{
	struct stat st;

	if (!stat(name, &st) && shared->files < MAX_FILES) {
		shared->file[shared->files].dev = st.st_dev;
		shared->file[shared->files++].ino = st.st_ino;
	}
}

void make_files(void)
{
	umask(0);
	shared->files = 0;
	if (mkdir("w", 0777) || chdir("w"))
		exit(3);
	for (int i = 0; i < LENGTH(places); i++) {
		int fd;

		if (!places[i].content) {
			mkdir(places[i].name, places[i].mode);
			note(places[i].name);
			continue;
		}
		fd = open(places[i].name, O_CREAT | O_RDWR, places[i].mode);
		if (write(fd, places[i].content, strlen(places[i].content)) < 0)
			exit(3);
		close(fd);
		note(places[i].name);
	}
	note(".");
	note("/");
	if (symlink("file0", "link") || symlink("nowhere", "dangling") ||
	    link("../image", "image") || link("../image", "root/image") ||
	    link("../dynamic", "dynamic") || mkfifo("fifo", 0666))
		exit(3);
	note("fifo");
	umask(022);
}

/* ---- descriptors ---- */

static void keep(int fd)
{
	for (int i = 0; i < OPENED; i++) {
		if (model.opened[i] < 0) {
			model.opened[i] = fd;
			return;
		}
	}
}

void opened(int fd)
{
	if (fd >= 0)
		keep(fd);
}

static void onto(int to, const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd != to) {
		dup2(fd, to);
		close(fd);
	}
}

void open_files(struct rng *r)
{
	static const int flags[] = {O_RDONLY, O_RDWR, O_WRONLY | O_APPEND};
	static const int high[] = {30, 63, 64, 99, 100, 101, 127, 500, 1023};
	int ends[2];

	memset(model.opened, -1, sizeof(model.opened));
	onto(0, "/dev/null", O_RDWR);
	onto(1, "out", O_WRONLY | O_APPEND);
	onto(2, "err", O_WRONLY);
	close_range(3, ~0U, 0);
	for (unsigned i = below(r, 4); i < 4; i++)
		keep(open(i & 1 ? "file0" : "file1",
			  PICK(r, flags) | (once_in(r, 2) ? O_CLOEXEC : 0)));
	if (once_in(r, 2) && !pipe2(ends, O_NONBLOCK)) {
		keep(ends[0]);
		keep(ends[1]);
	}
	if (once_in(r, 4) &&
	    !socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends)) {
		keep(ends[0]);
		keep(ends[1]);
	}
	if (once_in(r, 4))
		keep(eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC));
	if (once_in(r, 4))
		keep(open("d", O_RDONLY | O_DIRECTORY));
	if (once_in(r, 4))
		keep(fcntl(1, F_DUPFD, PICK(r, high)));
	if (once_in(r, 8))
		keep(dup2(2, PICK(r, high)));
}

/* ---- the end ---- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void say_file(const char *name)
{
	char text[4096];
	struct stat st;
	ssize_t n = 0;
	int fd;

	if (lstat(name, &st))
		return;
	say("file %s %o %d links %d size %ld", name, st.st_mode, st.st_uid,
	    (int)st.st_nlink, S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
	if (S_ISREG(st.st_mode) && st.st_size < 100000) {
		fd = open(name, O_RDONLY);
		n = read(fd, text, sizeof(text));
		close(fd);
		say(" %lx %.*s", hash(1, text, n < 0 ? 0 : (size_t)n),
		    n < 60 ? (int)n : 0, text);
	}
	say("\n");
}

static void each(const char *path, void (*act)(const char *))
{
	struct dirent **list;
	int n = scandir(path, &list, NULL, by_name);
	char name[600];

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, list[i]->d_name);
		if (strcmp(list[i]->d_name, ".") &&
		    strcmp(list[i]->d_name, ".."))
			act(name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void say_tree(const char *name)
{
	struct stat st;

	say_file(name);
	if (!lstat(name, &st) && S_ISDIR(st.st_mode))
		each(name, say_tree);
}

static void remove_tree(const char *name)
{
	if (unlink(name) && (errno == EISDIR || errno == EPERM)) {
		each(name, remove_tree);
		rmdir(name);
	}
}

/* In the folder. */
void files_hash(void)
{
	each("w", say_tree);
}

static void remove_own(const char *name)
{
	if (strcmp(name, "./image") && strcmp(name, "./dynamic"))
		remove_tree(name);
}

/* Also those of programs that have gone up one folder, or two. */
void remove_files(void)
{
	char name[16];

	each(".", remove_own);
	unlink("../new0");
	unlink("../new1");
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "../file%d", i);
		rmdir(name);
	}
}

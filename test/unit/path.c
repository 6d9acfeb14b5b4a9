/* SPDX-License-Identifier: MIT
 * spawn/path.c: the room that the search needs, and the errors it ends with,
 * against glibc's execvpe(). What is searched for does not exist or may not be
 * run: nothing execs. */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "spawn/internal.h"
#include "unit.h"

/* ---- the room ---- */

/* The longest element that a path may have, a name, a slash and the end. */
static size_t reference(const char *path)
{
	char *copy = strdup(path), *rest = copy, *element;
	size_t longest = 0;

	while ((element = strsep(&rest, ":"))) {
		size_t n = strlen(element);

		if (n < PATH_MAX && n > longest)
			longest = n;
	}
	free(copy);
	return longest + NAME_MAX + 2;
}

static char *fill(char *to, char with, size_t n)
{
	memset(to, with, n);
	to[n] = '\0';
	return to + n;
}

static void random_path(struct dice *d, char *to)
{
	*to = '\0';
	for (unsigned n = roll(d, 8); n; n--) {
		unsigned kind = roll(d, 10);

		to = fill(to, 'd',
			  kind == 0   ? PATH_MAX - 2 + roll(d, 4)
			  : kind == 1 ? roll(d, PATH_MAX)
				      : roll(d, 30));
		if (n > 1 || roll(d, 2))
			to = stpcpy(to, ":");
	}
}

START_TEST(room)
{
	static char path[10 * PATH_MAX];
	struct dice d = dice(1);

	for (int i = 0; i < 5000; i++) {
		random_path(&d, path);
		if (vs_path_room(path) != reference(path))
			ck_abort_msg("round %d", i);
	}
}
END_TEST

START_TEST(least_room)
{
	ck_assert_uint_eq(vs_path_room(""), 0 + 1 + NAME_MAX + 1);
	ck_assert_uint_eq(vs_path_room(":"), 0 + 1 + NAME_MAX + 1);
	ck_assert_uint_eq(vs_path_room("/bin"), 4 + 1 + NAME_MAX + 1);
}
END_TEST

/* ---- the search ---- */

static char *const argv[] = {"x", NULL};

/* The errno it ends with, in exactly the room that is asked for. */
static long ours(const char *path, const char *file)
{
	size_t size = vs_path_room(path);
	struct vs_spawn s = {.file = file,
			     .path = path,
			     .argv = argv,
			     .envp = environ,
			     .buffer = malloc(size)};
	long r;

	ck_assert(!size || s.buffer);
	r = vs_path_exec(&s);
	free(s.buffer);
	return -r;
}

static long glibc(const char *path, const char *file)
{
	setenv("PATH", path, 1);
	execvpe(file, argv, environ);
	return errno;
}

static char top[] = "/tmp/vspawn-unit.XXXXXX";

/* Folders for each way to fail. The program at their ends would not run: its
 * interpreter, or its loader, is not there. */
static void make_folders(void)
{
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	mkdir("none", 0755);
	mkdir("folder", 0755);
	mkdir("folder/prog", 0755);
	mkdir("denied", 0755);
	close(open("denied/prog", O_CREAT | O_WRONLY, 0644));
	mkdir("interpreter", 0755);
	fd = open("interpreter/prog", O_CREAT | O_WRONLY, 0755);
	dprintf(fd, "#!/none/such\n");
	close(fd);
	close(open("file", O_CREAT | O_WRONLY, 0644));
	ck_assert_int_eq(symlink("loop", "loop"), 0);
	mkdir("busy", 0755);
	/* Open for writing: ETXTBSY. */
	dprintf(open("busy/prog", O_CREAT | O_WRONLY, 0755), "\177ELF");
}

static void remove_folders(void)
{
	char command[64];

	setenv("PATH", "/usr/bin:/bin", 1);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(errors)
{
	static const char *const elements[] = {
		"none",	     "folder", "denied", "file", "interpreter",
		"missing/x", "",       "loop",	 "busy"};
	static const char *const files[] = {"prog",    "prog", "prog",
					    "nothing", "file", ""};
	struct dice d = dice(1);
	char wrong[512] = "";

	make_folders();
	for (int i = 0; i < 2000 && !*wrong; i++) {
		char path[256], *at = path;
		const char *file = files[roll(&d, LENGTH(files))];
		long have, want;

		*path = '\0';
		for (unsigned n = roll(&d, 5); n; n--) {
			/* The last two, which end a search, are rare. */
			unsigned kind = roll(&d, 30);

			at = stpcpy(at, elements[kind == 29   ? 8
						 : kind == 28 ? 7
							      : kind % 7]);
			if (n > 1)
				at = stpcpy(at, ":");
		}
		have = ours(path, file);
		want = glibc(path, file);
		if (have != want)
			snprintf(wrong, sizeof(wrong),
				 "PATH=%s, %s: %ld, not %ld", path, file, have,
				 want);
	}
	remove_folders();
	ck_assert_str_eq(wrong, "");
}
END_TEST

START_TEST(names_that_are_not_searched)
{
	char longest[NAME_MAX + 2];

	ck_assert_int_eq(ours("/bin", ""), ENOENT);
	ck_assert_int_eq(ours("/bin", "/none/such"), ENOENT);
	ck_assert_int_eq(ours("/bin", "./"), EACCES);
	fill(longest, 'f', NAME_MAX + 1);
	ck_assert_int_eq(ours("/bin", longest), ENAMETOOLONG);
	fill(longest, 'f', NAME_MAX);
	ck_assert_int_eq(ours("/bin", longest), ENOENT);
}
END_TEST

/* Elements that no path may be as long as are passed over; one that the name
 * makes too long says so and goes on, or ends the search: as glibc. */
START_TEST(long_elements)
{
	static char path[6 * PATH_MAX];

	for (size_t n = PATH_MAX - 8; n < PATH_MAX + 4; n++) {
		char *at = fill(path, 'd', n);

		strcpy(at, ":/none");
		ck_assert_int_eq(ours(path, "prog"), glibc(path, "prog"));
		at = fill(stpcpy(path, "/none:"), 'd', n);
		ck_assert_int_eq(ours(path, "prog"), glibc(path, "prog"));
	}
}
END_TEST

UNIT(path, room, least_room, errors, names_that_are_not_searched, long_elements)

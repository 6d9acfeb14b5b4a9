/* SPDX-License-Identifier: MIT
 *
 * What a child of fork() does to files happens once, whether it execs in the
 * end or not.
 */
#include <glob.h>
#include <sys/file.h>

#include "files.h"

static void creates_exclusively(void)
{
	must_open(O_WRONLY | O_CREAT | O_EXCL);
	put("once");
}

static void creates(void)
{
	bool old = !access(file, F_OK);

	must_open(O_WRONLY | O_CREAT);
	if (old)
		_exit(52);
	put("once");
}

static void creates_named_by_pid(void)
{
	char name[200];

	snprintf(name, sizeof(name), "%s.%d", file, getpid());
	close(open(name, O_WRONLY | O_CREAT, 0644));
	must_open(O_WRONLY | O_CREAT);
	put("once");
}

/* By a name that leads to another file of somebody's, afterwards. */
static void creates_and_leaves(const char *name)
{
	int fd;

	if (chdir(folder))
		_exit(56);
	fd = open(name, O_WRONLY | O_CREAT, 0644);
	if (chdir("other"))
		_exit(56);
	dup2(fd, 9);
	put("once");
}

static void creates_from_its_folder(void)
{
	creates_and_leaves("/proc/self/cwd/file");
}

static void creates_in_its_folder(void)
{
	creates_and_leaves("file");
}

static void creates_in_a_folder(void)
{
	int fd;

	dup2(open(folder, O_PATH), 10);
	fd = openat(10, "other/../file", O_WRONLY | O_CREAT, 0644);
	dup2(open(in_folder("other"), O_PATH), 10);
	dup2(fd, 9);
	put("once");
}

static void creates_from_a_folder(void)
{
	int fd;

	dup2(open(folder, O_PATH), 10);
	fd = open("/proc/self/fd/10/file", O_WRONLY | O_CREAT, 0644);
	dup2(open(in_folder("other"), O_PATH), 10);
	dup2(fd, 9);
	put("once");
}

static void appends(void)
{
	must_open(O_WRONLY | O_CREAT | O_APPEND);
	put("on");
	put("ce");
}

/* A counter, read, incremented, written back. */
static void counts(void)
{
	char digit = '0';

	must_open(O_RDWR | O_CREAT);
	if (pread(9, &digit, 1, 0) == 1)
		digit++;
	if (pwrite(9, &digit, 1, 0) != 1)
		_exit(51);
	if (digit == '0')
		put("once");
}

static void renames(void)
{
	char name[200];

	snprintf(name, sizeof(name), "%s.new", file);
	close(open(name, O_WRONLY | O_CREAT, 0644));
	if (rename(name, file))
		_exit(53);
	must_open(O_WRONLY);
	put("once");
}

static void makes_and_removes(void)
{
	if (mkdir(file, 0700) || rmdir(file) || symlink("x", file) ||
	    unlink(file))
		_exit(54);
	creates_exclusively();
}

static void inherits(void)
{
	if (write(8, "once", 4) != 4)
		_exit(51);
}

static void locks(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	must_open(O_RDWR | O_CREAT);
	if (flock(9, LOCK_EX | LOCK_NB) || fcntl(9, F_SETLK, &lock))
		_exit(55);
	put("once");
}

static void (*const actions[])(void) = {creates_exclusively,
					creates,
					creates_named_by_pid,
					creates_from_its_folder,
					creates_from_a_folder,
					creates_in_its_folder,
					creates_in_a_folder,
					appends,
					counts,
					renames,
					inherits,
					makes_and_removes,
					locks};

/* Of files named by pid, none of a child that fork() has not returned. */
static void one_by_pid(pid_t pid)
{
	char pattern[100], name[100];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s.*", file);
	snprintf(name, sizeof(name), "%s.%d", file, pid);
	ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
	ck_assert_uint_eq(found.gl_pathc, 1);
	ck_assert_str_eq(found.gl_pathv[0], name);
	unlink(name);
	globfree(&found);
}

/* Another one of the same name. */
static void make_other(void)
{
	mkdir(in_folder("other"), 0700);
	close(open(in_folder("other/file"), O_WRONLY | O_CREAT, 0600));
}

/* Every action before every ending, in a first child and in one whose fork
 * has been called before. */
START_TEST(happens_once)
{
	void (*action)(void) = actions[_i / LENGTH(endings)];

	for (int n = 0; n < 4; n++) {
		pid_t pid;

		make_other();
		make_file("");
		if (action != inherits)
			unlink(file);
		pid = child_acts(action, endings[_i % LENGTH(endings)]);
		if (action == creates_named_by_pid)
			one_by_pid(pid);
		has_happened_once();
		ck_assert_int_eq(access(in_folder("other/file"), F_OK), 0);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("files");

	tcase_add_loop_test(tcase, happens_once, 0,
			    LENGTH(actions) * LENGTH(endings));
	return run_suite("fork: files", tcase);
}

/* SPDX-License-Identifier: MIT
 *
 * What a child of fork() does to files happens once, whether it execs in the
 * end or not.
 */
#include <glob.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "util.h"

/* What the action works on; it opens it as 9. 8 is inherited. */
static char *file;

static void must_open(int flags)
{
	int fd = open(file, flags, 0644);

	if (fd < 0)
		_exit(50);
	if (fd != 9)
		dup2(fd, 9), close(fd);
}

static void put(const char *text)
{
	if (write(9, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(51);
}

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

/* Saves what was there before it empties the file. */
static void truncates(void)
{
	char text[8] = "";

	must_open(O_RDONLY);
	if (read(9, text, sizeof(text)) != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

/* Looks at it without its name, which libc's fstat() has since glibc 2.33. The
 * kernel's struct is another one on CPUs of 32 bits. */
static void truncates_by_size(void)
{
	int fd = open(file, O_RDONLY);
	struct stat st;
	long r = sizeof(long) < sizeof(int64_t) ? fstat(fd, &st)
						: vs_sys(SYS_fstat, fd, &st);

	if (r || st.st_size != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

static void truncates_by_what_is_left(void)
{
	int fd = open(file, O_RDONLY), n = 0;

	if (ioctl(fd, FIONREAD, &n) || n != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

/* 8 is inherited. */
static void truncates_by_its_end(void)
{
	if (lseek(8, 0, SEEK_END) != 3)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
	put("once");
}

static void truncates_what_it_maps(void)
{
	int fd = open(file, O_RDONLY);
	char *text = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	if (text == MAP_FAILED || memcmp(text, "old", 4) != 0)
		_exit(52);
	must_open(O_WRONLY | O_TRUNC);
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
					truncates,
					truncates_by_size,
					truncates_by_what_is_left,
					truncates_by_its_end,
					truncates_what_it_maps,
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

static int action;

static bool truncates_old(void)
{
	return actions[action] == truncates ||
	       actions[action] == truncates_by_size ||
	       actions[action] == truncates_by_what_is_left ||
	       actions[action] == truncates_by_its_end ||
	       actions[action] == truncates_what_it_maps;
}

static void nothing_more(void)
{
}

static void sleeps(void)
{
	usleep(1000);
}

static void fails_to_exec(void)
{
	execl("/no/such/program", "program", NULL);
}

static void finds_its_program(void)
{
	exec_exit(4);
}

static void (*const endings[])(void) = {nothing_more, sleeps, fails_to_exec,
					finds_its_program};

/* Every action before every ending, in a first child and in one whose fork
 * has been called before. */
START_TEST(happens_once)
{
	action = _i / LENGTH(endings);
	for (int n = 0; n < 4; n++) {
		pid_t pid;
		char *text;

		make_other();
		file = in_folder("file");
		unlink(file);
		dup2(open(file, O_WRONLY | O_CREAT | O_APPEND, 0600), 8);
		if (truncates_old())
			ck_assert_int_eq(write(8, "old", 3), 3);
		else if (actions[action] != inherits)
			unlink(file);
		pid = fork();
		if (!pid) {
			actions[action]();
			endings[_i % LENGTH(endings)]();
			_exit(4);
		}
		exits_with(pid, 4);
		if (actions[action] == creates_named_by_pid)
			one_by_pid(pid);
		text = slurp(file);
		ck_assert_str_eq(text, "once");
		free(text);
		ck_assert_int_eq(access(in_folder("other/file"), F_OK), 0);
	}
}
END_TEST

/* ---- a log that several have open ---- */

/* Shared; the other process has the file open, or has written there. */
static volatile bool *there;

/* As soon as there is one. */
static void writes_there(int told)
{
	char c;
	int fd;

	while ((fd = open(file, O_WRONLY | O_APPEND)) < 0)
		;
	if (told >= 0) {
		*there = true;
		read(told, &c, 1);
	}
	if (write(fd, "other", 5) != 5)
		_exit(1);
	close(fd);
	*there = true;
	_exit(0);
}

/* For milliseconds, for the other one. */
static void creates_and_waits(void)
{
	must_open(O_WRONLY | O_CREAT | O_APPEND);
	for (long i = 0; i < 30000000 && !*there; i++)
		;
	put("child");
}

/* What the other one writes at once, or later, is not lost with the file of a
 * child that is undone. */
START_TEST(others_keep_it)
{
	int told[2];
	pid_t other, pid;
	char *text;

	there = mmap(NULL, sizeof(*there), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	file = in_folder("log");
	for (int n = 0; n < 8; n++) {
		unlink(file);
		*there = false;
		ck_assert_int_eq(pipe(told), 0);
		other = raw_fork();
		if (!other)
			writes_there(n % 2 ? told[0] : -1);
		pid = fork();
		if (!pid) {
			creates_and_waits();
			_exit(4);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(write(told[1], "x", 1), 1);
		exits_with(other, 0);
		text = slurp(file);
		ck_assert_ptr_nonnull(strstr(text, "child"));
		ck_assert_ptr_nonnull(strstr(text, "other"));
		free(text);
		close(told[0]);
		close(told[1]);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("files");

	tcase_add_test(tcase, others_keep_it);
	tcase_add_loop_test(tcase, happens_once, 0,
			    LENGTH(actions) * LENGTH(endings));
	return run_suite("fork: files", tcase);
}

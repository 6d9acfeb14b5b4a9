/* SPDX-License-Identifier: MIT
 *
 * Names that a child makes although they are there, and takes away although
 * they are not, before it execs: it is told what a child by the system call is
 * told, and nothing has changed.
 */
#include <sys/mount.h>
#include <sys/resource.h>

#include "call/outcome.h"

static char *say(char *text, long r)
{
	return text + sprintf(text, "%ld ", r == -1 ? -errno : r);
}

/* All of them, on one name. */
static char *say_all(char *text, const char *name)
{
	text = say(text, mkdir(name, 0700));
	text = say(text, unlink(name));
	text = say(text, rmdir(name));
	text = say(text, rename(name, name));
	return say(text, open(name, O_CREAT | O_EXCL | O_WRONLY, 0600));
}

static char *say_making(char *text, const char *name)
{
	text = say(text, mkdir(name, 0700));
	return say(text, open(name, O_CREAT | O_EXCL | O_WRONLY, 0600));
}

static char *say_removing(char *text, const char *name)
{
	text = say(text, unlink(name));
	text = say(text, rmdir(name));
	return say(text, rename(name, name));
}

/* ---- these commit ---- */

/* Whatever it is, and wherever a link leads. */
static void is_there(char *text)
{
	static const char *const names[] = {"file", "dir", "link", "dangling",
					    "fifo"};

	for (int i = 0; i < LENGTH(names); i++) {
		text = say_making(text, in_folder(names[i]));
		chdir(folder);
		text = say_making(text, names[i]);
		chdir("/");
	}
	text = say(text, mkdir(in_folder("dir//"), 0700));
	text = say(text, mkdir(in_folder("dangling/"), 0700));
	text = say(text, mkdir(in_folder("file/"), 0700));
	text = say(text, mkdirat(DIR_FD, "to_dir", 0700));
	say(text, mkdir("/proc/self", 0700));
}

static void is_not_there(char *text)
{
	text = say_removing(text, in_folder("missing"));
	text = say(text, unlink(in_folder("missing/")));
	text = say(text, rmdir(in_folder("missing//")));
	text = say(text, unlinkat(DIR_FD, "missing", 0));
	say(text, renameat(DIR_FD, "missing", DIR_FD, "file"));
}

/* It is the way that is missing, or is none. */
static void is_nowhere(char *text)
{
	text = say_all(text, in_folder("missing/name"));
	text = say_all(text, in_folder("file/name"));
	text = say_all(text, in_folder("dangling/name"));
	text = say_all(text, in_folder("loop/name"));
	text = say(text, mkdirat(CLOSED, "name", 0700));
	text = say(text, mkdirat(FILE_FD, "name", 0700));
	say(text, mkdirat(OURS, "name", 0700));
}

/* To root nothing is forbidden, nor is it here to search some. */
static void is_not_allowed(char *text)
{
	setuid(65534);
	text = say_all(text, in_folder("closed/name"));
	text = say_making(text, in_folder("listed/file"));
	text = say_removing(text, in_folder("searched/missing"));
	text = say_making(text, in_folder("searched/file"));
	say_removing(text, in_folder("sticky/by_link/missing"));
}

/* ---- these do not ---- */

static void makes(char *text)
{
	text = say(text, mkdir(in_folder("name"), 0700));
	say(text, rmdir(in_folder("name")));
}

static void makes_exclusively(char *text)
{
	const char *name = in_folder("name");

	text = say(text, open(name, O_CREAT | O_EXCL | O_WRONLY, 0600) > 0);
	say(text, unlink(name));
}

/* That is said before the name is looked at. */
static void has_no_number(char *text)
{
	struct rlimit limit = {.rlim_cur = 0, .rlim_max = 8192};

	setrlimit(RLIMIT_NOFILE, &limit);
	text = say_making(text, in_folder("file"));
	say_making(text, in_folder("file/name"));
}

static void removes(char *text)
{
	text = say(text, rename(in_folder("short"), in_folder("name")));
	text = say(text, rename(in_folder("name"), in_folder("short")));
	text = say(text, unlink(in_folder("short")));
	say(text, unlink(in_folder("short")));
}

static void has_no_name(char *text)
{
	text = say_all(text, "/");
	text = say_all(text, ".");
	text = say_all(text, "..");
	text = say_all(text, "");
	text = say_all(text, NULL);
	say(text, open(in_folder("file/"), O_CREAT | O_EXCL, 0600));
}

/* Before it is looked for, it must not be. */
static void is_read_only(char *text)
{
	text = say_removing(text, in_folder("constant/missing"));
	text = say_making(text, in_folder("constant/missing"));
	say(text, rmdir(in_folder("constant/missing")));
}

static void goes_elsewhere(char *text)
{
	text = say(text, rename(in_folder("missing"), in_folder("file/name")));
	text = say(text, rename(in_folder("missing"), "/proc/name"));
	text = say(text, unlinkat(DIR_FD, "to_dir/missing", 0));
	say(text, rename(in_folder("missing"), in_folder("/.")));
}

/* ---- compared ---- */

static const struct trial trials[] = {
	{is_there, false},	   {is_not_there, false}, {is_nowhere, false},
	{is_not_allowed, false},   {makes, true},	  {removes, true},
	{makes_exclusively, true}, {has_no_name, true},	  {is_read_only, true},
	{goes_elsewhere, true},	   {has_no_number, true},
};

static void make_dir(const char *name, mode_t mode)
{
	int fd;

	mkdir(in_folder(name), 0755);
	fd = open(in_folder(name), O_RDONLY | O_DIRECTORY);
	close(openat(fd, "file", O_CREAT | O_WRONLY, 0600));
	close(fd);
	chmod(in_folder(name), mode);
}

static void make_names(void)
{
	chmod(folder, 0755);
	make_dir("dir", 0755);
	make_dir("closed", 0700);
	make_dir("listed", 0744);
	make_dir("searched", 0711);
	make_dir("sticky", 01777);
	make_dir("constant", 0755);
	mkdir(in_folder("dir/inner"), 0755);
	symlink("dir", in_folder("to_dir"));
	symlink("nothing", in_folder("dangling"));
	symlink("loop", in_folder("loop"));
	symlink("..", in_folder("sticky/by_link"));
	lchown(in_folder("sticky/by_link"), 1, 1);
	mount(folder, in_folder("constant"), NULL, MS_BIND, NULL);
	mount(NULL, in_folder("constant"), NULL,
	      MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static void scene(void)
{
	set_scene();
	make_names();
	same_outcomes(trials, LENGTH(trials));
	umount2(in_folder("constant"), MNT_DETACH);
}

START_TEST(futile)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("futile");

	make_counts();
	tcase_add_test(tcase, futile);
	return run_scenes("fork: futile", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 * posix_spawnp(): the search in PATH. Programs are copies of `show`, so that
 * the child tells from where it was taken. */
#include "spawn_test.h"

static char *sub(const char *name)
{
	char *path = in_folder(name);

	if (mkdir(path, 0755))
		ck_assert_int_eq(errno, EEXIST);
	return path;
}

static void program(const char *folder_name, const char *name)
{
	char path[NAME_MAX + 40];

	sub(folder_name);
	snprintf(path, sizeof(path), "%s/%s", folder_name, name);
	ck_assert_int_eq(symlink(show, in_folder(path)), 0);
}

/* PATH, with every @ replaced by the test's folder. */
static void set_path(const char *value)
{
	static char path[16 * PATH_MAX];
	char *at = path;

	for (; *value; value++) {
		if (*value == '@')
			at = stpcpy(at, folder);
		else
			*at++ = *value;
	}
	*at = '\0';
	setenv("PATH", path, 1);
}

/* 0, or the error. */
static int search(const char *file)
{
	char *args[] = {"x", out, NULL};
	pid_t pid = -77;
	int error = posix_spawnp(&pid, file, NULL, NULL, args, environ);

	if (error) {
		ck_assert_int_eq(pid, -77);
		no_child();
		return error;
	}
	ck_assert_int_eq(wait_for(pid), 0);
	unlink(out);
	return 0;
}

START_TEST(first_of_two)
{
	program("a", "prog");
	write_file(in_folder("a/prog2"), "#!/bin/sh\nexit 0\n", 0755);
	sub("b");
	write_file(in_folder("b/prog"), "#!/bin/sh\nexit 9\n", 0755);
	set_path("@/a:@/b");
	ck_assert_int_eq(search("prog"), 0);
	ck_assert_int_eq(search("prog2"), 0);
	set_path("@/none:@/a/prog:@/a");
	ck_assert_int_eq(search("prog"), 0);
	ck_assert_int_eq(search("prog3"), ENOENT);
	ck_assert_int_eq(search(""), ENOENT);
}
END_TEST

START_TEST(last_error)
{
	program("a", "prog");
	/* Nothing there; then below something that is no folder. */
	set_path("@/none:@/a/prog");
	ck_assert_int_eq(search("prog"), ENOTDIR);
	set_path("@/a/prog:@/none");
	ck_assert_int_eq(search("prog"), ENOENT);
}
END_TEST

START_TEST(slash)
{
	program("a", "prog");
	set_path("@/a");
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(search("a/prog"), 0);
	ck_assert_int_eq(search("./prog"), ENOENT);
	ck_assert_int_eq(search(in_folder("a/prog")), 0);
	ck_assert_int_eq(search("a/"), EACCES);
}
END_TEST

START_TEST(empty_element)
{
	program("a", "prog");
	ck_assert_int_eq(chdir(in_folder("a")), 0);
	set_path("");
	ck_assert_int_eq(search("prog"), 0);
	set_path(":@/none");
	ck_assert_int_eq(search("prog"), 0);
	set_path("@/none:");
	ck_assert_int_eq(search("prog"), 0);
	set_path("@/none::@/none");
	ck_assert_int_eq(search("prog"), 0);
	set_path("@/none");
	ck_assert_int_eq(search("prog"), ENOENT);
	set_path("@/none:.");
	ck_assert_int_eq(search("prog"), 0);
}
END_TEST

START_TEST(unset)
{
	unsetenv("PATH");
	ck_assert_int_eq(chdir(folder), 0);
	program(".", "prog");
	ck_assert_int_eq(search("prog"), ENOENT);
	write_file(in_folder("vspawn-script"), "exit\n", 0755);
	ck_assert_int_eq(search("vspawn-script"), ENOENT);
	/* /bin, /usr/bin */
	ck_assert_int_eq(search("true"), 0);
	clearenv();
	ck_assert_int_eq(search("true"), 0);
	environ = NULL;
	ck_assert_int_eq(search("true"), 0);
}
END_TEST

START_TEST(denied)
{
	program("b", "prog");
	sub("a");
	write_file(in_folder("a/prog"), "x", 0644);
	write_file(in_folder("a/other"), "x", 0644);
	set_path("@/a:@/b");
	ck_assert_int_eq(search("prog"), 0);
	ck_assert_int_eq(search("other"), EACCES);
	set_path("@/a:@/none");
	ck_assert_int_eq(search("other"), EACCES);
	/* A folder by that name is not executable either. */
	sub("c");
	sub("c/prog");
	set_path("@/c:@/b");
	ck_assert_int_eq(search("prog"), 0);
	set_path("@/c");
	ck_assert_int_eq(search("prog"), EACCES);
}
END_TEST

START_TEST(other_errors_end_the_search)
{
	program("b", "prog");
	program("b", "loop");
	sub("a");
	unlink(in_folder("a/loop"));
	ck_assert_int_eq(symlink("loop", in_folder("a/loop")), 0);
	write_file(in_folder("a/prog"), "no format\n", 0755);
	set_path("@/a:@/b");
	ck_assert_int_eq(search("prog"), ENOEXEC);
	ck_assert_int_eq(search("loop"), ELOOP);
	set_path("@/b:@/a");
	ck_assert_int_eq(search("prog"), 0);
}
END_TEST

START_TEST(long_names)
{
	char name[NAME_MAX + 2];

	memset(name, 'a', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	set_path("@");
	ck_assert_int_eq(search(name), ENAMETOOLONG);
	name[NAME_MAX] = '\0';
	ck_assert_int_eq(search(name), ENOENT);
	program(".", name);
	ck_assert_int_eq(search(name), 0);
}
END_TEST

START_TEST(long_path)
{
	char path[PATH_MAX * 4];
	size_t n;

	program("b", "prog");
	for (n = 0; n < PATH_MAX - 200; n += 6)
		memcpy(path + n, "/none:", 6);
	strcpy(path + n, "@/b");
	set_path(path);
	ck_assert_int_eq(search("prog"), 0);
	/* An element that is too long for a path, but not for the search. */
	path[0] = '/';
	memset(path + 1, 'a', PATH_MAX - 3);
	strcpy(path + PATH_MAX - 2, ":@/b");
	set_path(path);
	ck_assert_int_eq(search("prog"), ENAMETOOLONG);
	/* One that is too long for that, too. */
	memset(path + 1, 'a', 2 * PATH_MAX);
	strcpy(path + 2 * PATH_MAX, ":@/b");
	set_path(path);
	ck_assert_int_eq(search("prog"), 0);
}
END_TEST

/* PATH is that of the parent, not the one that the child is given. */
START_TEST(whose_path)
{
	char *args[] = {"x", out, NULL}, *env[] = {"PATH=/none", NULL};
	pid_t pid;

	program("b", "prog");
	set_path("@/b");
	ck_assert_int_eq(posix_spawnp(&pid, "prog", NULL, NULL, args, env), 0);
	ck_assert_int_eq(wait_for(pid), 0);
}
END_TEST

/* Relative elements count from where the actions have led. */
START_TEST(relative_after_chdir)
{
	char *args[] = {"x", out, NULL};
	actions_t actions;
	pid_t pid;

	program("c", "prog");
	set_path("c");
	ck_assert_int_eq(search("prog"), ENOENT);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addchdir_np(&actions, folder);
	ck_assert_int_eq(
		posix_spawnp(&pid, "prog", &actions, NULL, args, environ), 0);
	ck_assert_int_eq(wait_for(pid), 0);
	posix_spawn_file_actions_destroy(&actions);
}
END_TEST

/* The actions are done first, and their error comes first. */
START_TEST(actions_come_first)
{
	char *args[] = {"x", out, NULL};
	char *made = in_folder("made");
	actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 7, made, O_CREAT | O_RDWR,
					 0600);
	ck_assert_int_eq(posix_spawnp(&pid, "", &actions, NULL, args, environ),
			 ENOENT);
	ck_assert_int_eq(access(made, F_OK), 0);
	posix_spawn_file_actions_addclose(&actions, 0);
	posix_spawn_file_actions_adddup2(&actions, 0, 1);
	ck_assert_int_eq(posix_spawnp(&pid, "", &actions, NULL, args, environ),
			 EBADF);
	posix_spawn_file_actions_destroy(&actions);
	no_child();
}
END_TEST

/* libc's own search gives the same answer in all these. */
START_TEST(as_libc_does)
{
	static const char *const paths[] = {
		"",	   ":",	      "@",	    "@/a:@/b",	"@/b:@/a",
		"@/c",	   "@/c:@/a", "@/none:",    "@/a/:@/b", "a:b:c",
		"@/a/x:@", "@/d:@/b", "@/none:@/d", "::::",	"/",
	};
	static const char *const files[] = {"prog", "data",   "text", "loop",
					    "none", "a/prog", ".",    "..",
					    "a",    "/"};
	spawn_fn *libc = REAL(posix_spawnp);

	if (!libc)
		return skip("not glibc");
	program("a", "prog");
	write_file(in_folder("a/data"), "x", 0644);
	write_file(in_folder("a/text"), "x", 0755);
	program("b", "data");
	program("b", "text");
	sub("c");
	sub("c/prog");
	sub("d");
	(void)!symlink("prog", in_folder("d/prog"));
	ck_assert_int_eq(chdir(folder), 0);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		for (unsigned k = 0; k < sizeof(files) / sizeof(*files); k++) {
			char *args[] = {"x", out, NULL};
			int got, expected;
			pid_t pid;

			set_path(paths[i]);
			got = search(files[k]);
			expected =
				libc(&pid, files[k], NULL, NULL, args, environ);
			if (!expected)
				wait_for(pid);
			ck_assert_msg(got == expected,
				      "PATH=%s, %s: %d instead of %d", paths[i],
				      files[k], got, expected);
		}
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("path");

	tcase_add_test(t, first_of_two);
	tcase_add_test(t, last_error);
	tcase_add_test(t, slash);
	tcase_add_test(t, empty_element);
	tcase_add_test(t, unset);
	tcase_add_test(t, denied);
	tcase_add_test(t, other_errors_end_the_search);
	tcase_add_test(t, long_names);
	tcase_add_test(t, long_path);
	tcase_add_test(t, whose_path);
	tcase_add_test(t, relative_after_chdir);
	tcase_add_test(t, actions_come_first);
	tcase_add_test(t, as_libc_does);
	return run_suite("path", t);
}

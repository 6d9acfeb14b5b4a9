/* SPDX-License-Identifier: MIT
 * posix_spawnp(): the search in PATH, and what is found. */
#include "path_test.h"

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
	tcase_add_test(t, slash);
	tcase_add_test(t, empty_element);
	tcase_add_test(t, unset);
	tcase_add_test(t, whose_path);
	tcase_add_test(t, relative_after_chdir);
	tcase_add_test(t, actions_come_first);
	tcase_add_test(t, as_libc_does);
	return run_suite("path", t);
}

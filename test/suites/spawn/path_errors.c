/* SPDX-License-Identifier: MIT
 * posix_spawnp(): what ends the search in PATH, which error is told, and what
 * is too long. */
#include "path_test.h"

#include <sys/mman.h>
#include <sys/resource.h>

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

/* It is the child that reads the name, and dies of it. */
START_TEST(unreadable_names)
{
	const struct rlimit none = {0, 0};
	char *args[] = {"x", NULL};
	const char *volatile names[2] = {NULL};

	names[1] =
		mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	setrlimit(RLIMIT_CORE, &none);
	for (int i = 0; i < 2; i++) {
		pid_t pid = -77;

		ck_assert_int_eq(
			posix_spawnp(&pid, names[i], NULL, NULL, args, environ),
			0);
		ck_assert_int_eq(WTERMSIG(wait_for(pid)), SIGSEGV);
	}
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("path_errors");

	tcase_add_test(t, last_error);
	tcase_add_test(t, denied);
	tcase_add_test(t, other_errors_end_the_search);
	tcase_add_test(t, long_names);
	tcase_add_test(t, long_path);
	tcase_add_test(t, unreadable_names);
	return run_suite("path_errors", t);
}

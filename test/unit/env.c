/* SPDX-License-Identifier: MIT
 * entry/env.c: what becomes of LD_PRELOAD, written out; and what cannot be
 * read, or is not copied. */
#include <sys/mman.h>

#include "env.h"

#define EDIT(...) edit((char *[]){__VA_ARGS__, NULL})

/* Variables, a semicolon between two. */
static char *edit(char *const *envp)
{
	static char said[LONG];
	char *room[vs_env_room(envp)];
	char *const *got = vs_env_edit(envp, room);

	*said = '\0';
	for (; *got; got++)
		sprintf(said + strlen(said), "%s%s", *said ? ";" : "", *got);
	return said;
}

/* Written out, should the reference have the same mistake. */
START_TEST(written_out)
{
	vs_config.children = VS_CHILDREN_KEEP;
	ck_assert_str_eq(EDIT("A=1"), "A=1;LD_PRELOAD=" NAME);
	ck_assert_str_eq(EDIT("LD_PRELOAD=", "A=1"), "LD_PRELOAD=" NAME ";A=1");
	ck_assert_str_eq(EDIT("LD_PRELOAD=a.so"), "LD_PRELOAD=a.so:" NAME);
	ck_assert_str_eq(EDIT("LD_PRELOAD=libvspawn.so b"),
			 "LD_PRELOAD=libvspawn.so b");
	vs_config.children = VS_CHILDREN_DROP;
	ck_assert_str_eq(EDIT("A=1"), "A=1");
	ck_assert_str_eq(EDIT("LD_PRELOAD=" NAME, "A=1"), "A=1");
	ck_assert_str_eq(EDIT("LD_PRELOAD=a " NAME ":b"), "LD_PRELOAD=a:b");
	ck_assert_str_eq(EDIT("LD_PRELOAD=$LIB/libvspawn.so a"),
			 "LD_PRELOAD=a");
	ck_assert_str_eq(EDIT("LD_PRELOAD=/opt/libvspawn.so"),
			 "LD_PRELOAD=/opt/libvspawn.so");
}
END_TEST

START_TEST(inherit)
{
	char *envp[] = {"LD_PRELOAD=libvspawn.so", "A=1", NULL};

	vs_config.children = VS_CHILDREN_INHERIT;
	ck_assert_uint_eq(vs_env_room(envp), 1);
	ck_assert_ptr_eq(vs_env_edit(envp, NULL), envp);
	ck_assert_ptr_null(vs_env_edit(NULL, NULL));
}
END_TEST

/* Linux takes it for an empty list. */
START_TEST(no_list)
{
	vs_config.children = VS_CHILDREN_KEEP;
	ck_assert(as_expected(NULL));
	vs_config.children = VS_CHILDREN_DROP;
	ck_assert_ptr_null(vs_env_edit(NULL, NULL));
}
END_TEST

/* ---- what cannot be read stays, for exec to say EFAULT ---- */

/* The end of a page behind which nothing can be read. */
static char *last_of_page(void)
{
	char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	mprotect(at + 4096, 4096, PROT_NONE);
	return at + 4096;
}

static bool stays(char *const *envp)
{
	char *room[4];

	return vs_env_room(envp) == 1 && vs_env_edit(envp, room) == envp;
}

START_TEST(unreadable)
{
	char *end = last_of_page(), *text = last_of_page();
	char *good[] = {"A=1", NULL}, *bad[] = {"A=1", (char *)1, NULL};
	char **list = (char **)end;

	vs_config.children = VS_CHILDREN_KEEP;
	ck_assert(!stays(good));
	ck_assert(stays(bad));
	ck_assert(stays(bad + 1));
	ck_assert(stays((char *const *)8));
	ck_assert(stays((char *const *)-8L));
	/* A string without an end, and one that has it just in time. */
	memcpy(text - 4, "A=12", 4);
	good[0] = text - 4;
	ck_assert(stays(good));
	text[-1] = '\0';
	ck_assert(!stays(good));
	ck_assert(as_expected(good));
	/* And a list. */
	list[-1] = "A=1";
	ck_assert(stays(list - 1));
	list[-2] = "A=1";
	list[-1] = NULL;
	ck_assert(!stays(list - 2));
	/* Not aligned, across the edge. */
	ck_assert(stays((char *const *)(end - 4)));
}
END_TEST

/* A speculative child has each page brought in that is looked at. */
START_TEST(brought_in)
{
	char *envp[] = {"A=1", NULL};

	vs_config.children = VS_CHILDREN_KEEP;
	ck_assert(as_expected(envp));
	ck_assert_uint_eq(wanted, 0);
	vs_speculative = true;
	ck_assert(as_expected(envp));
	ck_assert_uint_ge(wanted, 2);
}
END_TEST

UNIT(env, written_out, inherit, no_list, unreadable, brought_in)

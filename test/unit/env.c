/* SPDX-License-Identifier: MIT
 * entry/env.c: what becomes of LD_PRELOAD, against a simple reference. The
 * library's name is what the loader's list here says. */
#include <link.h>
#include <sys/mman.h>

#include "base/image.h"
#include "entry/internal.h"
#include "txn/child/child.h"
#include "unit.h"

#define NAME "/usr/lib/libvspawn.so"

const struct link_map *vs_loaded_objects(void)
{
	static struct link_map own = {.l_name = (char *)NAME};

	own.l_addr = vs_image().lo;
	return &own;
}

static unsigned wanted;

void vs_child_want(uintptr_t addr, uintptr_t len)
{
	(void)addr;
	(void)len;
	wanted++;
}

/* ---- the reference ---- */

enum { MOST = 12, LONG = 2048 };

/* As the loader would take it: us, by path, by the bare name, by a token. */
static bool is_us(const char *element)
{
	const char *slash = strrchr(element, '/');
	const char *dollar = strchr(element, '$');

	if (!strcmp(element, NAME) || !strcmp(element, "libvspawn.so"))
		return true;
	return slash && dollar && dollar < slash &&
	       !strcmp(slash, "/libvspawn.so");
}

/* Elements that are left, each but the first with what was before it. Returns
 * whether we were among them. */
static bool split(const char *value, char *left)
{
	char between[LONG], element[LONG];
	bool found = false;

	*left = '\0';
	while (*value) {
		size_t n = strspn(value, " :"), m = strcspn(value + n, " :");

		sprintf(between, "%.*s", (int)n, value);
		sprintf(element, "%.*s", (int)m, value + n);
		value += n + m;
		if (!*element)
			break;
		if (is_us(element)) {
			found = true;
			continue;
		}
		if (*left)
			strcat(left, between);
		strcat(left, element);
	}
	return found;
}

/* The environment as it should be; strings that change are made. */
static int reference(char *const *envp, char *expect[MOST + 2])
{
	bool keep = vs_config.children == VS_CHILDREN_KEEP, any = false;
	int n = 0;

	for (; envp && *envp; envp++) {
		const char *value = *envp + 11;
		char left[LONG], made[LONG + 64];
		bool us;

		expect[n++] = *envp;
		if (strncmp(*envp, "LD_PRELOAD=", 11) != 0)
			continue;
		any = true;
		us = split(value, left);
		if (us == keep)
			continue;
		if (keep)
			sprintf(made, "LD_PRELOAD=%s%s" NAME, value,
				*value ? ":" : "");
		else
			sprintf(made, "LD_PRELOAD=%s", left);
		if (keep || *left)
			expect[n - 1] = strdup(made);
		else
			n--;
	}
	if (keep && !any)
		expect[n++] = strdup("LD_PRELOAD=" NAME);
	expect[n] = NULL;
	return n;
}

/* Edits, in exactly the room that is asked for, and compares. What has not
 * changed is the same string. */
static bool as_expected(char *const *envp)
{
	size_t elements = vs_env_room(envp);
	char **room = malloc(elements * sizeof(*room)), *expect[MOST + 2];
	char *const *got = vs_env_edit(envp, room);
	int n = reference(envp, expect), i = 0;
	bool good = true;

	for (; good && i < n; i++)
		good = got[i] && !strcmp(got[i], expect[i]);
	good = good && (!got || !got[i]);
	for (i = 0; i < n; i++) {
		bool old = false;

		for (char *const *e = envp; e && *e; e++)
			old |= *e == expect[i];
		if (old)
			good = good && got[i] == expect[i];
		else
			free(expect[i]);
	}
	free(room);
	return good;
}

/* ---- random environments ---- */

static const char *const elements[] = {
	NAME,
	"libvspawn.so",
	"$LIB/libvspawn.so",
	"/opt/$PLATFORM/lib/libvspawn.so",
	/* not us */
	"/opt/lib/libvspawn.so",
	NAME ".1",
	"/usr/lib/libvspawn",
	"xlibvspawn.so",
	"lib$vspawn.so",
	"a.so",
	"/x/libb.so",
	"$LIB/libfakeroot.so",
};

static const char *const between[] = {":", " ", "::", " : ", ":  "};

static char *random_value(struct dice *d, char *to)
{
	if (!roll(d, 4))
		to = stpcpy(to, between[roll(d, LENGTH(between))]);
	for (unsigned n = roll(d, 5); n; n--) {
		to = stpcpy(to, elements[roll(d, LENGTH(elements))]);
		if (n > 1 || !roll(d, 4))
			to = stpcpy(to, between[roll(d, LENGTH(between))]);
	}
	return to;
}

static void random_variable(struct dice *d, char *to)
{
	static const char *const others[] = {
		"PATH=/bin",
		"LD_PRELOAD",
		"LD_PRELOADS=libvspawn.so",
		"XLD_PRELOAD=" NAME,
		"LD_LIBRARY_PATH=/x:" NAME,
		"",
	};
	char *end = to;

	if (roll(d, 2))
		end = stpcpy(to, others[roll(d, LENGTH(others))]);
	else
		end = random_value(d, stpcpy(to, "LD_PRELOAD="));
	*end = '\0';
}

START_TEST(as_the_reference)
{
	struct dice d = dice(1);

	for (int i = 0; i < 20000; i++) {
		char text[MOST][LONG], *envp[MOST + 1];
		unsigned n = roll(&d, 5);

		vs_config.children =
			roll(&d, 2) ? VS_CHILDREN_KEEP : VS_CHILDREN_DROP;
		for (unsigned j = 0; j < n; j++) {
			random_variable(&d, text[j]);
			envp[j] = text[j];
		}
		envp[n] = NULL;
		ck_assert_msg(as_expected(envp), "round %d, %s", i,
			      n ? text[0] : "");
	}
}
END_TEST

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

UNIT(env, as_the_reference, written_out, inherit, no_list, unreadable,
     brought_in)

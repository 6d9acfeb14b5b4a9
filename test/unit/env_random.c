/* SPDX-License-Identifier: MIT
 * entry/env.c: what becomes of LD_PRELOAD in random environments, against a
 * simple reference. */
#include "env.h"

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

UNIT(env_random, as_the_reference)

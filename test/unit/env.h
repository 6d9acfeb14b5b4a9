/* SPDX-License-Identifier: MIT
 * What should become of an environment, and whether entry/env.c makes that of
 * it. The library's name is what the loader's list here says. */
#ifndef TEST_UNIT_ENV_H
#define TEST_UNIT_ENV_H

#include <link.h>

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

#endif

/* SPDX-License-Identifier: MIT
 * What else is preloaded, and in which order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

struct order {
	const char *library, *root;
	bool ours;
	char before[1024], after[1024];
};

static void add(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
}

static void one(struct order *order, const char *name)
{
	char path[PATH_MAX + 64];

	if (!strncmp(base_name(name), "libvspawn.so", 12)) {
		order->ours = true;
		/* What a token stands for, the loader alone knows. */
		if (order->library && !strchr(name, '$') &&
		    strcmp(name, order->library) != 0)
			report(WARNING, "preload", "name one of them",
			       "LD_PRELOAD has %s, this is %s", name,
			       order->library);
		return;
	}
	if (order->ours)
		add(order->after, sizeof(order->after), name);
	else
		add(order->before, sizeof(order->before), name);
	snprintf(path, sizeof(path), "%s%s", order->root, name);
	if (*name == '/' && access(path, F_OK))
		report(WARNING, "preload", "take it out of LD_PRELOAD",
		       "%s is not there", name);
}

static void everywhere(const char *root)
{
	char path[64], *text;

	snprintf(path, sizeof(path), "%s/etc/ld.so.preload", root);
	text = slurp(path, NULL);
	if (!text)
		return;
	for (char *at = text; *at; at++) {
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	}
	if (strstr(text, "libvspawn.so"))
		report(WARNING, "preload-all",
		       "use LD_PRELOAD: a mistake there stops every program",
		       "/etc/ld.so.preload has the library");
	else if (text[strspn(text, " ")])
		report(OK, "preload-all", NULL, "/etc/ld.so.preload: %s", text);
	free(text);
}

void preloads_check(const char *value, const char *library, const char *root)
{
	char *copy = strdup(value ? value : ""), *state, *name;
	struct order order = {.library = library, .root = root};

	name = copy ? strtok_r(copy, " :", &state) : NULL;
	for (; name; name = strtok_r(NULL, " :", &state))
		one(&order, name);
	free(copy);
	if (!*order.before && !*order.after)
		report(OK, "preloads", NULL, "no other");
	else if (!order.ours)
		report(OK, "preloads", NULL,
		       "others: %s; vspawn puts itself "
		       "before them",
		       order.before);
	else
		report(OK, "preloads", NULL, "%s%s%s%s%s",
		       *order.before ? "before it: " : "", order.before,
		       *order.before && *order.after ? "; " : "",
		       *order.after ? "after it: " : "", order.after);
	everywhere(root);
}

static bool is_sanitizer(const char *name)
{
	name = base_name(name);
	return !strncmp(name, "libasan.", 8) || !strncmp(name, "libtsan.", 8) ||
	       !strncmp(name, "libclang_rt.asan", 16) ||
	       !strncmp(name, "libclang_rt.tsan", 16);
}

/* Ours goes first, but for sanitizers, which insist on it. */
void preloads_with(char *to, size_t size, const char *library)
{
	const char *old = getenv("LD_PRELOAD");
	char before[PATH_MAX] = "", after[PATH_MAX] = "";
	char *copy = strdup(old ? old : ""), *state, *name;

	name = copy ? strtok_r(copy, " :", &state) : NULL;
	for (; name; name = strtok_r(NULL, " :", &state)) {
		char *list = is_sanitizer(name) ? before : after;
		size_t used = strlen(list);

		if (strcmp(name, library) != 0)
			snprintf(list + used, PATH_MAX - used,
				 list == before ? "%s:" : ":%s", name);
	}
	free(copy);
	snprintf(to, size, "LD_PRELOAD=%s%s%s", before, library, after);
}

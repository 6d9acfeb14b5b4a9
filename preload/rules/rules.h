/* SPDX-License-Identifier: MIT
 *
 * Rules: what the file that VSPAWN_RULES names, or /etc/vspawn/rules, says of
 * this program's forks. It is read when the program first makes a process, and
 * again when it has changed, which is looked at once a second at most.
 */
#ifndef VS_RULES_H
#define VS_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"

/* What holds for one call of fork(): by the first rule that is of its program
 * and site; where there is none, by the settings. */
struct vs_ruling {
	bool off; /* change nothing */
	enum vs_fork_mode mode;
	struct vs_strictness strict;
};

/* Of the site whose return address is `caller`. `look`: the file may be read
 * now. Not in a child that is supervised or shares memory. */
void vs_rules_ask(uintptr_t caller, bool look, struct vs_ruling *ruling);

/* Whether posix_spawn() of `file`, or vfork(), whose program is not known and
 * NULL, may be ours. */
bool vs_rules_allow_spawn(const char *file);

/* Whether a rule says that this program is run by a native fork's child only.
 * Also in a child: raw, and as of the fork. */
bool vs_rules_forbid_exec(const char *path);

/* In the child of a native fork. */
void vs_rules_reset(void);

#endif

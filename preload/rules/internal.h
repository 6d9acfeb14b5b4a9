/* SPDX-License-Identifier: MIT
 * Between the files of rules/. */
#ifndef VS_RULES_INTERNAL_H
#define VS_RULES_INTERNAL_H

#include "rules/parse.h"
#include "rules/rules.h"

/* ---- who.c: what this program is called ---- */

/* By /proc/self/exe; as it was exec'd, which for a script with #! is its name;
 * and the first argument that is no option: the script of `perl script`. Empty
 * where that is not known. */
enum { VS_WHO_FILE, VS_WHO_EXECUTED, VS_WHO_SCRIPT, VS_WHO_NAMES };

/* Longer ones are not known, either. */
struct vs_who {
	char name[VS_WHO_NAMES][512];
};

/* Opens and closes files: no other thread may see that. */
void vs_who_find(struct vs_who *who);

/* ---- file.c ---- */

/* What tells one state of a file from another. All zero: there is none. */
struct vs_rules_stamp {
	uint64_t dev, ino, size;
	int64_t changed[4]; /* its contents, its inode: s, ns */
};

/* Of the file at `path`, as it is now. */
void vs_rules_stamp(const char *path, struct vs_rules_stamp *to);

/* Why not, if it is not for this user. */
extern const char vs_rules_no_access[];

/* Reads it by `reader`, and who runs it into `who` first if that is not NULL,
 * out of the sight of other threads. NULL, or why not. */
const char *vs_rules_read(const char *path, struct vs_rules_reader *reader,
			  struct vs_who *who);

/* ---- sets.c: what was read last ---- */

/* Looks at the file, if the last look is a second ago, and reads it if it is
 * another. Not in a child that is supervised or shares memory. */
void vs_rules_look_if_due(void);

/* How often the file was found to be another; 0: there is none yet, nor rules.
 * The set of that reading, which is whole as long as the number is the same
 * afterwards. Raw: also in a child. */
unsigned vs_rules_generation(void);
const struct vs_rules *vs_rules_of(unsigned generation);

/* Looked for, and never there. */
bool vs_rules_never(void);

/* The path of this program; empty: not known. */
const char *vs_rules_program(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * vspawn doctor: what each file does for the others. Nothing here trusts what
 * it reads: files, names and processes may be anybody's.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "program/image.h"

/* ---- report.c: one line per check ---- */

enum mark { OK, WARNING, NO, UNKNOWN };

/* The exit status. */
enum verdict { FINE, NO_USE, CANNOT_TELL };

/* `remedy` may be NULL. Names are those of vspawn(1), under DOCTOR. */
__attribute__((format(printf, 4, 5))) void report(enum mark mark,
						  const char *check,
						  const char *remedy,
						  const char *format, ...);
void report_as_json(void);

/* The last line; returns the exit status. */
__attribute__((format(printf, 2, 3))) int report_end(enum verdict verdict,
						     const char *format, ...);

/* ---- who.c: whose rights count ---- */

struct who {
	uid_t uid;
	gid_t gid;
	gid_t groups[256];
	int n_groups;
	char root[32]; /* "/proc/PID/root" of a process, or "" */
};

void who_am_i(struct who *who);
const char *who_name(const struct who *who);
bool who_is(struct who *who, const char *name);
bool who_runs(struct who *who, pid_t pid);

/* In a child that is about to do something in their place. */
bool who_become(const struct who *who);

/* May they read the file? Else which part of its path stops them, in `part`,
 * of PATH_MAX bytes. UNKNOWN if only they or root could tell. */
enum mark who_reads(const struct who *who, const char *path, char *part);

/* ---- program/follow.c, env.c: from a command to the ELF file that is run ----
 */

enum { WORDS = 256 };

struct target {
	char path[PATH_MAX];
	char *words[WORDS + 1]; /* what is run in the end */
	char *to_free[WORDS];
	int n_free;
	const char *search; /* PATH, as env may have set it */
	bool without;	    /* env takes LD_PRELOAD away */
	bool quiet;	    /* say nothing of the way */
	char problem[1024]; /* why there is no image */
	struct image image;
};

/* False: target->problem says why. Each script on the way is reported, if not
 * to be `quiet`. */
bool target_follow(struct target *target, char **command, bool quiet);
void target_close(struct target *target);
char *target_keep(struct target *target, char *word);

/* Takes env's own words off the front; false if it runs nothing. */
bool env_follow(struct target *target);

/* ---- program/target.c: can the library be loaded into it? ---- */

/* One word for the mark, and `text` of 1024 bytes. */
struct finding {
	enum mark mark;
	const char *check, *remedy;
	char text[1024];
};

bool target_is_static(struct image *image, struct finding *finding);
bool target_is_go(const struct image *image, struct finding *finding);
/* `path` is what the kernel runs, for these rights. */
bool target_is_secure(const char *path, const struct who *who,
		      struct finding *finding);
bool target_is_other(struct image *image, struct image *library,
		     struct finding *finding);

/* All of these for the doctor; OK if nothing is in the way. */
enum mark target_check(struct target *target, const struct who *who,
		       struct image *library);

/* ---- library.c ---- */

/* Which file programs like `image` would load for `name`, as LD_PRELOAD has it,
 * maybe with $LIB in it; in `path`, of PATH_MAX bytes. If there is none, which
 * one programs like this one would, or `name`. */
void library_choose(char *path, const char *name, struct image *image);
/* The latter, after that. */
const char *library_own(const char *path);
enum mark library_readable(const char *path, const struct who *who);
/* Opens it; NO if nobody can load it, or not this user. */
enum mark library_check(const char *path, const struct who *who,
			struct image *library);

/* ---- program/loader.c: what the target's own loader makes of it ---- */

struct loaded {
	enum mark library; /* NO: the loader does not take it */
	int n;
	char *files[512]; /* what the target is made of, itself not included */
};

void loader_list(const struct target *target, const char *library,
		 const struct who *who, struct loaded *loaded);
void loader_free(struct loaded *loaded);

/* ---- run.c: a child, whose output is read ---- */

struct run {
	const char *const *argv;
	const char *const *set; /* NAME=VALUE..., NULL */
	const struct who *who;
	bool stdout_too;
};

/* A setting that names a file: it is empty for what is run, but if `set`. */
bool run_leaves_out(const char *setting);

/* Calls `line` for each line of its stderr. Its wait status, or -1. */
int run(const struct run *what, void (*line)(void *, char *), void *arg);

/* ---- program/imports.c: does it make processes at all? ---- */

enum { BY_FORK = 1, BY_SPAWN = 2, BY_SHELL = 4, BY_PLUGIN = 8 };

/* A mask of these. */
unsigned imports_check(struct target *target, const char *library,
		       const struct loaded *loaded);

/* ---- program/rules.c ---- */

void rules_check(char **command, const char *self);

/* ---- trial.c: what the library does here, tried ---- */

struct trial {
	bool ran;
	int forks, spawns; /* made cheap */
	char why[160];
};

/* By the loader of `interp`, if that is not "". */
void trial_run(const char *library, const char *self, const char *interp,
	       const struct who *who, struct trial *trial);
/* What it does there: the whole program. */
int trial_inside(const char *self);

/* ---- machine/ ---- */

void kernel_check(void);
void dispatch_check(void);
/* Of the process, or of this one if 0; `path` is what it runs, or NULL. */
void around_check(pid_t pid, const char *path);
/* LD_PRELOAD=..., as the wrapper would have it. */
void preloads_with(char *to, size_t size, const char *library);
void preloads_check(const char *value, const char *library, const char *root);
/* `environment` is a list as environ is one. Each that is no setting. */
void settings_names(char **environment,
		    void (*wrong)(const char *name, const char *nearest));
/* True if they switch it off. */
bool settings_check(char **environment, const char *library, const char *self,
		    const struct who *who);

/* ---- diagnose.c: a command, or none ---- */

int diagnose(const char *library, const char *self, const struct who *who,
	     char **command);

/* ---- process/: a process that runs ---- */

struct process {
	pid_t pid;
	struct who who;
	char path[PATH_MAX]; /* what it runs */
	char *block;	     /* its environment, as it was given */
	char **environment;  /* never NULL */
	char mapped[PATH_MAX], map_file[80];
	unsigned long inode;
	bool readable, is_mapped, deleted;
};

/* False, and said so, if there is none. */
bool process_read(struct process *process);

int process_check(pid_t pid, const char *library, const char *self);
void done_check(pid_t pid, char **environment, const char *self);

/* ---- brief.c: the wrapper's question ---- */

/* The exit status: 3 if it would not even start with the library. */
int brief(const char *library, bool share, char **command);

/* ---- small.c ---- */

const char *base_name(const char *path);
/* The whole of a small file, ended by a NUL; NULL if there is none. `size` may
 * be NULL. To be freed. */
char *slurp(const char *path, size_t *size);
/* The rest of the line of `text` that begins with `key`, or NULL. */
const char *line_of(const char *text, const char *key);
const char *setting_of(char **environment, const char *name);
bool same_file(const char *a, const char *b);

extern char **environ;

#endif

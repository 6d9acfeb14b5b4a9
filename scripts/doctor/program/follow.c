/* SPDX-License-Identifier: MIT
 *
 * From a command to the ELF file that is run for it: along PATH, as exec does,
 * through #! lines, as the kernel does, and through env, as that does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

/* The kernel gives up after five scripts (fs/exec.c); env may be between. */
enum { STEPS = 12, LINE = 256 };

char *target_keep(struct target *target, char *word)
{
	if (word && target->n_free == WORDS) {
		free(word);
		return NULL;
	}
	if (word)
		target->to_free[target->n_free++] = word;
	return word;
}

static bool runs(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	if (!S_ISREG(st.st_mode))
		errno = EACCES;
	return S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Where `name` is, in target->path; why not is in errno. */
static bool look_up(struct target *target, const char *name)
{
	const char *search = target->search, *end;
	int denied = ENOENT;

	if (strlen(name) >= sizeof(target->path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (strchr(name, '/') || !*name) {
		strcpy(target->path, name);
		return runs(name);
	}
	for (; search; search = *end ? end + 1 : NULL) {
		int size, n;

		end = strchrnul(search, ':');
		size = (int)(end - search);
		n = snprintf(target->path, sizeof(target->path), "%.*s%s%s",
			     size, search, size ? "/" : "", name);
		if (n > 0 && (size_t)n < sizeof(target->path) &&
		    runs(target->path))
			return true;
		if (errno == EACCES)
			denied = EACCES;
	}
	strcpy(target->path, name);
	errno = denied;
	return false;
}

/* Puts `n` words in place of the first one. */
static bool put(struct target *target, char *const *words, int n)
{
	int old = 0;

	while (target->words[old])
		old++;
	if (old + n - 1 > WORDS)
		return false;
	memmove(target->words + n, target->words + 1,
		(size_t)old * sizeof(char *));
	for (int i = 0; i < n; i++)
		target->words[i] = words[i];
	return true;
}

/* Splits the #! line as fs/binfmt_script.c does; *arg may become NULL. */
static bool split(char *line, char **interp, char **arg)
{
	char *end;

	line[strcspn(line, "\n")] = '\0';
	line += 2 + strspn(line + 2, " \t");
	for (end = line + strlen(line);
	     end > line && (end[-1] == ' ' || end[-1] == '\t'); end--)
		end[-1] = '\0';
	if (!*line)
		return false;
	*interp = line;
	line += strcspn(line, " \t");
	*arg = NULL;
	if (*line) {
		*line++ = '\0';
		*arg = line + strspn(line, " \t");
	}
	return true;
}

/* target->path is no ELF file: a script, or nothing. */
static bool script(struct target *target)
{
	char line[LINE] = "", *interp, *arg, *words[3];
	int fd = open(target->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), i = 0;
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0 || strlen(line) < (size_t)n) {
		snprintf(target->problem, sizeof(target->problem),
			 "%.900s is neither ELF nor a script", target->path);
		return false;
	}
	interp = line;
	arg = NULL;
	if (strncmp(line, "#!", 2) != 0)
		/* What execvp() and shells do. */
		interp = "/bin/sh";
	else if (!split(line, &interp, &arg))
		interp = "/bin/sh";
	if (!target->quiet)
		report(OK, "script", NULL, "%s is run by %s%s%s", target->path,
		       interp, arg ? " " : "", arg ? arg : "");
	words[i++] = target_keep(target, strdup(interp));
	if (arg)
		words[i++] = target_keep(target, strdup(arg));
	words[i++] = target_keep(target, strdup(target->path));
	for (int word = 0; word < i; word++) {
		if (!words[word])
			return false;
	}
	return put(target, words, i);
}

static bool problem(struct target *target, int error)
{
	snprintf(target->problem, sizeof(target->problem), "%.900s: %s",
		 target->path,
		 error == EBADMSG  ? "a broken ELF file"
		 : error == ENOENT ? "not found"
				   : strerror(error));
	return false;
}

/* env is whatever is called so: busybox's goes by that name, too. */
static bool step_env(struct target *target)
{
	if (!env_follow(target)) {
		snprintf(target->problem, sizeof(target->problem),
			 "env runs no command there");
		return false;
	}
	if (!target->quiet)
		report(target->without ? NO : OK, "env",
		       target->without
			       ? "let env leave LD_PRELOAD, or set it after env"
			       : NULL,
		       "env runs %s%s", target->words[0],
		       target->without ? ", without LD_PRELOAD" : "");
	return true;
}

bool target_follow(struct target *target, char **command, bool quiet)
{
	int n = 0;

	memset(target, 0, sizeof(*target));
	target->image.fd = -1;
	target->quiet = quiet;
	target->search = getenv("PATH");
	if (!target->search)
		target->search = "/bin:/usr/bin";
	for (; command[n] && n < WORDS; n++)
		target->words[n] = command[n];
	for (int step = 0; step < STEPS; step++) {
		int r;

		if (!look_up(target, target->words[0]))
			return problem(target, errno);
		r = image_open(&target->image, target->path);
		if (!r && strcmp(base_name(target->words[0]), "env") != 0)
			return true;
		image_close(&target->image);
		if (r && r != -ENOEXEC)
			return problem(target, -r);
		if (r ? !script(target) : !step_env(target)) {
			if (!*target->problem)
				problem(target, E2BIG);
			return false;
		}
	}
	return problem(target, ELOOP);
}

void target_close(struct target *target)
{
	image_close(&target->image);
	while (target->n_free)
		free(target->to_free[--target->n_free]);
}

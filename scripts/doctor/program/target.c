/* SPDX-License-Identifier: MIT
 * Whether a loader will load the library into a program: never into a static
 * one, not into one that gains rights, and none that does not fit. */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "doctor.h"

__attribute__((format(printf, 5, 6))) static bool
found(struct finding *finding, enum mark mark, const char *check,
      const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	finding->mark = mark;
	finding->check = check;
	finding->remedy = remedy;
	return true;
}

bool target_is_static(struct image *image, struct finding *finding)
{
	const char *soname;

	if (*image->interp)
		return false;
	soname = image_soname(image);
	if (!strncmp(soname, "ld-", 3) || !strncmp(soname, "ld.so", 5) ||
	    !strncmp(soname, "ld64", 4))
		return found(finding, UNKNOWN, "static",
			     "ask about the program that it is to load",
			     "a dynamic loader");
	if (image->type == ET_DYN && image->dynamic && *soname)
		return found(finding, NO, "static", NULL,
			     "a shared library, no program");
	return found(finding, NO, "static", "link it dynamically",
		     "static%s%s: no loader, so nothing is preloaded",
		     image->type == ET_DYN ? "-pie" : "",
		     image->go ? ", made by Go" : "");
}

/* With cgo it has a loader, but forks by system calls of its own. */
bool target_is_go(const struct image *image, struct finding *finding)
{
	if (!image->go)
		return false;
	return found(finding, NO, "go",
		     "none: Go starts children cheaply itself (vfork)",
		     "made by Go, which makes its system calls itself");
}

static bool has_capabilities(const char *path)
{
	return getxattr(path, "security.capability", NULL, 0) > 0;
}

/* What makes the kernel say AT_SECURE to the loader (security/commoncap.c):
 * another id than the real one, or capabilities that root's are not. */
bool target_is_secure(const char *path, const struct who *who,
		      struct finding *finding)
{
	struct statvfs fs;
	struct stat st;
	bool group;

	if (stat(path, &st))
		return false;
	if ((!statvfs(path, &fs) && fs.f_flag & ST_NOSUID) ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return false;
	/* Without the right to execute, setgid means something else. */
	group = (st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
		st.st_gid != who->gid;
	if (group || (st.st_mode & S_ISUID && st.st_uid != who->uid))
		return found(finding, NO, "setuid",
			     "start it as the user that it changes to",
			     "%s for %s: the loader ignores LD_PRELOAD",
			     group ? "setgid" : "setuid", who_name(who));
	if (who->uid != 0 && has_capabilities(path))
		return found(finding, NO, "capabilities",
			     "setcap -r, and AmbientCapabilities= of systemd",
			     "it has file capabilities: the loader ignores "
			     "LD_PRELOAD");
	return false;
}

static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned short machine;
		char name[12];
	} names[] = {
		{EM_386, "i386"},      {EM_X86_64, "x86-64"}, {EM_ARM, "arm"},
		{EM_AARCH64, "arm64"}, {EM_RISCV, "riscv"},   {EM_PPC, "ppc"},
		{EM_PPC64, "ppc64"},   {EM_S390, "s390"},     {EM_MIPS, "mips"},
		{258, "loongarch"},    {EM_SPARCV9, "sparc"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return "another CPU";
}

static void see_libc(void *arg, const char *name)
{
	const char **libc = arg;

	if (!strncmp(name, "libc.musl", 9) || !strcmp(name, "libc.so") ||
	    !strncmp(name, "ld-musl", 7))
		*libc = "musl";
	else if (!strncmp(name, "libc.so.", 8) ||
		 !strncmp(name, "ld-linux", 8) || !strncmp(name, "ld64", 4) ||
		 !strncmp(name, "ld.so", 5))
		*libc = "glibc";
	else if (!strncmp(name, "libuClibc", 9) ||
		 !strncmp(name, "ld-uClibc", 9))
		*libc = "uClibc";
	else if (!strncmp(name, "linker", 6))
		*libc = "bionic";
}

static const char *libc_of(struct image *image)
{
	const char *libc = NULL;

	if (*image->interp)
		see_libc(&libc, base_name(image->interp));
	if (!libc)
		image_needed(image, see_libc, &libc);
	return libc;
}

bool target_is_other(struct image *image, struct image *library,
		     struct finding *finding)
{
	const char *libc = libc_of(image), *ours = libc_of(library);

	if (image->machine != library->machine ||
	    image->is64 != library->is64 || image->swapped != library->swapped)
		return found(finding, NO, "fits",
			     "build the library with that program's compiler",
			     "a %d-bit program for %s, the library is %d-bit "
			     "for %s",
			     image->is64 ? 64 : 32,
			     machine_name(image->machine),
			     library->is64 ? 64 : 32,
			     machine_name(library->machine));
	if (libc && ours && strcmp(libc, ours) != 0)
		return found(finding, NO, "fits",
			     "build the library with that C library's compiler "
			     "(musl: make CC=musl-gcc)",
			     "it uses %s, the library is built for %s", libc,
			     ours);
	return false;
}

/* What is in the way, or that it is not; the worse of both. */
static enum mark say(bool is, const struct finding *finding, enum mark worst)
{
	if (!is)
		return worst;
	report(finding->mark, finding->check, finding->remedy, "%s",
	       finding->text);
	return worst == NO ? NO : finding->mark;
}

enum mark target_check(struct target *target, const struct who *who,
		       struct image *library)
{
	struct image *image = &target->image;
	enum mark worst = target->without ? NO : OK;
	struct finding finding;
	bool is;

	report(OK, "program", NULL, "%s", target->path);
	is = target_is_static(image, &finding);
	worst = say(is, &finding, worst);
	if (!is)
		report(OK, "static", NULL, "no, %s loads it", image->interp);
	worst = say(target_is_go(image, &finding), &finding, worst);
	is = target_is_secure(target->path, who, &finding);
	worst = say(is, &finding, worst);
	if (!is)
		report(OK, "setuid", NULL, "no, and no file capabilities");
	if (library->fd <= 0 || !*image->interp)
		return worst;
	is = target_is_other(image, library, &finding);
	worst = say(is, &finding, worst);
	if (!is)
		report(OK, "fits", NULL, "%d-bit, %s, %s",
		       image->is64 ? 64 : 32, machine_name(image->machine),
		       libc_of(image) ? libc_of(image)
				      : "a C library of another name");
	return worst;
}

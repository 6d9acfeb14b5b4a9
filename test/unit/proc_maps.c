/* SPDX-License-Identifier: MIT
 * kernel/proc/maps.c: both ways to ask for this process's mappings, against its
 * /proc/self/maps as stdio reads it; the text also from made up files. The
 * ioctl is refused by a filter where the text is to be read. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kernel/proc/maps.h"
#include "port.h"
#include "unit.h"

enum { MAPS = 4096, GUARD_INSTALL = 102 /* MADV_, Linux 6.13 */ };

struct list {
	int n;
	struct vs_map map[MAPS];
};

/* The kernel has no PROCMAP_QUERY from now on, as before Linux 6.11. */
static void refuse_query(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {LENGTH(filter), filter};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
			 0);
}

/* By stdio: the reference. No ck_assert() in loops, which allocates. What is
 * last on some CPUs, [vsyscall], is the kernel's: the ioctl leaves it out. */
static void read_reference(struct list *to, bool all, bool query)
{
	FILE *file = fopen("/proc/self/maps", "r");
	static char line[8192];
	unsigned long lo, hi, inode;
	char perms[5];

	to->n = 0;
	ck_assert_ptr_nonnull(file);
	while (to->n < MAPS && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &lo, &hi, perms,
			   &inode) != 4)
			abort();
		if ((!all && perms[1] != 'w') ||
		    (query && strstr(line, " [vsyscall]")))
			continue;
		to->map[to->n++] =
			(struct vs_map){.at = {lo, hi},
					.readable = perms[0] == 'r',
					.executable = perms[2] == 'x',
					.shared = perms[3] == 's',
					.anonymous = !inode};
	}
	fclose(file);
	ck_assert_int_lt(to->n, MAPS);
}

static bool read_ours(struct list *to, bool all)
{
	struct vs_maps maps;

	to->n = 0;
	ck_assert_int_eq(vs_maps_open(&maps, all), 0);
	while (to->n < MAPS && vs_maps_next(&maps, &to->map[to->n]))
		to->n++;
	vs_maps_close(&maps);
	return maps.query;
}

static bool same(const struct list *a, const struct list *b)
{
	for (int i = 0; i < a->n && i < b->n; i++) {
		const struct vs_map *x = &a->map[i], *y = &b->map[i];

		if (x->at.lo != y->at.lo || x->at.hi != y->at.hi ||
		    x->readable != y->readable ||
		    x->executable != y->executable || x->shared != y->shared ||
		    x->anonymous != y->anonymous)
			return false;
	}
	return a->n == b->n;
}

/* Of each kind: private, shared, of a file, without rights; many, so that the
 * text does not fit into one buffer. */
static void map_some(void)
{
	static const int rights[] = {PROT_NONE, PROT_READ,
				     PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_EXEC};
	int fd = open("/proc/self/exe", O_RDONLY);

	for (int i = 0; i < 200; i++) {
		bool of_file = i % 7 == 0, shared = i % 3 == 0;

		mmap(NULL, (size_t)(1 + i % 5) << 12,
		     rights[i % 4] & ~(of_file ? PROT_WRITE : 0),
		     (shared ? MAP_SHARED : MAP_PRIVATE) |
			     (of_file ? 0 : MAP_ANONYMOUS),
		     of_file ? fd : -1, 0);
	}
	close(fd);
}

/* stdio itself may map something, the first time. */
static bool compare(bool all)
{
	static struct list before, ours, after;
	bool query = false;

	for (int tries = 0; tries < 10; tries++) {
		query = read_ours(&ours, all);
		read_reference(&before, all, query);
		query = read_ours(&ours, all);
		read_reference(&after, all, query);
		if (same(&before, &after))
			break;
	}
	ck_assert(same(&before, &after));
	ck_assert_int_gt(ours.n, 20);
	ck_assert(same(&ours, &before));
	return query;
}

START_TEST(by_query)
{
	map_some();
	if (!compare(true))
		fprintf(stderr, "no PROCMAP_QUERY: read as text\n");
	compare(false);
}
END_TEST

START_TEST(by_text)
{
	map_some();
	refuse_query();
	ck_assert(!compare(true));
	ck_assert(!compare(false));
}
END_TEST

/* ---- made up text ---- */

static struct vs_maps text_of(const char *text, bool all)
{
	struct vs_maps maps = {
		.fd = memfd_create("maps", 0), .pagemap = -1, .all = all};

	ck_assert_int_ge(maps.fd, 0);
	ck_assert_int_eq(write(maps.fd, text, strlen(text)), strlen(text));
	lseek(maps.fd, 0, SEEK_SET);
	return maps;
}

/* at and end point into the struct itself. */
#define TEXT(maps, text, all)                     \
	struct vs_maps maps = text_of(text, all); \
	maps.at = maps.end = maps.buf

static void is_next(struct vs_maps *maps, uintptr_t lo, uintptr_t hi,
		    const char *what)
{
	struct vs_map map;

	ck_assert(vs_maps_next(maps, &map));
	ck_assert_uint_eq(map.at.lo, lo);
	ck_assert_uint_eq(map.at.hi, hi);
	ck_assert_int_eq(map.readable, strchr(what, 'r') != NULL);
	ck_assert_int_eq(map.executable, strchr(what, 'x') != NULL);
	ck_assert_int_eq(map.shared, strchr(what, 's') != NULL);
	ck_assert_int_eq(map.anonymous, strchr(what, 'a') != NULL);
}

START_TEST(lines)
{
	struct vs_map map;
	TEXT(maps,
	     "00400000-00401000 r-xp 00000000 fd:01 12345      /bin/a b\\012c\n"
	     "7f00deadb000-7f00deadf000 rw-p 00000000 00:00 0 \n"
	     "7f00deadf000-7f00deae0000 rw-s 00001000 00:01 2049 /dev/zero\n"
	     "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  "
	     "                [vsyscall]\n",
	     true);

	is_next(&maps, 0x400000, 0x401000, "rx");
	is_next(&maps, 0x7f00deadb000, 0x7f00deadf000, "ra");
	is_next(&maps, 0x7f00deadf000, 0x7f00deae0000, "rs");
	is_next(&maps, 0xffffffffff600000, 0xffffffffff601000, "xa");
	ck_assert(!vs_maps_next(&maps, &map));
	ck_assert(!vs_maps_next(&maps, &map));
	vs_maps_close(&maps);
}
END_TEST

START_TEST(cut_off)
{
	static const char line[] =
		"1000-2000 rw-p 00000000 00:00 0 [heap]\n3000-4000 rw-p";
	struct vs_map map;

	for (size_t n = 0; n < sizeof(line); n++) {
		char *text = strndup(line, n);
		TEXT(maps, text, true);

		ck_assert_int_eq(vs_maps_next(&maps, &map), n >= 39);
		ck_assert(!vs_maps_next(&maps, &map));
		vs_maps_close(&maps);
		free(text);
	}
}
END_TEST

/* Names as long as paths may be, so that a buffer ends anywhere in a line. */
START_TEST(long_lines)
{
	enum { LINES = 64 };
	static char text[LINES * 4200];
	struct dice d = dice(1);
	char *at = text;

	for (unsigned i = 0; i < LINES; i++) {
		unsigned length = roll(&d, 2) ? roll(&d, 4000) : roll(&d, 40);

		at += sprintf(at, "%x000-%x000 %sw-p 0 0:0 %u /", 2 * i + 1,
			      2 * i + 2, i % 2 ? "r" : "-", i % 3);
		memset(at, 'n', length);
		at += length;
		*at++ = '\n';
	}
	*at = '\0';
	TEXT(maps, text, false);
	for (unsigned i = 0; i < LINES; i++) {
		char what[3] = {i % 2 ? 'r' : '-', i % 3 ? '-' : 'a'};

		is_next(&maps, (2 * i + 1) << 12, (2 * i + 2) << 12, what);
	}
	ck_assert(!vs_maps_next(&maps, &(struct vs_map){.readable = false}));
	vs_maps_close(&maps);
}
END_TEST

/* Only those that are writable; a stack has a guard right below it, that is not
 * too big, nor is the stack. */
START_TEST(guards)
{
	static const struct {
		uintptr_t lo, hi;
		bool stack;
	} expect[] = {
		{0x2000, 0x10000, true},       {0x21000, 0x30000, false},
		{0x50000, 0x60000, false},     {0x60000, 0x70000, false},
		{0x81000, 0x4081000, true},    {0x5001000, 0x9002000, false},
		{0x9203000, 0x9204000, false},
	};
	struct vs_map map;
	TEXT(maps,
	     "1000-2000 ---p 0 0:0 0\n2000-10000 rw-p 0 0:0 0\n"
	     /* readable */
	     "20000-21000 r--p 0 0:0 0\n21000-30000 rw-p 0 0:0 0\n"
	     /* a hole between, then no guard at all */
	     "40000-41000 ---p 0 0:0 0\n50000-60000 rw-p 0 0:0 0\n"
	     "60000-70000 rw-p 0 0:0 0\n"
	     /* as big as a stack gets, and one page more */
	     "71000-81000 ---p 0 0:0 0\n81000-4081000 rw-p 0 0:0 0\n"
	     "5000000-5001000 ---p 0 0:0 0\n5001000-9002000 rw-p 0 0:0 0\n"
	     /* a guard of 64 KiB is one, of a page more none */
	     "91f2000-9203000 ---p 0 0:0 0\n9203000-9204000 rw-p 0 0:0 0\n",
	     false);

	for (int i = 0; i < LENGTH(expect); i++) {
		ck_assert(vs_maps_next(&maps, &map));
		ck_assert_uint_eq(map.at.lo, expect[i].lo);
		ck_assert_uint_eq(map.at.hi, expect[i].hi);
		ck_assert_msg(vs_maps_stack(&maps, &map, VS_GUARDS_MAPPED) ==
				      expect[i].stack,
			      "line %d", i);
	}
	ck_assert(!vs_maps_next(&maps, &map));
	vs_maps_close(&maps);
}
END_TEST

/* Of all mappings a guard is one, too, and is remembered for the next. */
START_TEST(guards_among_all)
{
	static const bool stack[] = {false, true, false, false};
	struct vs_map map;
	TEXT(maps,
	     "1000-2000 ---p 0 0:0 0\n2000-10000 rw-p 0 0:0 0\n"
	     "10000-20000 rw-p 0 0:0 0\n30000-31000 ---p 0 0:0 0\n",
	     true);

	for (int i = 0; i < LENGTH(stack); i++) {
		ck_assert(vs_maps_next(&maps, &map));
		ck_assert_msg(vs_maps_stack(&maps, &map, VS_GUARDS_MAPPED) ==
				      stack[i],
			      "line %d", i);
	}
	ck_assert(!vs_maps_next(&maps, &map));
	vs_maps_close(&maps);
}
END_TEST

/* ---- of this process ---- */

/* 16 pages, and below them some that no one may touch. */
static char *map_stack(size_t guard)
{
	char *at = mmap(NULL, (1 + guard + 16) << 12, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	munmap(at, 4096);
	at += (1 + guard) << 12;
	mprotect(at, 16 << 12, PROT_READ | PROT_WRITE);
	return at;
}

/* Whether the mapping at `at` looks like a stack. */
static bool is_stack(const char *at, enum vs_guards guards)
{
	struct vs_maps maps;
	struct vs_map map;
	bool answer = false;

	ck_assert_int_eq(vs_maps_open(&maps, false), 0);
	while (vs_maps_next(&maps, &map)) {
		if (map.at.lo == (uintptr_t)at)
			answer = vs_maps_stack(&maps, &map, guards);
	}
	vs_maps_close(&maps);
	return answer;
}

START_TEST(stacks)
{
	char *stack = map_stack(1), *most = map_stack(16);
	char *region, *reserved = map_stack(17);
	char *plain = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Alone, whatever the kernel has put beside it. */
	region = map_stack(1);
	munmap(region - 4096, 4096);
	mprotect(plain, 4096, PROT_READ);
	ck_assert(is_stack(stack, VS_GUARDS_MAPPED));
	ck_assert(is_stack(most, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(reserved, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(plain + 4096, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(region, VS_GUARDS_PAGEMAP));
	ck_assert(!is_stack(region, VS_GUARDS_READ));
	ck_assert(is_stack(stack, VS_GUARDS_READ));
	if (!madvise(region, 4096, GUARD_INSTALL)) {
		ck_assert(!is_stack(region, VS_GUARDS_MAPPED));
		ck_assert(is_stack(region, VS_GUARDS_PAGEMAP));
		ck_assert(is_stack(region, VS_GUARDS_READ));
		madvise(stack, 4096, GUARD_INSTALL);
	}
	refuse_query();
	ck_assert(is_stack(stack, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(plain + 4096, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(region, VS_GUARDS_PAGEMAP));
}
END_TEST

/* What is met again, because it has grown meanwhile, or is shown twice. */
START_TEST(grown)
{
	char *at = mmap(NULL, 4 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uintptr_t lo = (uintptr_t)at + 4096, hi = lo + 4096;
	struct vs_maps maps;
	struct vs_map map;
	TEXT(text,
	     "1000-2000 rw-p 0 0:0 0\n1000-4000 rw-p 0 0:0 0\n"
	     "1000-4000 rw-p 0 0:0 0\n5000-6000 rw-p 0 0:0 0\n",
	     false);

	is_next(&text, 0x1000, 0x2000, "ra");
	is_next(&text, 0x2000, 0x4000, "ra");
	is_next(&text, 0x5000, 0x6000, "ra");
	ck_assert(!vs_maps_next(&text, &map));
	vs_maps_close(&text);

	mprotect((void *)lo, 4096, PROT_READ | PROT_WRITE);
	ck_assert_int_eq(vs_maps_open(&maps, false), 0);
	do
		ck_assert(vs_maps_next(&maps, &map));
	while (map.at.lo != lo);
	mprotect((void *)hi, 4096, PROT_READ | PROT_WRITE);
	ck_assert(vs_maps_next(&maps, &map));
	ck_assert_uint_ge(map.at.lo, hi);
	vs_maps_close(&maps);
}
END_TEST

START_TEST(shared)
{
	char *at = mmap(NULL, 16 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uintptr_t lo = (uintptr_t)at + (8 << 12), hi = lo + (2 << 12);

	ck_assert_ptr_ne(at, MAP_FAILED);
	mmap((void *)lo, hi - lo, PROT_READ,
	     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ck_assert(vs_maps_shared(lo, hi));
	ck_assert(vs_maps_shared(lo + 4096, hi));
	ck_assert(vs_maps_shared(lo - 4096, lo + 4096));
	ck_assert(vs_maps_shared((uintptr_t)at, lo + 1));
	/* Without the ioctl, by the text. */
	refuse_query();
	ck_assert(vs_maps_shared(lo, hi));
	ck_assert(vs_maps_shared((uintptr_t)at, lo + 1));
	ck_assert(!vs_maps_shared((uintptr_t)at, (uintptr_t)at + 4096));
}
END_TEST

START_TEST(not_shared)
{
	char *at = mmap(NULL, 16 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uintptr_t lo = (uintptr_t)at + (8 << 12), hi = lo + (2 << 12);
	struct vs_maps maps;

	ck_assert_int_eq(vs_maps_open(&maps, true), 0);
	vs_maps_close(&maps);
	if (!maps.query)
		return;
	mmap((void *)lo, hi - lo, PROT_READ,
	     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ck_assert(!vs_maps_shared((uintptr_t)at, lo));
	ck_assert(!vs_maps_shared(hi, (uintptr_t)at + (16 << 12)));
	munmap((void *)lo, hi - lo);
	ck_assert(!vs_maps_shared((uintptr_t)at, (uintptr_t)at + (16 << 12)));
}
END_TEST

/* ---- small files ---- */

START_TEST(whole_files)
{
	char path[] = "/tmp/vspawn-unit.XXXXXX", buf[16];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(vs_proc_read(path, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(write(fd, "0123456789abcde", 15), 15);
	ck_assert_int_eq(vs_proc_read(path, buf, sizeof(buf)), 15);
	ck_assert_str_eq(buf, "0123456789abcde");
	ck_assert_int_eq(write(fd, "fgh", 3), 3);
	ck_assert_int_eq(vs_proc_read(path, buf, sizeof(buf)), 15);
	ck_assert_str_eq(buf, "0123456789abcde");
	close(fd);
	unlink(path);
	ck_assert_int_eq(vs_proc_read(path, buf, sizeof(buf)), -ENOENT);
	ck_assert_int_eq(vs_proc_read("/proc/self", buf, sizeof(buf)), -EISDIR);
}
END_TEST

UNIT(proc_maps, by_query, by_text, lines, cut_off, long_lines, guards,
     guards_among_all, stacks, grown, shared, not_shared, whole_files)

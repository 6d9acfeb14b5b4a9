/* SPDX-License-Identifier: MIT
 * kernel/proc/: maps of made up files, and small files. */
#include "kernel/proc/read.h"
#include "proc_maps.h"

START_TEST(lines)
{
	struct vs_map map;
	struct vs_maps maps = text_of(
		"00400000-00401000 r-xp 00000000 fd:01 12345      /bin/a "
		"b\\012c\n"
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
		struct vs_maps maps = text_of(text, true);

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
	struct vs_maps maps = text_of(text, false);
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
	struct vs_maps maps = text_of(
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
	struct vs_maps maps =
		text_of("1000-2000 ---p 0 0:0 0\n2000-10000 rw-p 0 0:0 0\n"
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

UNIT(proc_text, lines, cut_off, long_lines, guards, guards_among_all,
     whole_files)

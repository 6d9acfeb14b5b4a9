/* SPDX-License-Identifier: MIT
 * stats/: the summary as it is printed, and where; and its text. */
#include <signal.h>

#include "kernel/sigmask.h"
#include "stats.h"

/* ---- the summary ---- */

static const char *printed(const char *path)
{
	static char text[65536];
	FILE *from = fopen(path, "r");
	size_t n;

	ck_assert_ptr_nonnull(from);
	n = fread(text, 1, sizeof(text) - 1, from);
	text[n] = '\0';
	ck_assert_uint_eq(strlen(text), n);
	fclose(from);
	unlink(path);
	return text;
}

START_TEST(nothing_happened)
{
	want_stats();
	vs_stats_print();
	ck_assert_str_eq(printed(file), "before\n");
}
END_TEST

static struct vs_cause cause(unsigned calls, unsigned took, unsigned us)
{
	return (struct vs_cause){calls, took, {us, 0}};
}

START_TEST(summary)
{
	char expected[1024];
	struct vs_row *row;

	want_stats();
	row = row_of(VS_ENTRY_fork, VS_TXN);
	row->calls = 100;
	row->bucket[vs_bucket_of(100000)] = 50;
	row->bucket[vs_bucket_of(200000)] = 50;
	row = row_of(VS_ENTRY_posix_spawnp, VS_SPAWN);
	row->calls = row->bucket[vs_bucket_of(50000)] = 1;
	vs_tally->undone[VS_UNDONE_TIMEOUT] = cause(3, 3, 90307);
	vs_tally->undone[VS_UNDONE_SYSCALL] = cause(4, 4, 600);
	vs_tally->culprit[0] = (struct vs_culprit){2, 4, "write"};
	vs_tally->culprit[1] = (struct vs_culprit){3, 5, "?"};
	/* Against half of those above. */
	vs_tally->native[VS_WHY_TRACED] = cause(0, 1000, 802400);
	vs_tally->native[VS_WHY_SMALL] = cause(7, 7, 700);
	vs_stats_print();
	/* 100 us are in the bucket from 98304 to 106495 ns, and so on. */
	snprintf(expected, sizeof(expected),
		 "before\nvspawn: pid %d (unit)\n"
		 "lost ms          700.0  a debugger or strace is attached\n"
		 "lost ms           90.0  no exec within the time limit\n"
		 "lost ms            0.2  system call with effects outside "
		 "the child\n"
		 "entry          engine      calls     p50 us     p99 us\n"
		 "fork           txn           100      102.4      204.8\n"
		 "posix_spawnp   spawn           1       51.2       51.2\n"
		 "transactions   committed 100, rolled back 7\n"
		 "  rolled back          4  system call with effects outside "
		 "the child\n"
		 "  rolled back          3  no exec within the time limit\n"
		 "    by                 4  write\n"
		 "    by                 5  ?\n"
		 "  native               7  little memory: a native fork is as "
		 "cheap\n",
		 getpid());
	ck_assert_str_eq(printed(file), expected);
}
END_TEST

/* %p is the pid, other percent signs are themselves; a second process, or
 * summary, is appended. */
START_TEST(names_of_files)
{
	static char name[sizeof(file) + 8];
	char path[64];

	want_stats();
	unlink(file);
	sprintf(name, "%s%%%%p.%%p%%", file);
	sprintf(path, "%s%%%d.%d%%", file, getpid(), getpid());
	vs_config.stats = name;
	row_of(VS_ENTRY_fork, VS_SHARE)->calls = 1;
	vs_stats_print();
	ck_assert_ptr_nonnull(strstr(printed(path), "fork           share"));
}
END_TEST

/* All that there can be, in each format. */
START_TEST(much)
{
	static const char *const ends[] = {"\n", "\n", "}\n"};
	const char *text;

	for (int format = VS_FORMAT_TEXT; format <= VS_FORMAT_JSON; format++) {
		want_stats();
		vs_config.stats_format = (enum vs_format)format;
		memset(vs_tally, 0x55, sizeof(*vs_tally));
		for (int i = 0; i < VS_MAX_CULPRITS; i++)
			vs_tally->culprit[i].name[23] = '\0';
		for (int i = 0; i < VS_MAX_ROWS; i++)
			vs_tally->row[i].entry[23] = '\0';
		for (int i = 0; i < VS_MAX_PLACES; i++) {
			vs_tally->place[i].entry[23] = '\0';
			vs_tally->place[i].module[103] = '\0';
		}
		vs_stats_print();
		text = printed(file);
		ck_assert_str_eq(text + strlen(text) - strlen(ends[format]),
				 ends[format]);
		strcpy(file + strlen(file) - 6, "XXXXXX");
	}
}
END_TEST

START_TEST(not_writable)
{
	int saved = dup(2), pipe_[2];
	char said[256];
	ssize_t n;

	vs_config.stats = "/none/such";
	vs_config.reports = VS_REPORT_SUMMARY;
	row_of(VS_ENTRY_fork, VS_SHARE)->calls = 1;
	ck_assert_int_eq(pipe(pipe_), 0);
	dup2(pipe_[1], 2);
	vs_stats_print();
	dup2(saved, 2);
	n = read(pipe_[0], said, sizeof(said) - 1);
	ck_assert_int_gt(n, 0);
	said[n] = '\0';
	ck_assert_str_eq(said, "vspawn: VSPAWN_STATS=/none/such: "
			       "No such file or directory\n");
}
END_TEST

/* A pipe without a reader is no reason to die. */
START_TEST(broken_pipe)
{
	vs_sigset pending = {0};
	int pipe_[2];

	vs_config.stats = "stderr";
	vs_config.reports = VS_REPORT_SUMMARY;
	row_of(VS_ENTRY_fork, VS_SHARE)->calls = 1;
	ck_assert_int_eq(pipe(pipe_), 0);
	close(pipe_[0]);
	dup2(pipe_[1], 2);
	vs_stats_print();
	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	ck_assert(!vs_sigset_has(&pending, SIGPIPE));
}
END_TEST

/* ---- text ---- */

static const char *quoted(const char *s, size_t n)
{
	static char room[256];
	struct vs_text text = {room, sizeof(room) - 1, 0, false};

	vs_put_quoted(&text, s, n);
	room[text.size] = '\0';
	return room;
}

START_TEST(json_strings)
{
	ck_assert_str_eq(quoted("", 0), "\"\"");
	ck_assert_str_eq(quoted("a\"b\\c", 5), "\"a\\\"b\\\\c\"");
	ck_assert_str_eq(quoted("\n\x7f", 2), "\"\\u000a\\u007f\"");
	ck_assert_str_eq(quoted("\0x", 2), "\"\\u0000x\"");
	/* One of each length, then what is none: alone, cut off, too long for
	 * what it is, a surrogate, too large. */
	ck_assert_str_eq(quoted("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9),
			 "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	ck_assert_str_eq(quoted("\xff", 1), "\"\\udcff\"");
	ck_assert_str_eq(quoted("\xe2\x82", 2), "\"\\udce2\\udc82\"");
	ck_assert_str_eq(quoted("\xc0\xaf", 2), "\"\\udcc0\\udcaf\"");
	ck_assert_str_eq(quoted("\xed\xa0\x80", 3),
			 "\"\\udced\\udca0\\udc80\"");
	ck_assert_str_eq(quoted("\xf4\x90\x80\x80", 4),
			 "\"\\udcf4\\udc90\\udc80\\udc80\"");
}
END_TEST

START_TEST(padded)
{
	char room[64];
	struct vs_text text = {room, sizeof(room), 0, false};

	vs_put_left(&text, "ab", 4);
	vs_put_number(&text, 12, 4);
	vs_put_tenths(&text, 123, 6);
	vs_put_tenths(&text, 5, 0);
	vs_put_hex(&text, 0xabc);
	vs_put_number(&text, UINT64_MAX, 0);
	vs_put_bytes(&text, "", 1);
	ck_assert_str_eq(room, "ab    12  12.30.50xabc18446744073709551615");
	for (int i = 0; i < 30; i++)
		vs_put(&text, "x");
	ck_assert(text.cut);
	ck_assert_uint_eq(text.size, sizeof(room));
}
END_TEST

UNIT(summary, nothing_happened, summary, names_of_files, much, not_writable,
     broken_pipe, json_strings, padded)

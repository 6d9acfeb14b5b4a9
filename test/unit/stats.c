/* SPDX-License-Identifier: MIT
 * stats/: the buckets that durations are counted in, percentiles against a
 * sorted list, and the summary as it is printed. */
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "kernel/task/aside.h"
#include "kernel/proc/pid_namespace.h"
#include "kernel/proc/status.h"
#include "kernel/sigset.h"
#include "libc/facts.h"
#include "libc/module.h"
#include "port.h"
#include "stats/internal.h"
#include "stats/life.h"
#include "stats/report/report.h"
#include "unit.h"

uint64_t vs_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t vs_wall_ns(void)
{
	return vs_time_ns();
}

bool vs_only_thread(void)
{
	return true;
}

long vs_proc_status(const char *path, struct vs_proc_status *to)
{
	(void)path;
	*to = (struct vs_proc_status){0};
	return 0;
}

bool vs_children_elsewhere(bool filtered)
{
	(void)filtered;
	return false;
}

bool vs_single_threaded(void)
{
	return true;
}

bool vs_module_of(uintptr_t address, char *path, size_t room, uintptr_t *offset)
{
	strncpy(path, "/lib/module.so", room - 1);
	*offset = address - 0x1000;
	return true;
}

void vs_module_prepare(void)
{
}

void vs_module_reset(void)
{
}

long vs_aside(void (*fn)(void *), void *arg)
{
	fn(arg);
	return 0;
}

void vs_sa_restorer(void)
{
}

static struct vs_row *row_of(enum vs_entry entry, enum vs_engine engine)
{
	for (int i = 0; i < VS_MAX_ROWS; i++) {
		struct vs_row *row = &vs_tally->row[i];

		if (!row->key) {
			row->key = vs_row_key(entry, engine);
			strcpy(row->entry, vs_entry_name(entry));
		}
		if (row->key == vs_row_key(entry, engine))
			return row;
	}
	ck_abort_msg("no row");
}

/* ---- sums ---- */

/* In any order of the two steps, and across many wraps. */
START_TEST(wide)
{
	struct vs_wide w = {0};
	struct dice d = dice(3);
	uint64_t sum = 0;

	for (int i = 0; i < 100000; i++) {
		uint32_t n = roll(&d, i % 2 ? INT32_MAX : 1000);
		uint32_t halves = w.halves;

		vs_wide_add(&w, n);
		sum += n;
		ck_assert_uint_eq(vs_wide_read(&w), sum);
		/* Killed, or looked at, between the two. */
		struct vs_wide torn = {w.low, halves};

		ck_assert_uint_eq(vs_wide_read(&torn), sum);
	}
	ck_assert_uint_gt(sum, 1ULL << 40);
	vs_wide_add(&w, UINT64_MAX);
	ck_assert_uint_eq(vs_wide_read(&w), sum + INT32_MAX);
}
END_TEST

enum { ADDERS = 4, ADDS = 100000 };

static void *add_up(void *to)
{
	for (int i = 0; i < ADDS; i++)
		vs_wide_add(to, 1 << 20);
	return NULL;
}

START_TEST(wide_by_threads)
{
	struct vs_wide w = {0};
	pthread_t thread[ADDERS];
	uint64_t last = 0;

	for (int i = 0; i < ADDERS; i++)
		pthread_create(&thread[i], NULL, add_up, &w);
	while (last < 1000ULL << 20) {
		uint64_t now = vs_wide_read(&w);

		ck_assert_uint_ge(now, last);
		ck_assert_uint_lt(now - last, 1ULL << 40);
		last = now;
	}
	for (int i = 0; i < ADDERS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(vs_wide_read(&w), (uint64_t)ADDERS * ADDS << 20);
}
END_TEST

/* ---- buckets ---- */

/* None is wider than an eighth of what is in it, and none is left out. */
START_TEST(buckets)
{
	unsigned last = 0;

	ck_assert_uint_eq(vs_bucket_of(0), 0);
	for (unsigned octave = 0; octave < 44; octave++) {
		for (unsigned i = 0; i < 256; i++) {
			uint64_t ns = (1ULL << octave) +
				      ((uint64_t)i << octave) / 256;
			unsigned b = vs_bucket_of(ns);
			double middle = (double)vs_bucket_ns(b);

			if (b < last || b > last + 1)
				ck_abort_msg("%llu: bucket %u after %u",
					     (unsigned long long)ns, b, last);
			last = b;
			if (b == VS_BUCKETS - 1)
				continue;
			if (middle > (double)ns * 17 / 16 ||
			    middle < (double)ns * 15 / 16)
				ck_abort_msg("%llu: bucket %u is %f",
					     (unsigned long long)ns, b, middle);
		}
	}
	ck_assert_uint_eq(last, VS_BUCKETS - 1);
	ck_assert_uint_eq(vs_bucket_of(UINT64_MAX), VS_BUCKETS - 1);
	/* Longer than 36 minutes is not told apart any more. */
	ck_assert_uint_lt(vs_bucket_of(36ULL * 60 * 1000000000),
			  VS_BUCKETS - 1);
}
END_TEST

/* ---- percentiles ---- */

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* From nanoseconds to minutes, as many of each size. */
static uint64_t duration(struct dice *d)
{
	unsigned bits = 4 + roll(d, 34);

	return (1ULL << bits) | (roll(d, UINT32_MAX) & ((1ULL << bits) - 1));
}

/* The smallest that at least so many are not above. */
static uint64_t exact(const uint64_t *sorted, unsigned n, unsigned percent)
{
	for (unsigned i = 0; i < n; i++) {
		if ((i + 1) * 100 >= percent * n)
			return sorted[i];
	}
	return 0;
}

START_TEST(percentiles)
{
	static const unsigned shares[] = {1, 25, 50, 90, 99, 100};
	static uint64_t ns[1000];
	struct dice d = dice(1);

	for (int round = 0; round < 200; round++) {
		static struct vs_row row;
		unsigned n = 1 + roll(&d, round < 100 ? 10 : LENGTH(ns));

		memset(&row, 0, sizeof(row));
		for (unsigned i = 0; i < n; i++) {
			ns[i] = duration(&d);
			row.bucket[vs_bucket_of(ns[i])]++;
		}
		qsort(ns, n, sizeof(*ns), ascending);
		for (int i = 0; i < LENGTH(shares); i++) {
			double want = (double)exact(ns, n, shares[i]);
			double have =
				(double)vs_percentile_ns(row.bucket, shares[i]);

			if (have < want * 15 / 16 || have > want * 17 / 16)
				ck_abort_msg("round %d, %u of %u: %f not %f",
					     round, shares[i], n, have, want);
		}
	}
}
END_TEST

/* Calls whose durations say nothing have none. */
START_TEST(not_timed)
{
	struct vs_row row = {.calls = 10};

	ck_assert_uint_eq(vs_percentile_ns(row.bucket, 50), 0);
}
END_TEST

/* ---- counting ---- */

static char file[] = "/tmp/vspawn-unit.XXXXXX";

static void forked(const struct vs_verdict *v, uint64_t start)
{
	vs_stats_call(&(struct vs_call){.entry = VS_ENTRY_fork,
					.caller = 0x1234,
					.start = start,
					.forks = true,
					.result = 1,
					.verdict = *v});
}

static void want_stats(void)
{
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "before\n", 7), 7);
	close(fd);
	vs_config.stats = file;
	vs_config.reports = VS_REPORT_SUMMARY;
	strcpy(vs_config.program, "unit");
}

START_TEST(not_wanted)
{
	struct vs_verdict v = {.engine = VS_NATIVE,
			       .why = VS_WHY_SMALL,
			       .undone = VS_UNDONE_CRASH};

	ck_assert_uint_eq(vs_stats_start(), 0);
	forked(&v, 0);
	ck_assert_uint_eq(vs_all_calls(vs_tally), 0);
	ck_assert_uint_eq(vs_tally->undone[VS_UNDONE_CRASH].calls, 0);
}
END_TEST

static uint64_t by(long nr)
{
	for (int i = 0; i < VS_MAX_CULPRITS; i++) {
		const struct vs_culprit *c = &vs_tally->culprit[i];

		if (c->key == (uint32_t)(nr - VS_FIRST_NUMBER) + 1) {
			ck_assert_str_eq(c->name, vs_syscall_name(nr));
			return c->calls;
		}
	}
	return 0;
}

START_TEST(counted)
{
	struct vs_verdict v = {.engine = VS_NATIVE,
			       .why = VS_WHY_UNDONE,
			       .undone = VS_UNDONE_SYSCALL,
			       .detail = SYS_write};
	struct vs_tally *t = vs_tally;
	const struct vs_place *place = &t->place[0];
	struct vs_row *row = &t->row[0];
	unsigned timed = 0;

	want_stats();
	errno = 77;
	forked(&v, vs_time_ns() - 1000000000);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(row->key, vs_row_key(VS_ENTRY_fork, VS_NATIVE));
	ck_assert_str_eq(row->entry, "fork");
	ck_assert_uint_eq(t->undone[VS_UNDONE_SYSCALL].took_calls, 1);
	ck_assert_uint_ge(vs_wide_read(&t->undone[VS_UNDONE_SYSCALL].took_us),
			  1000000);
	ck_assert_uint_eq(t->native[VS_WHY_UNDONE].took_calls, 0);
	ck_assert_uint_eq(row->calls, 1);
	ck_assert_uint_ge(vs_wide_read(&row->us), 1000000);
	ck_assert_uint_eq(t->native[VS_WHY_UNDONE].calls, 1);
	ck_assert_uint_eq(t->undone[VS_UNDONE_SYSCALL].calls, 1);
	ck_assert_uint_eq(by(SYS_write), 1);
	for (unsigned b = vs_bucket_of(1000000000); b < VS_BUCKETS; b++)
		timed += row->bucket[b];
	ck_assert_uint_eq(timed, 1);
	/* The call site. */
	ck_assert_uint_eq(place->calls, 1);
	ck_assert_uint_eq(place->undone, 1);
	ck_assert_uint_eq(place->address, 0x1234);
	ck_assert_uint_eq(place->offset, 0x234);
	ck_assert_str_eq(place->module, "/lib/module.so");
	ck_assert_uint_eq(place->undone_why, VS_UNDONE_SYSCALL);
	/* Numbers that no system call has. */
	v.detail = -1;
	forked(&v, 0);
	v.detail = VS_FIRST_NUMBER + VS_SYSCALLS + 1;
	forked(&v, 0);
	ck_assert_uint_eq(t->culprit[1].key, 0);
	/* A detail that is no number. */
	v.undone = VS_UNDONE_CRASH;
	v.detail = SYS_read;
	forked(&v, 0);
	ck_assert_uint_eq(by(SYS_read), 0);
	v.undone = VS_UNDONE_NOT;
	forked(&v, 0);
	ck_assert_uint_eq(t->undone[VS_UNDONE_NOT].calls, 0);
	/* What rollbacks have taught is their fault, if the children exec. */
	v = (struct vs_verdict){.engine = VS_NATIVE, .why = VS_WHY_LEARNED};
	forked(&v, vs_time_ns());
	v.because = VS_UNDONE_SIGNAL;
	forked(&v, vs_time_ns());
	ck_assert_uint_eq(t->native[VS_WHY_LEARNED].took_calls, 0);
	ck_assert_uint_eq(t->undone[VS_UNDONE_SIGNAL].took_calls, 1);
	ck_assert_uint_eq(t->undone[VS_UNDONE_SIGNAL].calls, 0);
	v.why = VS_WHY_TRACED;
	forked(&v, vs_time_ns());
	ck_assert_uint_eq(t->native[VS_WHY_TRACED].took_calls, 1);
	v = (struct vs_verdict){
		.engine = VS_TXN, .fetched_kb = 64, .native_us = 5000000};
	forked(&v, vs_time_ns() - 1000000000);
	ck_assert_uint_eq(t->native[VS_WHY_NONE].took_calls, 0);
	ck_assert_uint_eq(t->place[1].engine, VS_TXN);
	ck_assert_uint_eq(vs_wide_read(&t->place[1].fetched_kb), 64);
	ck_assert_uint_gt(vs_wide_read(&t->saved_us), 3900000);
	ck_assert_uint_le(vs_wide_read(&t->saved_us), 4000000);
	vs_stats_reset();
	for (size_t i = 0; i < sizeof(*t); i++)
		ck_assert_uint_eq(((unsigned char *)t)[i], 0);
	unlink(file);
}
END_TEST

/* A fork() that fails is none, but what was rolled back before is counted. */
START_TEST(failed)
{
	want_stats();
	vs_stats_call(
		&(struct vs_call){.entry = VS_ENTRY_fork,
				  .start = vs_time_ns(),
				  .forks = true,
				  .result = -EAGAIN,
				  .verdict = {.engine = VS_NATIVE,
					      .why = VS_WHY_UNDONE,
					      .undone = VS_UNDONE_TIMEOUT}});
	ck_assert_uint_eq(vs_all_calls(vs_tally), 0);
	ck_assert_uint_eq(vs_tally->undone[VS_UNDONE_TIMEOUT].calls, 1);
	unlink(file);
}
END_TEST

/* More sites than there is room for. */
START_TEST(many_sites)
{
	unsigned n = 0;

	want_stats();
	for (unsigned i = 0; i < 3 * VS_MAX_PLACES; i++)
		vs_stats_call(&(struct vs_call){.entry = VS_ENTRY_posix_spawn,
						.caller = 0x2000 + i / 2 * 8});
	for (int i = 0; i < VS_MAX_PLACES; i++)
		n += vs_tally->place[i].calls;
	ck_assert_uint_eq(n, 2 * VS_MAX_PLACES);
	ck_assert_uint_eq(vs_tally->elsewhere, VS_MAX_PLACES);
	ck_assert_uint_eq(vs_all_calls(vs_tally), 3 * VS_MAX_PLACES);
	unlink(file);
}
END_TEST

enum { THREADS = 4, CALLS = 20000 };

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < CALLS; i++)
		vs_stats_spawned(VS_ENTRY_posix_spawn, vs_stats_start());
	return NULL;
}

START_TEST(by_threads)
{
	const struct vs_row *row = row_of(VS_ENTRY_posix_spawn, VS_SPAWN);
	pthread_t thread[THREADS];
	unsigned timed = 0;

	vs_config.reports = VS_REPORT_SUMMARY;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(row->calls, THREADS * CALLS);
	for (int b = 0; b < VS_BUCKETS; b++)
		timed += row->bucket[b];
	ck_assert_uint_eq(timed, THREADS * CALLS);
}
END_TEST

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

__attribute__((constructor)) static void make_room(void)
{
	static struct vs_summary_room room;
	static struct vs_tally tally;

	vs_tally = &tally;
	vs_summary_room = &room;
}

UNIT(stats, wide, wide_by_threads, buckets, percentiles, not_timed, not_wanted,
     counted, failed, many_sites, by_threads, nothing_happened, summary,
     names_of_files, much, not_writable, broken_pipe, json_strings, padded)

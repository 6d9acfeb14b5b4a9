/* SPDX-License-Identifier: MIT
 * stats/: the buckets that durations are counted in, percentiles against a
 * sorted list, and the summary as it is printed. */
#include <pthread.h>
#include <time.h>

#include "stats/stats.c"

#include "stats/print.c"

#include "unit.h"

uint64_t vs_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- buckets ---- */

/* None is wider than an eighth of what is in it, and none is left out. */
START_TEST(buckets)
{
	unsigned last = 0;

	ck_assert_uint_eq(bucket_of(0), 0);
	for (unsigned octave = 0; octave < 44; octave++) {
		for (unsigned i = 0; i < 256; i++) {
			uint64_t ns = (1ULL << octave) +
				      ((uint64_t)i << octave) / 256;
			unsigned b = bucket_of(ns);
			double middle = bucket_ns(b);

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
	ck_assert_uint_eq(bucket_of(UINT64_MAX), VS_BUCKETS - 1);
	/* Longer than 36 minutes is not told apart any more. */
	ck_assert_uint_lt(bucket_of(36ULL * 60 * 1000000000), VS_BUCKETS - 1);
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
static uint64_t exact(const uint64_t *sorted, unsigned n, double share)
{
	for (unsigned i = 0; i < n; i++) {
		if (i + 1 >= share * n)
			return sorted[i];
	}
	return 0;
}

START_TEST(percentiles)
{
	static const double shares[] = {0.01, 0.25, 0.5, 0.9, 0.99, 1};
	static uint64_t ns[1000];
	struct dice d = dice(1);

	for (int round = 0; round < 200; round++) {
		struct vs_row row = {0};
		unsigned n = 1 + roll(&d, round < 100 ? 10 : LENGTH(ns));

		for (unsigned i = 0; i < n; i++) {
			ns[i] = duration(&d);
			add(&row.calls);
			add(&row.bucket[bucket_of(ns[i])]);
		}
		qsort(ns, n, sizeof(*ns), ascending);
		for (int i = 0; i < LENGTH(shares); i++) {
			double want = (double)exact(ns, n, shares[i]) / 1000;
			double have = percentile_us(&row, shares[i]);

			if (have < want * 15 / 16 || have > want * 17 / 16)
				ck_abort_msg("round %d, %.2f of %u: %f not %f",
					     round, shares[i], n, have, want);
		}
	}
}
END_TEST

/* Calls whose durations say nothing have none. */
START_TEST(not_timed)
{
	struct vs_row row = {.calls = 10};

	ck_assert(percentile_us(&row, 0.5) == 0);
}
END_TEST

/* ---- counting ---- */

static char file[] = "/tmp/vspawn-unit.XXXXXX";

static void want_stats(void)
{
	int fd = mkstemp(file);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "before\n", 7), 7);
	close(fd);
	vs_config.stats = file;
	strcpy(vs_config.program, "unit");
}

START_TEST(not_wanted)
{
	struct vs_verdict v = {.engine = VS_NATIVE,
			       .why = VS_WHY_SMALL,
			       .undone = VS_UNDONE_CRASH};

	ck_assert_uint_eq(vs_stats_start(), 0);
	vs_stats_call(VS_ENTRY_fork, &v, 0);
	vs_stats_fork(&v, 0);
	ck_assert(!anything_counted());
	ck_assert_uint_eq(vs_counts.undone[VS_UNDONE_CRASH], 0);
}
END_TEST

START_TEST(counted)
{
	struct vs_verdict v = {.engine = VS_NATIVE,
			       .why = VS_WHY_UNDONE,
			       .undone = VS_UNDONE_SYSCALL,
			       .detail = SYS_write};
	struct vs_row *row = &vs_counts.row[VS_ENTRY_fork][VS_NATIVE];
	unsigned timed = 0;

	want_stats();
	errno = 77;
	vs_stats_call(VS_ENTRY_fork, &v, vs_time_ns() - 1000000000);
	vs_stats_fork(&v, vs_time_ns() - 2000000);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(vs_counts.undone_took[VS_UNDONE_SYSCALL].calls, 1);
	ck_assert_uint_ge(vs_counts.undone_took[VS_UNDONE_SYSCALL].us, 2000);
	ck_assert_uint_eq(vs_counts.native_took[VS_WHY_UNDONE].calls, 0);
	ck_assert_uint_eq(row->calls, 1);
	ck_assert_uint_eq(vs_counts.native[VS_WHY_UNDONE], 1);
	ck_assert_uint_eq(vs_counts.undone[VS_UNDONE_SYSCALL], 1);
	ck_assert_uint_eq(vs_counts.by_syscall[SYS_write - VS_FIRST_NUMBER], 1);
	for (unsigned b = bucket_of(1000000000); b < VS_BUCKETS; b++)
		timed += row->bucket[b];
	ck_assert_uint_eq(timed, 1);
	/* Numbers that no system call has. */
	v.detail = -1;
	vs_stats_fork(&v, 0);
	v.detail = VS_FIRST_NUMBER + VS_SYSCALLS + 1;
	vs_stats_fork(&v, 0);
	/* A detail that is no number. */
	v.undone = VS_UNDONE_CRASH;
	v.detail = SYS_read;
	vs_stats_fork(&v, 0);
	ck_assert_uint_eq(vs_counts.by_syscall[SYS_read - VS_FIRST_NUMBER], 0);
	v.undone = VS_UNDONE_NOT;
	vs_stats_fork(&v, 0);
	ck_assert_uint_eq(vs_counts.undone[VS_UNDONE_NOT], 0);
	/* What rollbacks have taught is their fault, if the children exec. */
	v = (struct vs_verdict){.engine = VS_NATIVE, .why = VS_WHY_LEARNED};
	vs_stats_fork(&v, vs_time_ns());
	v.because = VS_UNDONE_SIGNAL;
	vs_stats_fork(&v, vs_time_ns());
	ck_assert_uint_eq(vs_counts.native_took[VS_WHY_LEARNED].calls, 0);
	ck_assert_uint_eq(vs_counts.undone_took[VS_UNDONE_SIGNAL].calls, 1);
	ck_assert_uint_eq(vs_counts.undone[VS_UNDONE_SIGNAL], 0);
	v.why = VS_WHY_TRACED;
	vs_stats_fork(&v, vs_time_ns());
	ck_assert_uint_eq(vs_counts.native_took[VS_WHY_TRACED].calls, 1);
	v = (struct vs_verdict){.engine = VS_TXN};
	vs_stats_fork(&v, vs_time_ns());
	ck_assert_uint_eq(vs_counts.native_took[VS_WHY_NONE].calls, 0);
	vs_stats_reset();
	ck_assert(!anything_counted());
	ck_assert_uint_eq(vs_counts.undone[VS_UNDONE_SYSCALL], 0);
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
	const struct vs_row *row =
		&vs_counts.row[VS_ENTRY_posix_spawn][VS_SPAWN];
	pthread_t thread[THREADS];
	unsigned timed = 0;

	vs_config.stats = "stderr";
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
	static char text[16384];
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

START_TEST(summary)
{
	char expected[1024];
	struct vs_row *row;

	want_stats();
	row = &vs_counts.row[VS_ENTRY_fork][VS_TXN];
	row->calls = 100;
	row->bucket[bucket_of(100000)] = 50;
	row->bucket[bucket_of(200000)] = 50;
	row = &vs_counts.row[VS_ENTRY_posix_spawnp][VS_SPAWN];
	row->calls = row->bucket[bucket_of(50000)] = 1;
	vs_counts.undone[VS_UNDONE_TIMEOUT] = 3;
	vs_counts.undone[VS_UNDONE_SYSCALL] = 4;
	vs_counts.by_syscall[SYS_write - VS_FIRST_NUMBER] = 4;
	vs_counts.by_syscall[VS_SYSCALLS - 1] = 5;
	vs_counts.native[VS_WHY_SMALL] = 7;
	/* Against half of those above. */
	vs_counts.undone_took[VS_UNDONE_TIMEOUT] = (struct vs_took){3, 90307};
	vs_counts.undone_took[VS_UNDONE_SYSCALL] = (struct vs_took){4, 600};
	vs_counts.native_took[VS_WHY_TRACED] = (struct vs_took){1000, 802400};
	vs_counts.native_took[VS_WHY_SMALL] = (struct vs_took){7, 700};
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
	vs_counts.row[VS_ENTRY_fork][VS_SHARE].calls = 1;
	vs_stats_print();
	ck_assert_ptr_nonnull(strstr(printed(path), "fork           share"));
}
END_TEST

/* What does not fit into the buffer is left out, the rest is whole. */
START_TEST(too_much)
{
	const char *text;

	want_stats();
	for (int entry = 0; entry < VS_MAKERS; entry++) {
		for (int engine = 0; engine < VS_ENGINES; engine++)
			vs_counts.row[entry][engine].calls = UINT32_MAX;
	}
	vs_stats_print();
	text = printed(file);
	ck_assert_uint_le(strlen(text), 7 + 8191);
	ck_assert_int_eq(strncmp(text, "before\nvspawn: pid ", 19), 0);
}
END_TEST

START_TEST(not_writable)
{
	int saved = dup(2), pipe_[2];
	char said[256];
	ssize_t n;

	vs_config.stats = "/none/such";
	vs_counts.row[VS_ENTRY_fork][VS_SHARE].calls = 1;
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
	vs_counts.row[VS_ENTRY_fork][VS_SHARE].calls = 1;
	ck_assert_int_eq(pipe(pipe_), 0);
	close(pipe_[0]);
	dup2(pipe_[1], 2);
	vs_stats_print();
	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	ck_assert(!vs_sigset_has(&pending, SIGPIPE));
}
END_TEST

UNIT(stats, buckets, percentiles, not_timed, not_wanted, counted, by_threads,
     nothing_happened, summary, names_of_files, too_much, not_writable,
     broken_pipe)

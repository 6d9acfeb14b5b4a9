/* SPDX-License-Identifier: MIT
 * base/config.c: what each variable means, and the warning for what is not
 * known. */
#include <fcntl.h>

#include "base/config.h"
#include "unit.h"

static char said[4096];

/* Reads the settings from `variables`; what goes to stderr is in `said`. */
static void read_from(char **variables)
{
	int saved = dup(2), pipe_[2];
	ssize_t n;

	ck_assert_int_eq(pipe2(pipe_, O_NONBLOCK), 0);
	dup2(pipe_[1], 2);
	errno = 77;
	vs_config_read(variables);
	ck_assert_int_eq(errno, 77);
	dup2(saved, 2);
	n = read(pipe_[0], said, sizeof(said) - 1);
	said[n > 0 ? n : 0] = '\0';
	close(saved);
	close(pipe_[0]);
	close(pipe_[1]);
}

#define READ(...) read_from((char *[]){__VA_ARGS__, NULL})

static void is_default(void)
{
	ck_assert(!vs_config.off);
	ck_assert(vs_config.spawn);
	ck_assert_int_eq(vs_config.fork_mode, VS_FORK_AUTO);
	ck_assert_int_eq(vs_config.children, VS_CHILDREN_INHERIT);
	ck_assert_ptr_null(vs_config.stats);
	ck_assert_ptr_null(vs_config.rules);
	ck_assert_ptr_null(vs_config.log);
	ck_assert_int_eq(vs_config.strict.how, VS_STRICT_OFF);
	ck_assert(!vs_config.fork_given);
	ck_assert_int_eq(vs_config.stats_pid, 0);
}

START_TEST(defaults)
{
	is_default();
	vs_config_read(NULL);
	is_default();
	READ("PATH=/bin", "VSPAWNED=off", "XVSPAWN=off", "VSPAWN",
	     "VSPAWN_FORKS=txn", "VSPAWN_FORK",
	     "VSPAWN_STATS=", "vspawn_fork=txn", "VSPAWN_NO=1", "");
	is_default();
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(each_value)
{
	static const char *const modes[] = {"auto", "native", "txn", "share"};
	static const char *const children[] = {"inherit", "keep", "drop"};
	char one[64];

	for (int i = 0; i < LENGTH(modes); i++) {
		snprintf(one, sizeof(one), "VSPAWN_FORK=%s", modes[i]);
		READ("A=B", one, "C=D");
		ck_assert_int_eq((int)vs_config.fork_mode, i);
	}
	for (int i = 0; i < LENGTH(children); i++) {
		snprintf(one, sizeof(one), "VSPAWN_CHILDREN=%s", children[i]);
		READ(one);
		ck_assert_int_eq((int)vs_config.children, i);
	}
	READ("VSPAWN_SPAWN=off");
	ck_assert(!vs_config.spawn);
	READ("VSPAWN_SPAWN=on");
	ck_assert(vs_config.spawn);
	READ("VSPAWN=off");
	ck_assert(vs_config.off);
	READ("VSPAWN=on");
	ck_assert(!vs_config.off);
	READ("VSPAWN_STATS_PID=4711");
	ck_assert_int_eq(vs_config.stats_pid, 4711);
	READ("VSPAWN_STATS_PID=");
	ck_assert_int_eq(vs_config.stats_pid, 0);
	ck_assert_str_eq(said, "");
}
END_TEST

/* Off is off, LD_PRELOAD included; the others stay to be seen. */
START_TEST(off_leaves_children_alone)
{
	READ("VSPAWN_CHILDREN=drop", "VSPAWN=off", "VSPAWN_FORK=share");
	ck_assert(vs_config.off);
	ck_assert_int_eq(vs_config.children, VS_CHILDREN_INHERIT);
	ck_assert_int_eq(vs_config.fork_mode, VS_FORK_SHARE);
}
END_TEST

START_TEST(unknown_values)
{
	READ("VSPAWN_FORK=TXN");
	ck_assert(vs_config.fork_given);
	vs_config.fork_given = false;
	is_default();
	ck_assert_str_eq(said, "vspawn: VSPAWN_FORK=TXN is not known; allowed: "
			       "auto, native, txn, share. Using auto\n");
	READ("VSPAWN_SPAWN=");
	is_default();
	ck_assert_str_eq(said, "vspawn: VSPAWN_SPAWN= is not known; allowed: "
			       "off, on. Using on\n");
	READ("VSPAWN=offf");
	is_default();
	ck_assert_str_eq(said, "vspawn: VSPAWN=offf is not known; allowed: on, "
			       "off. Using on\n");
	READ("VSPAWN_CHILDREN=keep ");
	is_default();
	ck_assert_str_eq(said,
			 "vspawn: VSPAWN_CHILDREN=keep  is not known; allowed: "
			 "inherit, keep, drop. Using inherit\n");
}
END_TEST

/* Cut off after 200 characters, still one line. */
START_TEST(long_value)
{
	static char one[5000] = "VSPAWN_FORK=";
	char expected[512];

	memset(one + strlen(one), 'x', sizeof(one) - 20);
	READ(one);
	snprintf(expected, sizeof(expected),
		 "vspawn: %.212s is not known; allowed: auto, native, txn, "
		 "share. Using auto\n",
		 one);
	ck_assert_str_eq(said, expected);
}
END_TEST

/* A copy, because programs write over their environment. */
START_TEST(stats_file)
{
	static char one[] = "VSPAWN_STATS=/tmp/a=b%p";

	READ(one);
	memset(one, 'x', sizeof(one) - 1);
	ck_assert_str_eq(vs_config.stats, "/tmp/a=b%p");
	ck_assert_str_eq(vs_config.program, "config");
}
END_TEST

/* One that no path may be as long as is none; one byte less is one. */
START_TEST(long_stats_file)
{
	static char one[13 + 4097] = "VSPAWN_STATS=";

	memset(one + 13, 'f', 4096);
	READ(one);
	ck_assert_ptr_null(vs_config.stats);
	one[13 + 4095] = '\0';
	READ(one);
	ck_assert_uint_eq(strlen(vs_config.stats), 4095);
}
END_TEST

START_TEST(strict)
{
	READ("VSPAWN_STRICT=fail:80G");
	ck_assert_int_eq(vs_config.strict.how, VS_STRICT_FAIL);
	ck_assert(vs_config.strict.bytes == 80ULL << 30);
	ck_assert_str_eq(said, "");
	READ("VSPAWN_STRICT=80G");
	ck_assert_int_eq(vs_config.strict.how, VS_STRICT_OFF);
	ck_assert_str_eq(said,
			 "vspawn: VSPAWN_STRICT=80G is not known; "
			 "allowed: off, log:SIZE, fail:SIZE. Using off\n");
}
END_TEST

/* Empty is a value for rules, and none for the log. */
START_TEST(rules_and_log)
{
	static char long_one[13 + 2000] = "VSPAWN_RULES=";

	READ("VSPAWN_RULES=", "VSPAWN_LOG=");
	ck_assert_str_eq(vs_config.rules, "");
	ck_assert_ptr_null(vs_config.log);
	READ("VSPAWN_RULES=/a", "VSPAWN_LOG=stderr");
	ck_assert_str_eq(vs_config.rules, "/a");
	ck_assert_str_eq(vs_config.log, "stderr");
	ck_assert_str_eq(vs_config.program, "config");
	memset(long_one + 13, 'f', 1024);
	READ(long_one);
	ck_assert_ptr_null(vs_config.rules);
}
END_TEST

START_TEST(arguments)
{
	static char long_one[300];

	vs_config_arguments(NULL);
	vs_config_arguments((char *[]){NULL});
	vs_config_arguments((char *[]){"a", NULL});
	vs_config_arguments((char *[]){"a", "-b", "--c", NULL});
	ck_assert_str_eq(vs_config.argument, "");
	memset(long_one, 'x', 256);
	vs_config_arguments((char *[]){"a", long_one, "c", NULL});
	ck_assert_str_eq(vs_config.argument, "");
	vs_config_arguments((char *[]){"a", "-b", "c.py", "d", NULL});
	ck_assert_str_eq(vs_config.argument, "c.py");
}
END_TEST

START_TEST(value_of)
{
	const char *v = "NAME=a=b";

	ck_assert_ptr_eq(vs_value_of(v, "NAME"), v + 5);
	ck_assert_str_eq(vs_value_of("NAME=", "NAME"), "");
	ck_assert_ptr_null(vs_value_of("NAME", "NAME"));
	ck_assert_ptr_null(vs_value_of("NAM", "NAME"));
	ck_assert_ptr_null(vs_value_of("NAMES=a", "NAME"));
	ck_assert_ptr_null(vs_value_of("", "NAME"));
	ck_assert_str_eq(vs_value_of("=a", ""), "a");
}
END_TEST

UNIT(config, defaults, each_value, off_leaves_children_alone, unknown_values,
     long_value, stats_file, long_stats_file, strict, rules_and_log, arguments,
     value_of)

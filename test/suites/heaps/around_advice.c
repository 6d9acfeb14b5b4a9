/* SPDX-License-Identifier: MIT
 *
 * Which calls on the memory map a transaction survives, and which it must not;
 * fork_advice has them all, and what comes of them. The same on a kernel that
 * tells of mappings by the text of /proc/self/maps only.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#include "around.h"
#include "map_calls.h"

static void make_in_child(const struct kind *kind, struct call call)
{
	pid_t pid;

	if (!kind->by_child)
		kind->make();
	pid = fork();
	if (!pid) {
		if (kind->by_child)
			kind->make();
		call.make(call.with);
		become_program();
	}
	exits_with(pid, 4);
	if (!kind->by_child)
		drop_region();
}

static const struct kind *kind_of(const char *name)
{
	const struct kind *kind = kinds;

	while (strcmp(kind->name, name) != 0)
		kind++;
	return kind;
}

/* ---- nothing changes, for whomever ---- */

static void hints(int unused UNUSED)
{
	static const char *const of[] = {"big", "guard region", "private file",
					 "shared", "shared file, read-only"};
	static const int which[] = {0,	1,  2,	3,  10, 11, 12, 13,
				    14, 15, 16, 17, 18, 19, 20, 21};

	for (int k = 0; k < LENGTH(of); k++) {
		for (int i = 0; i < LENGTH(which); i++)
			make_in_child(kind_of(of[k]),
				      (struct call){advise, which[i]});
	}
}

/* ---- the child's own ---- */

static void own_of(const struct kind *kind)
{
	static const struct call which[] = {
		{advise, 4},
		{advise, 8},
		{advise, 22},
		{advise, 23},
		{advise, 24},
		{advise, 102},
		{advise, 103},
		{unmap, EXTENT},
		{resize, 1},
		{resize, 2 * SMALL},
		{move, MREMAP_FIXED},
		{move, MREMAP_DONTUNMAP},
		{move_over, 0},
		{protect, PROT_NONE},
		{protect, PROT_READ},
		{protect, PROT_READ | PROT_WRITE},
		{map_over, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS},
		{map_over, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS},
		{map_writable, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS},
		{program_break, BIG * PAGE},
	};

	for (int i = 0; i < LENGTH(which); i++)
		make_in_child(kind, which[i]);
}

static void own(int unused UNUSED)
{
	make_spot();
	own_of(kind_of("small"));
	own_of(kind_of("private file"));
	own_of(kind_of("child's"));
}

/* Copied or not, by how many threads there are. */
static void of_stacks(int unused UNUSED)
{
	make_spot();
	own_of(kind_of("stack"));
}

/* ---- others' ---- */

static void others_of(const struct kind *kind)
{
	static const struct call which[] = {
		{advise, MADV_REMOVE},
		{advise, 25}, /* MADV_COLLAPSE */
		{advise, 1000},
		{protect, PROT_READ | PROT_WRITE},
	};

	for (int i = 0; i < LENGTH(which); i++)
		make_in_child(kind, which[i]);
}

static void others(int unused UNUSED)
{
	others_of(kind_of("shared"));
	others_of(kind_of("shared memfd"));
	others_of(kind_of("shared file"));
	others_of(kind_of("shared file, read-only"));
}

/* What the child believes to be there is brought in. */
static void lazy(int unused UNUSED)
{
	static const struct call which[] = {
		{advise, MADV_DONTNEED},
		{advise, 22},
		{unmap, EXTENT},
		{resize, 1},
		{protect, PROT_READ},
		{map_over, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS},
	};

	for (int i = 0; i < LENGTH(which); i++)
		make_in_child(kind_of("big"), which[i]);
}

/* ---- with and without PROCMAP_QUERY ---- */

static void (*calls_made)(int);

static void with_calls(void)
{
	with_stack(calls_made, 0);
}

/* As one from before the start, of which the library is not told. */
static void without_query(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 (unsigned)_IOWR('f', 17, char[104]), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {LENGTH(code), code};

	vs_sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (vs_sys(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		skip("no seccomp filters");
	with_calls();
}

static void (*const surroundings[])(void) = {with_calls, without_query};

/* ---- what becomes of them ---- */

static bool all_are_tried(void)
{
	return possible && !strcmp(getenv("VSPAWN_FORK"), "txn");
}

/* A machine that is busy may need a second try. */
static void all_commit(void (*calls)(int), int surrounding)
{
	calls_made = calls;
	for (int tries = 0; tries < 5; tries++) {
		if (!play(surroundings[surrounding]) || !all_are_tried() ||
		    summary_has(", rolled back 0\n"))
			return;
		if (!summary_has("no exec within the time limit"))
			break;
	}
	by_engines(false);
}

static void none_commits(void (*calls)(int), int surrounding)
{
	calls_made = calls;
	if (play(surroundings[surrounding]) && all_are_tried())
		by_engines(summary_has("committed 0, rolled back "));
}

START_TEST(calls)
{
	all_commit(hints, _i);
	all_commit(own, _i);
	none_commits(others, _i);
	all_commit(lazy, _i);
	calls_made = of_stacks;
	play(surroundings[_i]);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("advice");

	tcase_add_loop_test(tcase, calls, 0, LENGTH(surroundings));
	return run_scenes("around: advice", tcase, argv);
}

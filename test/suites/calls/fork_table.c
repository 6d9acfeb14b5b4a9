/* SPDX-License-Identifier: MIT
 *
 * Every system call that a speculative child may make, line by line of the
 * library's own table: made in a child that then execs, with memory that has
 * not been copied, it does what it does in a child by the system call; and the
 * transaction is committed, but for those examples that say they roll back.
 */
#include "call/attempt.h"

static void compare(const char *expected)
{
	static char got[TEXT];

	outcome(make_and_describe, false, got);
	ck_assert_msg(!strcmp(got, expected),
		      "%s, example %d, argument %d %#lx, way %d: \"%s\", not "
		      "\"%s\"",
		      now.line->name, (int)(now.example - examples),
		      now.changed, now.to, now.way, got, expected);
	counts->may += !now.must_roll;
	counts->must += !now.must_roll && !now.may_roll;
}

/* Those that must be rolled back are a scene of their own, in which nothing is
 * committed: among others one more or less would not be seen. */
static bool rolling;

static void try_it(struct attempt attempt, enum way last)
{
	static char expected[TEXT];

	if (attempt.must_roll != rolling)
		return;
	now = attempt;
	outcome(make_and_describe, true, expected);
	ck_assert_ptr_nonnull(strstr(expected, " status 0"));
	for (now.way = BY_NUMBER; now.way <= last; now.way++)
		compare(expected);
}

/* ---- which are tried ---- */

static void change(struct attempt attempt, int arg, long to)
{
	attempt.changed = arg;
	attempt.to = to;
	try_it(attempt, BY_NUMBER);
}

/* The kernel's EFAULT may be the library's doing: another argument need be of
 * memory not copied. */
static void faults(struct attempt attempt)
{
	long nowhere = (long)small_pages - PAGE;

	attempt.may_roll = true;
	attempt.must_roll = false;
	for (int i = 0; i < 6; i++) {
		if (in_memory(attempt.example->args[i]))
			change(attempt, i, i % 2 ? 16 : nowhere);
	}
}

/* What the line says of the arguments. */
static void others(struct attempt attempt)
{
	const struct line *line = attempt.line;

	if (line->path) {
		change(attempt, line->path - 1, M(MISSING));
		change(attempt, line->path - 1, M(EMPTY));
		change(attempt, line->path - 1, M(LONG));
	}
	if (line->fd) {
		change(attempt, 0, -1);
		change(attempt, 0, OURS);
		change(attempt, 0, CLOSED);
		change(attempt, 0, PIPE_IN);
	}
	if (line->size) {
		change(attempt, line->size - 1, 0);
		change(attempt, line->size - 1, 1);
		change(attempt, line->size - 1, LARGEST / 4);
	}
	if (line->self) {
		change(attempt, line->self - 1, SELF_PID);
		attempt.must_roll = true;
		change(attempt, line->self - 1, PARENT_PID);
	}
}

static const struct line *line_now;
/* Which examples and lines; shared by all processes. */
static bool *used, *walked;

static void try_line(void)
{
	static const struct example zeros;
	struct attempt attempt = {
		.line = line_now, .example = &zeros, .changed = -1};

	walked[line_now - lines] = true;
	for (int i = 0; i < LENGTH(examples); i++) {
		bool first = attempt.example == &zeros;

		if (strcmp(examples[i].name, line_now->name) != 0)
			continue;
		used[i] = true;
		attempt.example = &examples[i];
		attempt.must_roll = attempt.example->flags & ROLLS;
		attempt.may_roll = attempt.example->flags & MAY;
		try_it(attempt, BY_SYSCALL);
		if (first) {
			faults(attempt);
			others(attempt);
		}
	}
	if (attempt.example == &zeros) {
		try_it(attempt, BY_SYSCALL);
		others(attempt);
	}
}

static void scene(void)
{
	set_scene();
	try_line();
}

/* Some attempt on this line must be rolled back. */
static bool any_rolls(const struct line *line)
{
	for (int i = 0; i < LENGTH(examples); i++) {
		if (examples[i].flags & ROLLS &&
		    !strcmp(examples[i].name, line->name))
			return true;
	}
	return line->self;
}

enum { GROUP = 8, GROUPS = LENGTH(lines) / GROUP + 1 };

START_TEST(lines_of_table)
{
	for (int i = _i * GROUP; i < (_i + 1) * GROUP; i++) {
		if (i < LENGTH(lines)) {
			line_now = &lines[i];
			rolling = false;
			play_counted(scene);
			rolling = true;
			if (any_rolls(line_now))
				play_counted(scene);
		}
	}
}
END_TEST

/* After the others. */
START_TEST(all_of_them)
{
	int n = 0;

	for (int i = 0; i < LENGTH(lines); i++)
		n += walked[i];
	ck_assert_int_eq(n, LENGTH(lines));
	for (int i = 0; i < LENGTH(examples); i++)
		ck_assert_msg(used[i], "%s is in no line", examples[i].name);
}
END_TEST

static bool *shared_flags(size_t n)
{
	return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
}

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("table");

	used = shared_flags(LENGTH(examples));
	walked = shared_flags(LENGTH(lines));
	make_counts();
	tcase_add_loop_test(tcase, lines_of_table, 0, GROUPS);
	tcase_add_test(tcase, all_of_them);
	return run_scenes("fork: table", tcase, argv);
}

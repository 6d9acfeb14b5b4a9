/* SPDX-License-Identifier: MIT
 * memory/app_marks.c against a map of bits, one for each page: alone, and by
 * several threads at once, each in pages of its own. */
#include "app_marks.h"

/* Pages of one model, and where it lies: nothing is mapped there. */
enum { PAGES = 256, STEPS = 8000, THREADS = 4, SPAN = 24 };

struct model {
	uintptr_t base;
	struct dice dice;
	bool marked[VS_MARKS][PAGES];
};

static struct model model_at(unsigned number)
{
	return (struct model){.base = (uintptr_t)(0x100 + number * PAGES) << 12,
			      .dice = dice(number)};
}

static uintptr_t address(const struct model *m, unsigned page)
{
	return m->base + page * (uintptr_t)VS_PAGE;
}

static bool any(const struct model *m, int mark, unsigned from, unsigned to)
{
	bool found = false;

	for (; from < to; from++)
		found |= m->marked[mark][from];
	return found;
}

static void set(struct model *m, int mark, unsigned from, unsigned to, bool on)
{
	for (; from < to; from++)
		m->marked[mark][from] = on;
}

/* What the model and the list say of each page, and of a range. */
static bool agree(const struct model *m, unsigned from, unsigned to)
{
	for (unsigned page = from; page < to; page++) {
		bool have = m->marked[0][page] || m->marked[1][page];

		if (have !=
		    vs_app_marks_meet(address(m, page), address(m, page + 1)))
			return false;
	}
	return vs_app_marks_meet(address(m, from), address(m, to)) ==
	       (any(m, 0, from, to) || any(m, 1, from, to));
}

/* What mremap() moves keeps its marks; `stays`: in both places. */
static void move(struct model *m, unsigned from, unsigned to, unsigned n)
{
	struct vs_range old = {address(m, from), address(m, from + n)};
	struct vs_range new = {address(m, to), address(m, to + n)};
	bool stays = roll(&m->dice, 2), moves = roll(&m->dice, 4);
	vs_sigset mask;

	vs_app_marks_hold(&mask);
	if (moves)
		vs_app_marks_move(&old, &new, stays);
	vs_app_marks_release(&mask);
	for (int mark = 0; moves && mark < VS_MARKS; mark++) {
		bool had = any(m, mark, from, from + n);

		set(m, mark, from, from + n, had && stays);
		if (had)
			set(m, mark, to, to + n, true);
	}
}

/* One random change; whether all is as in the model. */
static bool step(struct model *m)
{
	unsigned n = 1 + roll(&m->dice, SPAN);
	unsigned from = roll(&m->dice, PAGES - SPAN), to = from + n, other;
	enum vs_mark mark = roll(&m->dice, VS_MARKS);

	switch (roll(&m->dice, 8)) {
	case 0:
	case 1:
	case 2:
		vs_app_marks_add(mark, address(m, from), address(m, to));
		set(m, mark, from, to, true);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		if (vs_app_marks_remove(mark, address(m, from),
					address(m, to)) !=
		    any(m, mark, from, to))
			return false;
		set(m, mark, from, to, false);
		break;
	default:
		/* To a place that does not overlap, as mremap() has it. */
		other = (from + SPAN + roll(&m->dice, PAGES - 3 * SPAN)) %
			(PAGES - SPAN);
		if (other + n <= from || other >= to)
			move(m, from, other, n);
	}
	return agree(m, from, to);
}

START_TEST(as_the_model)
{
	struct model m = model_at(0);

	for (int i = 0; i < STEPS; i++)
		ck_assert_msg(step(&m), "step %d", i);
	ck_assert(agree(&m, 0, PAGES));
	ck_assert(!vs_app_marks_overflow());
}
END_TEST

static void *one_of_several(void *arg)
{
	struct model *m = arg;

	for (int i = 0; i < STEPS; i++) {
		if (!step(m))
			return m;
	}
	return agree(m, 0, PAGES) ? NULL : m;
}

START_TEST(by_threads)
{
	static struct model m[THREADS];
	pthread_t thread[THREADS];
	void *wrong;

	for (unsigned i = 0; i < THREADS; i++) {
		m[i] = model_at(i);
		pthread_create(&thread[i], NULL, one_of_several, &m[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &wrong);
		ck_assert_msg(!wrong, "thread %d", i);
	}
	for (int i = 0; i < THREADS; i++)
		ck_assert(agree(&m[i], 0, PAGES));
}
END_TEST

/* Neighbours are one range: more than fit may be added if they touch. */
START_TEST(neighbours_are_joined)
{
	for (uintptr_t page = 100000; page > 90000; page--)
		mark_page(page);
	ck_assert(!vs_app_marks_overflow());
	/* from the other side */
	for (uintptr_t page = 100001; page < 110000; page++)
		mark_page(page);
	ck_assert(!vs_app_marks_overflow());
	ck_assert(vs_app_marks_meet(95000UL << 12, 95001UL << 12));
	ck_assert(!vs_app_marks_meet(0, (90001UL << 12)));
	ck_assert(!vs_app_marks_meet(110000UL << 12, UINTPTR_MAX));
}
END_TEST

START_TEST(too_many)
{
	unsigned n = 0;

	while (!vs_app_marks_overflow() && n < 100000) {
		vs_app_marks_add(VS_MARK_WIPEONFORK, (2UL * n + 1) << 12,
				 (2UL * n + 2) << 12);
		n++;
	}
	ck_assert_uint_eq(n, 1025);
	/* What was there before is kept. */
	ck_assert(vs_app_marks_meet((2UL * n - 3) << 12, (2UL * n - 2) << 12));
	ck_assert(!vs_app_marks_meet((2UL * n - 1) << 12, (2UL * n) << 12));
	/* And cannot be cut in two. */
	ck_assert(vs_app_marks_remove(VS_MARK_WIPEONFORK, 1 << 12, 2 << 12));
	vs_app_marks_add(VS_MARK_WIPEONFORK, (2UL * n + 1) << 12,
			 (2UL * n + 2) << 12);
	ck_assert(vs_app_marks_meet((2UL * n + 1) << 12, UINTPTR_MAX));
}
END_TEST

/* The ends of memory: page 0 and the last. */
START_TEST(ends_of_memory)
{
	const uintptr_t last = -(uintptr_t)VS_PAGE;

	mark_page(8);
	mark_page(0);
	mark_page(4);
	ck_assert(vs_app_marks_meet(0, 1));
	ck_assert(!vs_app_marks_meet(1 << 12, 4 << 12));
	ck_assert(vs_app_marks_meet(4 << 12, 5 << 12));
	ck_assert(vs_app_marks_meet(8 << 12, 9 << 12));
	ck_assert(vs_app_marks_remove(VS_MARK_DONTFORK, 0, 1 << 12));
	ck_assert(!vs_app_marks_remove(VS_MARK_DONTFORK, 0, 1 << 12));
	vs_app_marks_add(VS_MARK_DONTFORK, last - VS_PAGE, last);
	ck_assert(vs_app_marks_meet(last - 1, last));
}
END_TEST

UNIT(app_marks, as_the_model, by_threads, neighbours_are_joined, too_many,
     ends_of_memory)

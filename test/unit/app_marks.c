/* SPDX-License-Identifier: MIT
 * memory/app_marks.c against a map of bits, one for each page: alone, and by
 * several threads at once, each in pages of its own. */
#include <pthread.h>
#include <sys/mman.h>

#include "kernel/task/aside.h"
#include "memory/app_marks.h"
#include "memory/internal.h"
#include "unit.h"

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
		vs_app_marks_add(VS_MARK_DONTFORK, page << 12,
				 (page + 1) << 12);
	ck_assert(!vs_app_marks_overflow());
	/* from the other side */
	for (uintptr_t page = 100001; page < 110000; page++)
		vs_app_marks_add(VS_MARK_DONTFORK, page << 12,
				 (page + 1) << 12);
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

	vs_app_marks_add(VS_MARK_DONTFORK, 8 << 12, 9 << 12);
	vs_app_marks_add(VS_MARK_DONTFORK, 0, 1 << 12);
	vs_app_marks_add(VS_MARK_DONTFORK, 4 << 12, 5 << 12);
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

static void *add_one(void *arg)
{
	vs_app_marks_add(VS_MARK_DONTFORK, 1 << 12, 2 << 12);
	*(_Atomic bool *)arg = true;
	return NULL;
}

/* Of which thread the calling one does the work. */
static _Thread_local long aside_of;

long vs_aside_of(void)
{
	return aside_of;
}

static void *work_aside(void *of)
{
	aside_of = *(long *)of;
	return vs_app_marks_held() && vs_app_marks_meet(1 << 12, 2 << 12) ? NULL
									  : of;
}

/* A task that is killed must not leave it taken, so its caller has taken it. */
START_TEST(held_for_a_task_aside)
{
	long self = vs_sys(SYS_gettid);
	pthread_t thread;
	vs_sigset mask;
	void *bad;

	vs_app_marks_add(VS_MARK_DONTFORK, 1 << 12, 2 << 12);
	vs_app_marks_hold(&mask);
	pthread_create(&thread, NULL, work_aside, &self);
	pthread_join(thread, &bad);
	vs_app_marks_release(&mask);
	ck_assert_ptr_null(bad);
}
END_TEST

/* Others wait for the end of a move; its own thread does not. */
START_TEST(held_while_moving)
{
	struct vs_range old = {16 << 12, 17 << 12}, new = {20 << 12, 21 << 12};
	_Atomic bool done = false;
	pthread_t thread;
	vs_sigset mask;

	vs_app_marks_add(VS_MARK_DONTFORK, old.lo, old.hi);
	ck_assert(!vs_app_marks_held());
	vs_app_marks_hold(&mask);
	ck_assert(vs_app_marks_held());
	vs_app_marks_add(VS_MARK_WIPEONFORK, 32 << 12, 33 << 12);
	ck_assert(vs_app_marks_meet(32 << 12, 33 << 12));
	pthread_create(&thread, NULL, add_one, &done);
	usleep(20000);
	ck_assert(!done);
	vs_app_marks_move(&old, &new, false);
	vs_app_marks_release(&mask);
	ck_assert(!vs_app_marks_held());
	pthread_join(thread, NULL);
	ck_assert(done);
	ck_assert(!vs_app_marks_meet(old.lo, old.hi));
	ck_assert(vs_app_marks_meet(new.lo, new.hi));
}
END_TEST

/* Signals are blocked while the list is held, and only then. */
START_TEST(mask_is_kept)
{
	vs_sigset before, during, after;

	vs_block_all(&before);
	vs_unblock(&before);
	vs_app_marks_hold(&during);
	ck_assert_mem_eq(&during, &before, sizeof(before));
	vs_block_all(&after);
	ck_assert(vs_sigset_has(&after, SIGTERM));
	vs_app_marks_release(&during);
	vs_block_all(&after);
	vs_unblock(&after);
	ck_assert_mem_eq(&after, &before, sizeof(before));
}
END_TEST

/* Whether the kernel has the mark: "dc" among the flags of the mapping. */
static bool dontfork(const void *at)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long lo, hi;
	bool here = false, found = false;
	char line[512];

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &lo, &hi) == 2)
			here = (uintptr_t)at >= lo && (uintptr_t)at < hi;
		if (here && !strncmp(line, "VmFlags:", 8))
			found = strstr(line, " dc ") != NULL;
	}
	fclose(file);
	return found;
}

/* Ours is taken away, the application's is not. */
START_TEST(only_others_are_unmarked)
{
	char *at = mmap(NULL, 3 * VS_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t lo = (uintptr_t)at;

	ck_assert_ptr_ne(at, MAP_FAILED);
	madvise(at, 3 * VS_PAGE, MADV_DONTFORK);
	ck_assert(dontfork(at));
	vs_app_marks_add(VS_MARK_DONTFORK, lo, lo + VS_PAGE);
	vs_app_marks_unmark_others(lo, lo + VS_PAGE);
	vs_app_marks_unmark_others(lo + 2 * VS_PAGE, lo + 3 * VS_PAGE);
	ck_assert(dontfork(at));
	ck_assert(dontfork(at + VS_PAGE));
	ck_assert(!dontfork(at + 2 * VS_PAGE));
	vs_app_marks_remove(VS_MARK_DONTFORK, lo, lo + VS_PAGE);
	vs_app_marks_unmark_others(lo, lo + VS_PAGE);
	ck_assert(!dontfork(at));
}
END_TEST

/* The kernel has them as one mapping. */
START_TEST(others_beside_it_are_unmarked)
{
	char *at = mmap(NULL, 4 * VS_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t lo = (uintptr_t)at;

	ck_assert_ptr_ne(at, MAP_FAILED);
	madvise(at, 4 * VS_PAGE, MADV_DONTFORK);
	vs_app_marks_add(VS_MARK_DONTFORK, lo + VS_PAGE, lo + 2 * VS_PAGE);
	vs_app_marks_add(VS_MARK_WIPEONFORK, lo + 3 * VS_PAGE,
			 lo + 4 * VS_PAGE);
	ck_assert(vs_app_marks_unmark_others(lo, lo + 4 * VS_PAGE));
	ck_assert(!dontfork(at));
	ck_assert(dontfork(at + VS_PAGE));
	ck_assert(!dontfork(at + 2 * VS_PAGE));
	ck_assert(!dontfork(at + 3 * VS_PAGE));
	munmap(at + 3 * VS_PAGE, VS_PAGE);
	ck_assert(!vs_app_marks_unmark_others(lo, lo + 4 * VS_PAGE));
}
END_TEST

/* In the child of a fork: a lock that another thread held is free. */
START_TEST(reset)
{
	vs_sigset mask;

	vs_app_marks_add(VS_MARK_DONTFORK, 1 << 12, 2 << 12);
	vs_app_marks_hold(&mask);
	vs_app_marks_reset();
	ck_assert(!vs_app_marks_held());
	ck_assert(vs_app_marks_meet(1 << 12, 2 << 12));
}
END_TEST

UNIT(app_marks, as_the_model, by_threads, neighbours_are_joined, too_many,
     ends_of_memory, held_while_moving, held_for_a_task_aside, mask_is_kept,
     only_others_are_unmarked, others_beside_it_are_unmarked, reset)

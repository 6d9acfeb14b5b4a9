/* SPDX-License-Identifier: MIT
 * kernel/proc/maps.c: both ways to ask for this process's mappings, against its
 * /proc/self/maps as stdio reads it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "proc_maps.h"
#include "proc_own.h"

enum { MAPS = 4096 };

struct list {
	int n;
	struct vs_map map[MAPS];
};

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
	static char text[VS_MAPS_TEXT];
	struct vs_maps maps;

	to->n = 0;
	ck_assert_int_eq(vs_maps_open(&maps, text, all), 0);
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

/* What is met again, because it has grown meanwhile, or is shown twice. */
START_TEST(grown)
{
	char *at = mmap(NULL, 4 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uintptr_t lo = (uintptr_t)at + 4096, hi = lo + 4096;
	struct vs_maps maps;
	struct vs_map map;
	static char piece[VS_MAPS_TEXT];
	struct vs_maps text =
		text_of("1000-2000 rw-p 0 0:0 0\n1000-4000 rw-p 0 0:0 0\n"
			"1000-4000 rw-p 0 0:0 0\n5000-6000 rw-p 0 0:0 0\n",
			false);

	is_next(&text, 0x1000, 0x2000, "ra");
	is_next(&text, 0x2000, 0x4000, "ra");
	is_next(&text, 0x5000, 0x6000, "ra");
	ck_assert(!vs_maps_next(&text, &map));
	vs_maps_close(&text);

	mprotect((void *)lo, 4096, PROT_READ | PROT_WRITE);
	ck_assert_int_eq(vs_maps_open(&maps, piece, false), 0);
	do
		ck_assert(vs_maps_next(&maps, &map));
	while (map.at.lo != lo);
	mprotect((void *)hi, 4096, PROT_READ | PROT_WRITE);
	ck_assert(vs_maps_next(&maps, &map));
	ck_assert_uint_ge(map.at.lo, hi);
	vs_maps_close(&maps);
}
END_TEST

UNIT(proc_maps, by_query, by_text, grown)

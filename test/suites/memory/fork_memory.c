/* SPDX-License-Identifier: MIT
 *
 * Memory after fork(): the child's is a copy of the parent's, whether it execs
 * or not, and what it writes to the copy stays there.
 */
#include <malloc.h>

#include "util.h"

enum { WORDS = HEAP / sizeof(uint64_t), STACK_WORDS = 200000 };

static uint64_t data[20000] = {1, 2, 3};
static _Thread_local uint64_t tls[500] = {4, 5, 6};

/* Runs `good` in two children, one that execs afterwards and one that does
 * not. */
static void in_child(bool (*good)(void))
{
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (!pid) {
			bool ok = good();

			/* One that ended instead would be made again. */
			if (i)
				exec_exit(ok ? 4 : 50);
			_exit(ok ? 4 : 50);
		}
		exits_with(pid, 4);
	}
}

/* Reads that a transaction fetches one by one. */
static bool random_reads(void)
{
	uint64_t at = 88172645463325252;

	for (int n = 0; n < 60; n++) {
		at ^= at << 13;
		at ^= at >> 7;
		at ^= at << 17;
		if (heap[at % WORDS] != heap_word(at % WORDS))
			return false;
	}
	return true;
}

START_TEST(reads)
{
	for (int n = 0; n < 10; n++)
		in_child(random_reads);
	in_child(heap_intact);
}
END_TEST

/* A computation over everything, the result through a pipe. */
START_TEST(computes)
{
	uint64_t sum = 0;
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		sum = checksum(heap, WORDS);
		if (write(fds[1], &sum, sizeof(sum)) != sizeof(sum))
			_exit(50);
		exit(7);
	}
	ck_assert_int_eq(read(fds[0], &sum, sizeof(sum)), sizeof(sum));
	ck_assert_uint_eq(sum, checksum(heap, WORDS));
	exits_with(pid, 7);
}
END_TEST

/* Everywhere, across borders, in a page just read and one never read. */
static uint64_t *on_stack;

static bool writes(void)
{
	for (size_t i = 0; i < 40; i++) {
		size_t at = i * CHUNK * 11 / sizeof(*heap);

		heap[at] = ~heap[at + 3];
		if (heap[at] != ~heap_word(at + 3))
			return false;
	}
	memset((char *)heap + HEAP / 2 - 100, 'x', 3 * CHUNK);
	memset(data, 'x', sizeof(data));
	memset(tls, 'x', sizeof(tls));
	memset(on_stack, 'x', STACK_WORDS * sizeof(*on_stack));
	errno = 12345;
	return heap[HEAP / 16] == 0x7878787878787878;
}

START_TEST(parent_unchanged)
{
	uint64_t stack[STACK_WORDS];
	uint64_t data_copy[LENGTH(data)], tls_copy[LENGTH(tls)];

	on_stack = stack;
	memset(stack, 'p', sizeof(stack));
	memcpy(data_copy, data, sizeof(data));
	memcpy(tls_copy, tls, sizeof(tls));
	errno = 0;
	in_child(writes);
	ck_assert_int_eq(errno, 0);
	ck_assert(heap_intact());
	ck_assert_int_eq(memcmp(data, data_copy, sizeof(data)), 0);
	ck_assert_int_eq(memcmp(tls, tls_copy, sizeof(tls)), 0);
	ck_assert(all_bytes((char *)stack, sizeof(stack), 'p'));
}
END_TEST

/* malloc's own memory, some of it in big mappings, used on by the child. */
static char *blocks[2000];

static bool allocates(void)
{
	for (int i = 0; i < LENGTH(blocks); i += 7) {
		if (blocks[i][0] != (char)i)
			return false;
		free(blocks[i]);
		blocks[i] = malloc(9000 + (size_t)i);
		memset(blocks[i], i, 9000 + (size_t)i);
	}
	blocks[1] = realloc(blocks[1], 8 << 20);
	blocks[2] = malloc(16 << 20);
	if (!blocks[1] || !blocks[2] || blocks[1][8999] != 1)
		return false;
	memset(blocks[2], 1, 16 << 20);
	free(blocks[2]);
	malloc_trim(0);
	return true;
}

START_TEST(malloc_in_child)
{
	for (int i = 0; i < LENGTH(blocks); i++) {
		blocks[i] = malloc(9000);
		memset(blocks[i], i, 9000);
	}
	in_child(allocates);
	for (int i = 0; i < LENGTH(blocks); i++) {
		ck_assert_int_eq(blocks[i][0], (char)i);
		ck_assert_int_eq(blocks[i][8999], (char)i);
		free(blocks[i]);
	}
}
END_TEST

/* The map is as before, nothing is left marked, and a fork that nobody
 * supervises finds everything. */
START_TEST(nothing_left_behind)
{
	static char before[1 << 20], after[1 << 20];
	pid_t pid;

	/* In auto the first transaction, which maps what the library needs,
	 * may come late: what is left behind is there after each pass. */
	for (int pass = 0; pass < 5; pass++) {
		in_child(heap_intact);
		read_into("/proc/self/maps", before, sizeof(before));
		for (int i = 0; i < 30; i++)
			in_child(random_reads);
		read_into("/proc/self/maps", after, sizeof(after));
		if (pass && !strcmp(after, before))
			break;
	}
	same_text(after, before);
	read_into("/proc/self/smaps", before, sizeof(before));
	for (char *at = before; (at = strstr(at, "VmFlags:")); at++)
		ck_assert_msg(!memmem(at, strcspn(at, "\n"), " dc", 3),
			      "MADV_DONTFORK left behind");
	pid = raw_fork();
	if (!pid)
		_exit(heap_intact() ? 4 : 50);
	exits_with(pid, 4);
}
END_TEST

/* In a generation of its own the child is as able as its parent. */
START_TEST(grandchildren)
{
	pid_t pid = fork();

	if (!pid) {
		heap[5] = 6;
		pid = fork();
		if (!pid) {
			bool good = heap[5] == 6 && heap[6] == heap_word(6);

			heap[5] = 7;
			if (good)
				exec_exit(4);
			_exit(50);
		}
		exits_with(pid, 4);
		_exit(heap[5] == 6 ? 4 : 51);
	}
	exits_with(pid, 4);
	ck_assert_uint_eq(heap[5], heap_word(5));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("memory");

	tcase_add_test(tcase, reads);
	tcase_add_test(tcase, computes);
	tcase_add_test(tcase, parent_unchanged);
	tcase_add_test(tcase, malloc_in_child);
	tcase_add_test(tcase, nothing_left_behind);
	tcase_add_test(tcase, grandchildren);
	return run_suite("fork: memory", tcase);
}

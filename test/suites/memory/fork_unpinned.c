/* SPDX-License-Identifier: MIT
 *
 * A parent that hands its memory to its children reads it without pinning it:
 * the kernel would remember that for ever, and each fork that copies memory
 * would be slower for it.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "served.h"

enum { CHILDREN = 30, AREA = 4 << 20 };
enum { LOW = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4 };

/* Ends who makes a process_vm_readv() of anything at all. There from before the
 * program, so that it is not taken for the program's own. */
static bool forbid_pinning(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[2]) + LOW),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {LENGTH(code), code};

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static bool is_guarded;

static bool can_populate(void)
{
	enum { POPULATE_READ = 22 }; /* Linux 5.14 */

	return !madvise(heap, 0, POPULATE_READ);
}

/* The kernel's copier pins for a try, too. */
static void guard(void)
{
	enum { GUARD_INSTALL = 102, CHUNK = STEP * 8 };
	uintptr_t at = ((uintptr_t)heap + 3 * PAGE - 1) & -(uintptr_t)PAGE;

	for (int n = 0; n < CHUNKS - 1; n++, at += CHUNK) {
		if (madvise((void *)at, PAGE, GUARD_INSTALL))
			skip("no guard regions in this kernel");
	}
}

static void children(void)
{
	close_memory();
	if (is_guarded)
		guard();
	if (is_threaded)
		add_thread(waits);
	for (unsigned n = 0; n < CHILDREN; n++)
		exits_with(reader(n, program, "state"), 4);
}

/* What children here have needed, as the next ones do not find it. */
static void takes_away(char *area)
{
	munmap(area, AREA);
}

static void takes_page(char *area)
{
	munmap(area + PAGE, PAGE);
}

static void protects_page(char *area)
{
	mprotect(area + PAGE, PAGE, PROT_NONE);
}

static void guards_page(char *area)
{
	enum { GUARD_INSTALL = 102 }; /* Linux 6.13 */

	madvise(area + PAGE, PAGE, GUARD_INSTALL);
}

static void (*const changes[])(char *area) = {takes_away, takes_page,
					      protects_page, guards_page};

static void (*change)(char *area);
static bool is_closed;

static pid_t looker(const volatile char *area, bool changed)
{
	pid_t pid = fork();

	if (!pid && (changed || *area == 1))
		execl(program, "state", "exit", "4", NULL);
	if (!pid)
		_exit(50);
	return pid;
}

static void changed(void)
{
	char *area = mmap(NULL, AREA, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(area, MAP_FAILED);
	memset(area, 1, AREA);
	if (is_closed)
		close_memory();
	if (is_threaded)
		add_thread(waits);
	for (unsigned n = 0; n < CHILDREN; n++) {
		if (n == CHILDREN / 2)
			change(area);
		exits_with(looker(area, n >= CHILDREN / 2), 4);
	}
}

START_TEST(nothing_is_pinned_in_vain)
{
	if (!can_populate())
		return;
	is_threaded = _i % 3;
	is_closed = _i % 3 < 2;
	change = changes[_i / 3];
	commits(changed);
}
END_TEST

START_TEST(nothing_is_pinned)
{
	if (!can_populate())
		skip("without MADV_POPULATE_READ it is pinned");
	is_threaded = _i & 1;
	is_guarded = _i & 2;
	commits(children);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("unpinned");

	if (!getenv("FORBIDDEN")) {
		if (!forbid_pinning() || setenv("FORBIDDEN", "1", 1))
			return 2;
		execv("/proc/self/exe", argv);
	}
	tcase_add_loop_test(tcase, nothing_is_pinned, 0, 4);
	tcase_add_loop_test(tcase, nothing_is_pinned_in_vain, 0,
			    3 * LENGTH(changes));
	return run_scenes("fork: unpinned", tcase, argv);
}

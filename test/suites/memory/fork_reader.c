/* SPDX-License-Identifier: MIT
 *
 * Somebody sends signals to whatever shares memory with a parent and is not one
 * of its threads: a task that it knows nothing of, which reads for its child.
 * The parent and its children do not notice.
 */
#include <sys/syscall.h>

#include "served.h"

enum { CHILDREN = 100 };

static const int signals[] = {SIGSEGV, SIGBUS, SIGSYS, SIGKILL};
static int sent;
static char list[64]; /* of the children of the thread that forks */

static bool shares_memory(long pid)
{
	enum { KCMP_VM = 1 }; /* linux/kcmp.h */

	return !vs_sys(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0);
}

/* While there is a child: of other such tasks it is noticed, and no more
 * transactions are made. */
static void send_to_each(const char *at)
{
	long pid, reader = 0, child = 0;
	char *end;

	while ((pid = strtol(at, &end, 10)) > 0) {
		*(shares_memory(pid) ? &reader : &child) = pid;
		at = end;
	}
	if (reader && child)
		kill((pid_t)reader, sent);
}

static void *sends(void *unused)
{
	int fd = open(list, O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t n;

	while ((n = pread(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[n] = '\0';
		send_to_each(text);
	}
	return unused;
}

static void beside(void)
{
	if (!shares_memory(getpid()))
		skip("no kcmp()");
	snprintf(list, sizeof(list), "/proc/%d/task/%d/children", getpid(),
		 getpid());
	if (access(list, R_OK))
		skip("no list of children");
	add_thread(sends);
	for (unsigned n = 0; n < CHILDREN; n++)
		exits_with(reader(n, program, "state"), 4);
}

START_TEST(nobody_notices)
{
	sent = signals[_i];
	works(beside);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("reader");

	tcase_add_loop_test(tcase, nobody_notices, 0, LENGTH(signals));
	return run_scenes("fork: reader", tcase, argv);
}

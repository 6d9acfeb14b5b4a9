/* SPDX-License-Identifier: MIT
 *
 * Whose memory does this change? Every call on the memory map, made by a child
 * on every kind of memory: what the child is told and sees, and what its parent
 * sees afterwards, is what comes of a child by the system call. It is made
 * once, or its effect on others would show in what the child sees before it.
 */
#include <setjmp.h>
#include <sys/uio.h>

#include "map_calls.h"

/* ---- seen by the child ---- */

static sigjmp_buf nothing_there;

static void on_fault(int sig UNUSED)
{
	siglongjmp(nothing_there, 1);
}

static void handle_faults(void)
{
	struct sigaction handler = {.sa_handler = on_fault,
				    .sa_flags = SA_NODEFER};

	sigaction(SIGSEGV, &handler, NULL);
	sigaction(SIGBUS, &handler, NULL);
}

static char see(const volatile unsigned char *at)
{
	if (sigsetjmp(nothing_there, 0))
		return '-';
	return *at ? (char)*at : '0';
}

static bool put(volatile unsigned char *at)
{
	if (sigsetjmp(nothing_there, 0))
		return false;
	*at = '!';
	return true;
}

/* Where the call is made, and beside that, from behind. MADV_FREE says nothing
 * of what is there afterwards. */
static char *see_all(char *text, bool freed)
{
	*text++ = ' ';
	*text++ = see(region.at + EXTENT);
	*text++ = see(region.at - 1);
	for (int i = 0; i < MANY && !freed; i++) {
		*text++ = see(look + i * PAGE);
		*text++ = see(look + i * PAGE + PAGE - 1);
	}
	return text;
}

static void write_some(void)
{
	put(look + PAGE);
	put(look + EXTENT - 1);
	put(region.at + EXTENT + 1);
}

/* Those that exec have not looked before the call: what they see is fetched
 * after it. */
enum ending { EXECS, EXECS_BY_NAME, WORKS_ON, ENDINGS };

_Noreturn static void child(const struct kind *kind, const struct call *call,
			    enum ending ending, int to)
{
	bool freed = call->make == advise && call->with == MADV_FREE;
	char text[200], number[12], *at = text;

	handle_faults();
	by_name = ending == EXECS_BY_NAME;
	if (kind->by_child)
		kind->make();
	look = region.at;
	if (ending == WORKS_ON)
		at = see_all(at, false);
	at += sprintf(at, " %ld", call->make(call->with));
	at = see_all(at, freed);
	if (ending == WORKS_ON) {
		write_some();
		at = see_all(at, freed);
		write(to, text, (size_t)(at - text));
		_exit(0);
	}
	*at = '\0';
	snprintf(number, sizeof(number), "%d", to);
	execl(host("say"), "say", number, text, NULL);
	_exit(99);
}

/* ---- and by its parent ---- */

static char see_from_outside(unsigned char *at)
{
	unsigned char byte = '-';
	struct iovec to = {&byte, 1}, from = {at, 1};

	process_vm_readv(getpid(), &to, 1, &from, 1, 0);
	return byte ? (char)byte : '0';
}

static char see_in_file(off_t at)
{
	char byte = '-';

	pread(region.file, &byte, 1, at);
	return byte ? byte : '0';
}

static void see_as_parent(char *text)
{
	static const int places[] = {0, 1, PAGE - 1};

	for (int i = -1; i <= MANY; i++) {
		for (int n = 0; n < LENGTH(places); n++) {
			unsigned char *at = region.at + i * PAGE + places[n];

			*text++ = see_from_outside(at);
			*text++ = see_in_file(at - region.base);
		}
	}
	*text = '\0';
}

/* Two places that fork, because places are remembered: of one the children
 * exec. */
static pid_t make_child(bool natively, enum ending ending)
{
	if (natively)
		return raw_fork();
	return ending == WORKS_ON ? fork() : _Fork();
}

/* What comes of it, as a text. */
static void outcome(const struct kind *kind, const struct call *call,
		    enum ending ending, bool natively, char text[400])
{
	ssize_t n, used = 0;
	int fds[2];
	pid_t pid;

	if (!kind->by_child)
		kind->make();
	ck_assert_int_eq(pipe(fds), 0);
	pid = make_child(natively, ending);
	if (!pid)
		child(kind, call, ending, fds[1]);
	close(fds[1]);
	while ((n = read(fds[0], text + used, 200)) > 0)
		used += n;
	close(fds[0]);
	used += sprintf(text + used, " status %#x ", wait_for(pid));
	if (!kind->by_child) {
		see_as_parent(text + used);
		drop_region();
	}
}

static void compare(const struct kind *kind, int n)
{
	static char native[400], got[400];
	struct call call = call_number(n);

	for (enum ending ending = EXECS; ending < ENDINGS; ending++) {
		if (ending != EXECS_BY_NAME)
			outcome(kind, &call, ending, true, native);
		else if (!has_name(&call))
			continue;
		ck_assert_ptr_nonnull(strstr(native, " status 0 "));
		outcome(kind, &call, ending, false, got);
		ck_assert_msg(!strcmp(got, native),
			      "%s, call %d (%ld), ending %d: \"%s\", not "
			      "\"%s\"",
			      kind->name, n, call.with, ending, got, native);
	}
}

/* Of what is big beside it, no more than auto wants, so that the many copies
 * cost less. */
static void every_call(int kind)
{
	munmap(heap, HEAP / 2);
	/* musl's sbrk() makes no memory. */
	memset(mmap(NULL, BIG * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	       'h', BIG * PAGE);
	make_spot();
	for (int i = 0; i < CALLS; i++)
		compare(&kinds[kind], i);
}

START_TEST(whose_memory)
{
	with_stack(every_call, _i);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("advice");

	tcase_add_loop_test(tcase, whose_memory, 0, LENGTH(kinds));
	return run_suite("fork: advice", tcase);
}

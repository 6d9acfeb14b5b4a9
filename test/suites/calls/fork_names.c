/* SPDX-License-Identifier: MIT
 *
 * The calls that the library does not leave to be trapped: by libc's names, in
 * a child that then execs, with memory that has not been copied. They return,
 * and leave behind, what they do in a child by the system call.
 */
#include <pthread.h>

#include "call/outcome.h"

static long answer(long r)
{
	return r == -1 ? -errno : r;
}

/* ---- descriptors ---- */

static const int descriptors[] = {FILE_FD, OWN_FILE, OWN_IN,	   OURS,
				  CLOSED,  -1,	     OURS + 10000, 77};

static void closes(char *text)
{
	for (int i = 0; i < LENGTH(descriptors); i++)
		text += sprintf(text, "%ld ", answer(close(descriptors[i])));
	sprintf(text, "%ld", answer(close(FILE_FD)));
}

/* Onto a free one, onto the library's own, and onto none. */
static void duplicates(char *text)
{
	static const int to[] = {60, OURS, -1, FILE_FD};

	for (int i = 0; i < LENGTH(to); i++) {
		for (int n = 0; n < LENGTH(descriptors); n++)
			text += sprintf(text, "%ld ",
					answer(dup2(descriptors[n], to[i])));
	}
}

static void commands(char *text)
{
	static const int plain[] = {F_GETFD, F_SETFD, F_GETFL, F_DUPFD};

	for (int i = 0; i < LENGTH(plain); i++) {
		for (int n = 0; n < LENGTH(descriptors); n++)
			text += sprintf(text, "%ld ",
					answer(fcntl(descriptors[n], plain[i],
						     FD_CLOEXEC)));
	}
	text += sprintf(text, "%ld ", answer(fcntl(FILE_FD, F_GETOWN)));
#ifdef __GLIBC__
#	if __GLIBC_PREREQ(2, 28)
	sprintf(text, "%ld", answer(fcntl64(FILE_FD, F_GETFD)));
#	endif
#endif
}

/* So many that are not open that they need not be asked for one by one any
 * more; then some of them are. */
static int opened_of(int first, int last)
{
	int n = 0;

	for (int fd = first; fd <= last; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void absent(char *text)
{
	int fds[2];

	dup2(FILE_FD, 900);
	text += sprintf(text, "%d ", opened_of(120, 1000));
	dup2(FILE_FD, 500);
	fcntl(FILE_FD, F_DUPFD, 700);
	text += sprintf(text, "%d ", opened_of(400, 1000));
	for (int fd = 300; fd < 1010; fd++)
		text += close(fd) ? 0 : sprintf(text, "%d ", fd);
	dup2(FILE_FD, 1001);
	dup2(FILE_FD, 999);
	while (pipe(fds) == 0 && fds[1] < 400)
		;
	text += sprintf(text, "%d %d ", fds[0], opened_of(0, 1010));
	for (int fd = 100000; fd < 300000; fd++)
		text += close(fd) ? 0 : sprintf(text, "%d ", fd);
	close_range(57, 2000, 0);
	sprintf(text, "%d ", opened_of(0, 1010));
}

/* ---- masks ---- */

static sigset_t *place_set(enum place at, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	place(at, &set, sizeof(set));
	return (sigset_t *)AT(at);
}

static int (*const maskers[])(int, const sigset_t *,
			      sigset_t *) = {sigprocmask, pthread_sigmask};
static int masker;

static void masks(char *text)
{
	static const int signals[] = {SIGUSR1, SIGSEGV, SIGSYS, SIGKILL, 34};
	sigset_t *old = (sigset_t *)AT(TO_OUT);

	for (int i = 0; i < LENGTH(signals); i++) {
		for (int how = SIG_BLOCK; how <= SIG_SETMASK + 1; how++) {
			sigset_t *set = place_set(TO_SET, signals[i]);

			text += sprintf(text, "%ld",
					answer(maskers[masker](how, set, old)));
		}
	}
	/* libc keeps two for itself, which no set of its making has. */
	memset(AT(TO_SET), 0xff, sizeof(sigset_t));
	maskers[masker](SIG_BLOCK, (sigset_t *)AT(TO_SET), NULL);
	text += sprintf(text, " %ld", answer(maskers[masker](77, NULL, old)));
	say_memory(text, M(OUT), false);
}

/* ---- dispositions ---- */

static void handle(int sig UNUSED)
{
}

/* libc copies what of a mask the kernel has: the rest is as it was. */
static void say_action(char *text)
{
	const struct sigaction *old = (struct sigaction *)AT(TO_OUT);

	sprintf(text, " %p %x %d", (void *)old->sa_handler, old->sa_flags,
		sigismember(&old->sa_mask, SIGHUP));
}

static const int signals[] = {SIGUSR1, SIGSEGV, SIGSYS, SIGKILL, SIGCHLD, 0,
			      -1,      32,	34,	64,	 65};
static int sig_of_try;

static void actions(char *text)
{
	struct sigaction *set = (struct sigaction *)AT(TO_ACTION);
	struct sigaction *old = (struct sigaction *)AT(TO_OUT);
	int sig = signals[sig_of_try];

	memset(set, 0, sizeof(*set));
	set->sa_handler = handle;
	set->sa_flags = SA_RESTART | SA_RESETHAND;
	sigaddset(&set->sa_mask, SIGHUP);
	text += sprintf(text, "%ld ", answer(sigaction(sig, NULL, old)));
	text += sprintf(text, "%ld ", answer(sigaction(sig, set, NULL)));
	text += sprintf(text, "%ld ", answer(sigaction(sig, set, old)));
	say_action(text);
}

static void simple(char *text)
{
	int sig = signals[sig_of_try];

	text += sprintf(text, "%ld ", answer((long)signal(sig, SIG_IGN)));
	text += sprintf(text, "%ld ", answer((long)signal(sig, handle)));
	text += sprintf(text, "%ld ", answer((long)signal(sig, SIG_ERR)));
	text += sprintf(text, "%ld", answer((long)signal(sig, SIG_DFL)));
}

/* ---- compared ---- */

static void compare(made_and_described *make, int which)
{
	static char expected[TEXT], got[TEXT];

	outcome(make, true, expected);
	ck_assert_ptr_nonnull(strstr(expected, " status 0"));
	outcome(make, false, got);
	ck_assert_msg(!strcmp(got, expected), "%d: \"%s\", not \"%s\"", which,
		      got, expected);
	counts->may++;
	counts->must++;
}

static void scene(void)
{
	set_scene();
	compare(closes, 0);
	compare(duplicates, 0);
	compare(commands, 0);
	compare(absent, 0);
	for (masker = 0; masker < LENGTH(maskers); masker++)
		compare(masks, masker);
	for (sig_of_try = 0; sig_of_try < LENGTH(signals); sig_of_try++) {
		compare(actions, signals[sig_of_try]);
		compare(simple, signals[sig_of_try]);
	}
}

START_TEST(by_name)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("names");

	make_counts();
	tcase_add_test(tcase, by_name);
	return run_scenes("fork: names", tcase, argv);
}

/* SPDX-License-Identifier: MIT
 *
 * Everything at once: threads that make children in every way, and threads
 * that change what a fork copies. None of them loses anything by the others.
 */
#include <malloc.h>

#include "crowd.h"

/* Mappings whose flags hold "dc": kept from children. */
static int marked(void)
{
	char *map = slurp("/proc/self/smaps"), *at = map;
	int n = 0;

	while ((at = strstr(at, "\nVmFlags:"))) {
		char *end = strchr(++at, '\n'), *mark = strstr(at, " dc");

		n += mark && mark < end;
	}
	free(map);
	return n;
}

static void prepare(void)
{
	struct sigaction act = {.sa_sigaction = on_real_time,
				.sa_flags = SA_SIGINFO | SA_RESTART};

	strcpy(state, host("state"));
	strcpy(plugin, host("plugin.so"));
	sigaction(SIGRTMIN + 1, &act, NULL);
	unforked = mmap(NULL, OWN, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(unforked, 'u', OWN);
	ck_assert(!madvise(unforked, OWN, MADV_DONTFORK));
	/* malloc shall not use the break meanwhile. */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

static void for_seconds(unsigned seconds, void *(*const *bodies)(void *), int n)
{
	pthread_t threads[16];
	sigset_t real_time;
	int marks, fds;

	sigemptyset(&real_time);
	sigaddset(&real_time, SIGRTMIN + 1);
	prepare();
	marks = marked();
	fds = open_fds();
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, bodies[i],
						(void *)(intptr_t)(i * 1000)),
				 0);
	}
	/* Not a sleep that the signals end. */
	pthread_sigmask(SIG_BLOCK, &real_time, NULL);
	sleep(seconds);
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_sigmask(SIG_UNBLOCK, &real_time, NULL);
	ck_assert_int_gt(children, 0);
	ck_assert_int_eq(sent, received);
	ck_assert(heap_intact());
	ck_assert(all_bytes(unforked, OWN, 'u'));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(marked(), marks);
	ck_assert_int_eq(open_fds(), fds);
	/* No lock is held by anyone who is gone. */
	alarm(20);
	exits_with(execs(fork()), 4);
	ck_assert_int_eq(system("exit 4"), 4 << 8);
	ck_assert(!madvise(unforked, OWN, MADV_DOFORK));
	ck_assert_int_eq(marked(), marks - 1);
	alarm(0);
}

START_TEST(everything)
{
	void *(*const bodies[])(void *) = {forks,  forks_truly, spawns, maps,
					   breaks, advises,	loads,	handles,
					   sends,  cancels,	forks};

	for_seconds(4, bodies, LENGTH(bodies));
}
END_TEST

/* Fewer at a time get further. */
START_TEST(pairs)
{
	void *(*const others[])(void *) = {forks_truly, spawns, maps,  breaks,
					   advises,	loads,	sends, cancels};
	void *(*const bodies[])(void *) = {forks, others[_i], handles};

	for_seconds(1, bodies, LENGTH(bodies));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("concurrent");

	tcase_add_test(tcase, everything);
	tcase_add_loop_test(tcase, pairs, 0, 8);
	return run_suite("fork: concurrent", tcase);
}

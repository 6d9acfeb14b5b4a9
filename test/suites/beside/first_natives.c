/* SPDX-License-Identifier: MIT
 *
 * A process that is copied while another of its threads forks for the first
 * time: the copy may fork, too, and does not wait for that thread.
 */
#include "util.h"

enum { PROGRAMS = 100 };

START_TEST(beside_the_first)
{
	for (volatile int n = 0; n < PROGRAMS; n++) {
		char text[16];
		pid_t pid = vfork();

		if (!pid) {
			snprintf(text, sizeof(text), "%d", n);
			execl(host("first_natives"), "first_natives", text,
			      NULL);
			_exit(99);
		}
		exits_with(pid, 0);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("first");

	tcase_add_test(tcase, beside_the_first);
	return run_suite("fork: native ones beside the first", tcase);
}

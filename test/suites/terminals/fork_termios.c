/* SPDX-License-Identifier: MIT
 * Attributes of a terminal as the kernel has them, in both of its forms: what
 * tcsetattr() and tcgetattr() of glibc 2.42 and newer are made of.
 */
#include "around.h"

#include <asm/ioctls.h>
#include <asm/termbits.h> /* which no file that has <termios.h> may include */
#include <sys/ioctl.h>

#ifdef TCSETS2
static int master, slave;

static size_t size_of(unsigned long get)
{
	return get == TCGETS ? sizeof(struct termios) : sizeof(struct termios2);
}

static void open_terminal(struct termios2 *now)
{
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master))
		skip("no terminals here");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	ck_assert_int_eq(ioctl(slave, TCGETS2, now), 0);
}

static bool is(unsigned long get, const struct termios2 *expected)
{
	struct termios2 how;

	return !ioctl(slave, get, &how) &&
	       !memcmp(&how, expected, size_of(get));
}

/* The speeds as numbers count for nothing, where there are codes of them. */
static void sets(unsigned long set, struct termios2 *how)
{
	struct termios2 given = *how;

	given.c_ispeed = given.c_ospeed = 1;
	if (ioctl(slave, set, &given) || !is(TCGETS, how) || !is(TCGETS2, how))
		_exit(60);
	become_program();
}

static inline __attribute__((always_inline)) void set_by(unsigned long set,
							 unsigned code)
{
	for (int i = 0; i < 3; i++) {
		struct termios2 how;
		pid_t pid;

		open_terminal(&how);
		how.c_cc[VERASE] = 'e';
		how.c_lflag &= ~(tcflag_t)ECHO;
		if (code) {
			how.c_cflag &= ~(tcflag_t)(CBAUD | CIBAUD);
			how.c_cflag |= code;
			how.c_ispeed = how.c_ospeed = 9600;
		}
		pid = fork();
		if (!pid)
			sets(set, &how);
		exits_with(pid, 4);
		ck_assert(is(TCGETS, &how) && is(TCGETS2, &how));
		close(master);
		close(slave);
	}
}

static void by_one(void)
{
	set_by(TCSETS, 0);
}

static void by_the_other(void)
{
	set_by(TCSETS2, 0);
}

static void another_speed(void)
{
	set_by(TCSETS, B9600);
	set_by(TCSETS2, B9600);
}

#else
static void by_one(void)
{
	skip("this CPU has no TCSETS2");
}

#	define by_the_other  by_one
#	define another_speed by_one
#endif

static void (*const scenes[])(void) = {by_one, by_the_other, another_speed};

START_TEST(attributes)
{
	if (scenes[_i] == another_speed)
		works(scenes[_i]);
	else
		commits(scenes[_i]);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("termios");

	tcase_add_loop_test(tcase, attributes, 0, LENGTH(scenes));
	return run_scenes("fork: termios", tcase, argv);
}

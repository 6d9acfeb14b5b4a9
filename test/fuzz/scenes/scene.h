/* SPDX-License-Identifier: MIT
 *
 * Scenes: programs that do one kind of thing at random instants of a fork,
 * by other threads or processes. Who comes first is not logged, but what holds
 * whoever does: counts of what must not be, and what is left in the end.
 *
 *	scene.c		which one, its rounds, its end
 *	stage.c		their memory, children, threads
 *	numbers.c users.c
 *			other threads use descriptors
 *	sent.c plan.c sender.c
 *			others send signals
 *	first.c		several first forks of a process
 *	advice.c acts.c regions.c movers.c
 *			calls on every sort of memory; others map and move it
 *	filters.c bpf.c	seccomp
 *	spaces.c travel.c
 *			threads with namespaces of their own
 *	readers.c views.c
 *			others read /proc/self and /proc/thread-self
 *	rights.c message.c
 *			descriptors in messages
 *
 * The kind of a seed is its bits from SCENE_SHIFT on; 0 are the programs of
 * program.c. A scene is played by the first thread or by another. What is not
 * compared, beside what fuzz.h says:
 *
 *	whether a second signal reaches a child whose number was read in /proc:
 *		one that is thrown away has used up a number (libvspawn(7))
 *	that SIGSYS is handled while a thread forks, and what is blocked and
 *		pending there: /proc tells other threads
 *	MADV_DONTFORK, MADV_WIPEONFORK by a system call of the program's own,
 *		and forks by one while others fork (libvspawn(7))
 *	whether MADV_COLLAPSE had the pages to do it
 *	a summary, and dynamic children, where a filter kills: both make calls
 */
#ifndef FUZZ_SCENE_H
#define FUZZ_SCENE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "fuzz.h"

enum { SCENE_SHIFT = 26 };

struct scene {
	const char *name;
	void (*run)(uint64_t seed);
};

/* Ended by one without a name. */
extern const struct scene scenes[];

void run_scene(uint64_t seed);

/* For a scene on whose stack nobody can go back, or in which no summary can be
 * written. */
_Noreturn void end_scene(bool at_once);

void numbers_scene(uint64_t seed), sent_scene(uint64_t seed),
	spaces_scene(uint64_t seed), advice_scene(uint64_t seed),
	first_scene(uint64_t seed), filters_scene(uint64_t seed),
	readers_scene(uint64_t seed), rights_scene(uint64_t seed);

/* ---- first.c ---- */

/* What one of its processes is told: seed, file, folder. */
_Noreturn void first_process(char **words);

/* ---- rounds ---- */

/* What is drawn before the first one. */
enum { SETTING = 99 };

/* Each draws from numbers of its own, so that it stays the same when others
 * are left out, and begins a line with its number. */
void rounds(uint64_t seed, unsigned n, void (*round)(struct rng *r, int i));

/* ---- memory ---- */

/* So much that VSPAWN_FORK=auto takes transactions: see fork.c. */
void make_heap(struct rng *r);

/* Of so many pages of it the number that are not as they were. */
unsigned broken_pages(struct rng *r, unsigned n);

/* ---- children ---- */

/* By one of the ways, from one of several places; -errno. `child` does not
 * return. The second does not write the log: for other threads. */
pid_t begin(struct rng *r, void (*child)(struct rng *r));
pid_t begin_quietly(struct rng *r, void (*child)(struct rng *r));

/* The status, or -errno, if that is what there is instead of a child. */
int end_of(pid_t pid);

/* Who has not been waited for. */
void say_left(void);

/* A child by a system call of its own has all of the heap, too, and none of
 * `more` is broken. Nobody else forks any more. */
void say_bare_child(unsigned (*more)(void));

/* An image with these words; one that exits with this; one that writes what it
 * has logged, and its dump. Static, or dynamic. */
_Noreturn void become(struct rng *r, char *const words[]);
_Noreturn void become_exit(struct rng *r, unsigned code);
_Noreturn void become_dump(struct rng *r);

/* About so long, without a system call. */
void spin_us(unsigned us);
uint64_t now_us(void);

/* ---- threads ---- */

/* With all signals blocked. */
void start(pthread_t *thread, void *(*run)(void *), void *arg);

/* The last round is over. */
extern atomic_bool scene_over;

#endif

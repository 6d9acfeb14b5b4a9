/* SPDX-License-Identifier: MIT
 *
 * A differential fuzzer. A seed makes a program: what it sets up, then one to
 * three children by fork(), what each does, and how it ends. It runs natively
 * and under the library; its log, which holds all that it could observe, must
 * be the same.
 *
 *	host.c		seeds one after the other, each in a process of its own
 *	program.c	one program: steps, rounds
 *	ways.c		the ways to fork
 *	world.c place.c	the memory and the files it finds
 *	names.c		descriptors and names to use
 *	log.c		what it writes down
 *	dump.c		everything a process can observe about itself
 *	image.c		what children become, static or dynamic: writes its dump
 *	memory.c maps.c fds.c transfer.c files.c ids.c state.c signals.c
 *			steps
 *	setup.c		steps that only the parent takes
 *	full.c		steps that fill the descriptor table, and list it
 *	crowd.c await.c wait.c member.c
 *			a step with several children at once
 *	outside.c	steps that no transaction can survive
 *	ends.c		the last step of a child
 *	spawn.c		posix_spawn()
 *
 * The log holds no pid, address, time, or inode number: those differ from run
 * to run. They are given as what they mean (self, program, file 3). What is
 * not compared, and why:
 *
 *	/proc/self/fd of a child above 94: the library has a descriptor there,
 *		which only /proc gives away
 *	where a list of descriptors ends: the table is bigger for it
 *	stacks of signals: addresses are on them
 *	what RLIMIT_FSIZE forbids: a summary that VSPAWN_STATS asks for is a
 *		write, too
 *	time a timer has left, what rusage, sysinfo and clocks say
 *	what SIGSEGV's siginfo says, core dumps (there are none)
 *	LD_PRELOAD and VSPAWN_* in the environment
 *	SS_AUTODISARM of a stack that exec has taken away: the kernel forgets
 *		to clear it
 *	setuid and PR_SET_DUMPABLE by a bare system call, and rseq, where memory
 *		is shared: these are the memory's
 *	which of several children ends first: they are told to, in turn
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "port.h"

#define LENGTH(array) (int)(sizeof(array) / sizeof(*(array)))

enum { PAGE = 4096 };

/* ---- random numbers, the same everywhere ---- */

struct rng {
	uint64_t state;
};

static inline uint64_t next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline unsigned below(struct rng *r, unsigned n)
{
	return (unsigned)(next(r) >> 32) % n;
}

static inline bool once_in(struct rng *r, unsigned n)
{
	return below(r, n) == 0;
}

#define PICK(r, array) ((array)[below(r, (unsigned)LENGTH(array))])

static inline uint64_t hash(uint64_t h, const void *data, size_t n)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ at[i]) * 0x100000001b3;
	return h;
}

/* ---- the log ---- */

/* It is handed to an exec'd program as one argument: at most 128 KiB. */
enum { LOG_SIZE = 100 << 10 };

struct log {
	unsigned used;
	char text[LOG_SIZE];
};

extern struct log *current;

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* ---- what all processes of a program share: System V shared memory, which
 * needs no descriptor, no path and no privilege ---- */

enum { MAX_FILES = 24, SHARED_TEXT = 1 << 20 };

struct shared {
	_Atomic unsigned used;
	int id;
	int batch, parent, group, session;
	int files;
	struct {
		dev_t dev;
		ino_t ino;
	} file[MAX_FILES];
	char text[SHARED_TEXT];
};

extern struct shared *shared;

/* Append the log to the shared text, and empty it. */
void flush_log(void);

/* ---- dump.c ---- */

void dump(void);
/* Where a list of descriptors ends tells how big their table has been. */
bool in_proc(int fd);
/* The names in an open folder of /proc, read into this room. */
void say_listing(int fd, char *room, size_t size);
const char *who(int pid); /* for the log */
const char *which_file(const struct stat *st);
/* Of a number that is new each time. */
bool in_process_folder(const char *path);
void forget_files(void);

/* ---- steps ---- */

enum {
	LOCAL = 1,   /* a transaction should survive it */
	OUTSIDE = 2, /* it should not */
	CLEAN = 4,   /* it may be done in memory that the parent shares */
	SETUP = 8,   /* the parent may do it */
	LATER = 16,  /* only in programs of later seeds */
};

/*
 * A new step changes what all seeds mean, but for those that once differed,
 * in the corpus, that must not be: below this they mean what they did.
 */
enum { LATER_SEEDS = 1 << 24 };

struct kind {
	const char *name;
	void (*run)(struct rng *r);
	int flags, weight;
};

/* Ended by one without a name. */
extern const struct kind memory_kinds[], map_kinds[], fd_kinds[],
	transfer_kinds[], file_kinds[], id_kinds[], state_kinds[],
	signal_kinds[], outside_kinds[], setup_kinds[], full_kinds[],
	crowd_kinds[];

/* ---- what the program knows of itself; forked and put back ---- */

enum { BLOCKS = 24, OPENED = 16 };

struct model {
	bool threads;		 /* that use malloc: not for _Fork() */
	bool child, clean, wild; /* wild: OUTSIDE steps, bad pointers */
	bool later;		 /* LATER steps, too */
	int depth;
	struct {
		unsigned char *at;
		size_t size;
		unsigned char fill;
	} block[BLOCKS];
	int opened[OPENED];
	char *fresh[4];	      /* mappings it has made, FRESH bytes each */
	long grown, grown_to; /* by brk */
};

enum { FRESH = 1 << 21 };

extern struct model model;
extern const char *folder;
extern bool keep_step[];

/* A system call: by the instruction, or through libc's syscall(). -errno. */
long call(struct rng *r, long nr, const long args[6]);
#define CALL(r, nr, ...) call(r, nr, (const long[6]){__VA_ARGS__})
#define L(x)		 ((long)(x))

/* ---- program.c ---- */

/* What a step of a program draws from. */
struct rng rng_of(uint64_t seed, int step);

void run_program(uint64_t seed);
void run_setup(uint64_t seed);
void run_spawn(uint64_t seed);

void register_atfork(struct rng *r);
/* A child of a child, by one of the ways. */
void fork_again(struct rng *r);

/* ---- world.c ---- */

uint64_t world_hash(bool all);
void files_hash(void);
char *any_memory(struct rng *r, size_t size);  /* that may be written */
char *any_pointer(struct rng *r, size_t size); /* or, rarely, not */
/* In one page: what is written before a fault may be new each time. */
char *result_pointer(struct rng *r, size_t size);
char *bad_pointer(struct rng *r, size_t size);	 /* not */
char *victim(struct rng *r, size_t *size);	 /* to be unmapped, protected */
const char *any_path(struct rng *r, char *room); /* room for PATH_MAX */
bool may_make(const char *path); /* not in the machine's own folders */
void new_block(struct rng *r, int i);

int any_fd(struct rng *r);
void opened(int fd);
int any_pid(struct rng *r);

/* ---- ends.c ---- */

_Noreturn void end_child(struct rng *r, bool drop);
_Noreturn void become_image(void);
/* The one of dynamic programs, beside so many other descriptors. */
bool room_for_loader(int others);

#endif

/* SPDX-License-Identifier: MIT
 * Threads that take and drop descriptors. */
#ifndef FUZZ_USERS_H
#define FUZZ_USERS_H

#include "scenes/scene.h"

/* LOWEST: numbers that the first user has, but for the sources. ROOM: of each
 * other. MOST: that the first one holds at a time. */
enum { USERS = 3, LOWEST = 60, ROOM = 16, MOST = 20, SOURCES = 6 };

/* What a descriptor is. */
struct file {
	bool open, on_exec; /* closed then */
	dev_t dev;
	ino_t ino;
};

struct file file_of(int fd);
bool same_file(const struct file *a, const struct file *b);

/* Descriptors of the program, for all to duplicate, none to close. */
extern int sources[SOURCES];

/* All of the users' are closed by exec. */
extern bool tidy;

/* A thread, and what it knows of its numbers. */
struct user {
	pthread_t thread;
	struct rng r;
	int low, room, most, taken;
	bool limited; /* they end at RLIMIT_NOFILE */
	struct file file[LOWEST];
	unsigned wrong, refused, lost, replaced, strange;
};

/* Until the scene is over. */
void *use_descriptors(void *user);

/* What has become of them, after that. */
void say_user(struct user *u);

#endif

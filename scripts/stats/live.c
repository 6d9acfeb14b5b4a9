/* SPDX-License-Identifier: MIT
 * One live file. See live.h. */
#include "live.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- whose it is ---- */

/* Field 22 of /proc/PID/stat, in ticks since the machine was started; the name,
 * field 2, may hold anything. 0: there is no such process. */
static unsigned long long started(pid_t pid)
{
	char path[64], text[1024], *at;
	unsigned long long ticks;
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	in = fopen(path, "re");
	if (!in)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[n] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, "%llu", &ticks) == 1 ? ticks : 0;
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Another process with its pid has been started later, by a tick or more; and
 * before the machine was started again there was none of these. */
static bool is_running(const struct vs_live *live)
{
	double ticks = (double)started((pid_t)live->pid);
	double created = (double)live->created_boot_ns / 1e9;

	return ticks > 0 && created <= seconds(CLOCK_BOOTTIME) &&
	       ticks / (double)sysconf(_SC_CLK_TCK) <= created;
}

/* ---- a copy ---- */

static sigjmp_buf cut_off;

static void on_sigbus(int sig)
{
	(void)sig;
	siglongjmp(cut_off, 1);
}

/* By words, of which none is torn. False if somebody cuts the file off. */
static bool copy(struct vs_live *to, const struct vs_live *from)
{
	const vs_counter *source = (const void *)from;
	uint32_t *target = (void *)to;
	struct sigaction act = {.sa_handler = on_sigbus}, old;
	volatile bool whole = false;

	sigaction(SIGBUS, &act, &old);
	if (!sigsetjmp(cut_off, 1)) {
		for (size_t i = 0; i < sizeof(*to) / sizeof(*target); i++)
			target[i] = source[i];
		whole = true;
	}
	sigaction(SIGBUS, &old, NULL);
	return whole;
}

/* An end for each string, and no letter that a terminal would obey. */
static void clean(char *s, size_t room)
{
	s[room - 1] = '\0';
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	}
}

#define CLEAN(array) clean(array, sizeof(array))

static void clean_strings(struct vs_live *live)
{
	struct vs_names *names = &live->names;

	CLEAN(live->program);
	CLEAN(live->executable);
	CLEAN(live->settings);
	for (int i = 0; i < VS_NAMED_ENGINES; i++)
		CLEAN(names->engine[i]);
	for (int i = 0; i < VS_MAX_WHYS; i++) {
		CLEAN(names->why[i].name);
		CLEAN(names->why[i].text);
	}
	for (int i = 0; i < VS_MAX_UNDONES; i++) {
		CLEAN(names->undone[i].name);
		CLEAN(names->undone[i].text);
	}
	for (int i = 0; i < VS_MAX_CULPRITS; i++)
		CLEAN(live->tally.culprit[i].name);
	for (int i = 0; i < VS_MAX_ROWS; i++)
		CLEAN(live->tally.row[i].entry);
	for (int i = 0; i < VS_MAX_PLACES; i++) {
		CLEAN(live->tally.place[i].entry);
		CLEAN(live->tally.place[i].module);
	}
}

static const char *check(const struct vs_live *live)
{
	if (memcmp(live->magic, VS_LIVE_MAGIC, sizeof(live->magic)) != 0)
		return live->ready ? "not one of ours"
				   : "not one of ours, or not ready";
	if (live->byte_order != VS_BYTE_ORDER)
		return "of a machine with another byte order";
	if (live->schema != VS_SCHEMA || live->size != sizeof(*live))
		return "of another version of vspawn";
	return live->ready ? NULL : "not ready, or never finished";
}

static const char *map_and_copy(struct live_file *to, int fd)
{
	const char *wrong;
	struct stat st;
	void *map;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return "not a file";
	if (st.st_size < (off_t)sizeof(to->data))
		return "too short";
	to->owner = st.st_uid;
	map = mmap(NULL, sizeof(to->data), PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return "cannot be mapped";
	wrong = copy(&to->data, map) ? check(&to->data) : "too short";
	munmap(map, sizeof(to->data));
	return wrong;
}

const char *live_read(struct live_file *to, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *wrong;

	if (fd < 0)
		return "cannot be opened";
	snprintf(to->path, sizeof(to->path), "%s", path);
	wrong = map_and_copy(to, fd);
	close(fd);
	if (wrong)
		return wrong;
	clean_strings(&to->data);
	to->running = is_running(&to->data);
	to->age = seconds(CLOCK_REALTIME) - (double)to->data.created_ns / 1e9;
	return NULL;
}

bool live_has(const struct live_file *file, pid_t pid)
{
	if (file->data.pid == (uint32_t)pid)
		return true;
	for (int i = 0; i < VS_MAX_MEMBERS; i++) {
		if (file->data.member[i].pid == (uint32_t)pid)
			return true;
	}
	return false;
}

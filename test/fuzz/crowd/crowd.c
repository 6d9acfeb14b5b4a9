/* SPDX-License-Identifier: MIT
 * Several children at once: how they begin, in different ways and groups. */
#include <spawn.h>
#include <sys/syscall.h>

#include "crowd/crowd.h"
#include "crowd/member.h"

extern char **environ;

struct crowd crowd;

struct plan {
	char path[PATH_MAX], how[16], told[16], tell[16];
	char *words[6];
	int numbers[3];
	int group; /* -1: its parent's */
};

static _Noreturn void enter(const struct plan *plan, bool exec)
{
	if (plan->group >= 0)
		setpgid(0, plan->group);
	if (!exec)
		be_member(plan->numbers[0], plan->numbers[1], plan->numbers[2]);
	execv(plan->path, plan->words);
	execv("/image", plan->words);
	_exit(96);
}

static pid_t spawn(const struct plan *plan)
{
	posix_spawnattr_t attr;
	pid_t pid = -1;
	int error;

	posix_spawnattr_init(&attr);
	if (plan->group >= 0) {
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
		posix_spawnattr_setpgroup(&attr, plan->group);
	}
	error = posix_spawn(&pid, plan->path, NULL, &attr, plan->words,
			    environ);
	posix_spawnattr_destroy(&attr);
	return error ? -1 : pid;
}

static pid_t begin_by(struct rng *r, const struct plan *plan)
{
	/* Who shares memory keeps its parent waiting until it execs. */
	unsigned way = below(r, model.clean ? 4 : 6);
	pid_t pid;

	say(" way %u", way);
	switch (way) {
	case 0:
		return spawn(plan);
	case 1:
		pid = vfork();
		break;
	case 4:
		pid = (pid_t)vs_sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		break;
	default:
		pid = fork();
	}
	if (!pid)
		enter(plan, way != 5);
	return pid;
}

static void make_plan(struct rng *r, struct plan *plan, int told, int tell)
{
	static const int ends[] = {0,
				   1,
				   77,
				   127,
				   BY_SIGNAL + SIGKILL,
				   BY_SIGNAL + SIGTERM,
				   BY_SIGNAL + SIGUSR1,
				   BY_SIGNAL + 40};
	unsigned group = below(r, 4);

	plan->numbers[0] = told;
	plan->numbers[1] = tell;
	plan->numbers[2] = PICK(r, ends);
	snprintf(plan->told, sizeof(plan->told), "%d", told);
	snprintf(plan->tell, sizeof(plan->tell), "%d", tell);
	snprintf(plan->how, sizeof(plan->how), "%d", plan->numbers[2]);
	snprintf(plan->path, sizeof(plan->path), "%s/w/%s", folder,
		 once_in(r, 4) && room_for_loader(0) ? "dynamic" : "image");
	plan->words[0] = (char *)"fuzz-image";
	plan->words[1] = (char *)"member";
	plan->words[2] = plan->told;
	plan->words[3] = plan->tell;
	plan->words[4] = plan->how;
	plan->words[5] = NULL;
	plan->group = group == 0 ? 0 : group == 1 ? crowd.member[0].pid : -1;
	say(" %d group %u", plan->numbers[2], group);
}

static bool answers(const struct member *m)
{
	ssize_t n;
	char c;

	do
		n = read(m->hear, &c, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

bool tell_member(const struct member *m, char what)
{
	return write(m->tell, &what, 1) == 1 && what == '?' && answers(m);
}

/* Its ends of the pipes are inherited by nobody else. */
bool begin_member(struct rng *r)
{
	struct member *m = &crowd.member[crowd.count];
	int in[2], out[2];
	struct plan plan;

	*m = (struct member){0};
	if (pipe2(in, O_CLOEXEC))
		return false;
	if (pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	fcntl(in[0], F_SETFD, 0);
	fcntl(out[1], F_SETFD, 0);
	m->tell = in[1];
	m->hear = out[0];
	make_plan(r, &plan, in[0], out[1]);
	m->pid = begin_by(r, &plan);
	close(in[0]);
	close(out[1]);
	if (m->pid > 0 && answers(m)) {
		crowd.count++;
		return true;
	}
	say(" gone");
	close(m->tell);
	close(m->hear);
	if (m->pid > 0)
		waitpid(m->pid, NULL, 0);
	return false;
}

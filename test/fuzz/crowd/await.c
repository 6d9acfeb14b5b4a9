/* SPDX-License-Identifier: MIT
 *
 * A step with several children at once. They end one after the other, in any
 * order; in between and in the end they are waited for, and what SIGCHLD says
 * is looked at.
 *
 * Who has been told to end is seen to have ended, without being waited for,
 * before anything else happens. A stopped one may be seen before its SIGCHLD
 * has come: only where that is blocked, and it answers after it goes on.
 */
#include <time.h>

#include "crowd/crowd.h"

enum { NOTES = 4 * MOST };

static struct {
	int pid, code, status;
} notes[NOTES];
static volatile sig_atomic_t noted;

static void note(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (noted >= NOTES)
		return;
	notes[noted].pid = info->si_pid;
	notes[noted].code = info->si_code;
	notes[noted++].status = info->si_status;
}

static void say_notes(void)
{
	for (int i = 0; i < noted; i++)
		say(" (%s %d %x)", which(notes[i].pid), notes[i].code,
		    notes[i].status);
	noted = 0;
}

static void see(const struct member *m, int what)
{
	siginfo_t info = {0};
	int error;

	do
		error = waitid(P_PID, (id_t)m->pid, &info, what | WNOWAIT);
	while (error && errno == EINTR);
	say(" seen %d", error ? errno : 0);
	say_info(&info);
}

static void end_one(struct rng *r)
{
	unsigned first = below(r, (unsigned)crowd.count);

	for (int i = 0; i < crowd.count; i++) {
		struct member *m =
			&crowd.member[((int)first + i) % crowd.count];

		if (m->ended)
			continue;
		m->ended = true;
		say(" end %s", which(m->pid));
		tell_member(m, '.');
		see(m, WEXITED);
		close(m->tell);
		close(m->hear);
		return;
	}
}

static void stop_one(struct rng *r)
{
	const struct member *m = &crowd.member[below(r, (unsigned)crowd.count)];

	if (m->ended)
		return;
	say(" stop %d", kill(m->pid, SIGSTOP));
	see(m, WSTOPPED);
	if (once_in(r, 2))
		wait_at_once(r);
	say(" go on %d", kill(m->pid, SIGCONT));
	say(" %d", tell_member(m, '?'));
}

static void take_signal(void)
{
	struct timespec now = {0};
	siginfo_t info = {0};
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sig = sigtimedwait(&set, &info, &now);
	say(" signal %d", sig < 0 ? -errno : sig);
	say_info(&info);
}

static void happen(struct rng *r, bool blocked)
{
	unsigned what = below(r, 10);

	if (what < 4)
		end_one(r);
	else if (what < 6 && blocked)
		stop_one(r);
	else if (what < 8 && blocked)
		take_signal();
	else
		wait_at_once(r);
	say_notes();
}

/* ---- the step ---- */

/* What becomes of SIGCHLD; whether it is blocked. */
static bool prepare(struct rng *r, struct sigaction *old, sigset_t *mask)
{
	static const int flags[] = {0, SA_NOCLDSTOP, SA_NOCLDWAIT,
				    SA_RESETHAND};
	struct sigaction act = {.sa_handler = SIG_IGN};
	unsigned how = below(r, 8);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(how < 4 ? SIG_BLOCK : SIG_UNBLOCK, &set, mask);
	/* Ignored, one that was pending is gone. */
	sigaction(SIGCHLD, &act, old);
	act.sa_flags = PICK(r, flags);
	if (how == 4)
		act.sa_handler = SIG_DFL;
	if (how < 4 || how > 5) {
		act.sa_sigaction = note;
		act.sa_flags |= SA_SIGINFO | SA_RESTART;
	}
	sigaction(SIGCHLD, &act, NULL);
	say(" signal %u flags %x:", how, (unsigned)act.sa_flags);
	return how < 4;
}

static void be_many(struct rng *r)
{
	unsigned wanted = 2 + below(r, MOST - 1);
	struct sigaction old;
	sigset_t mask;
	bool blocked = prepare(r, &old, &mask);
	int status;
	pid_t pid;

	crowd.count = 0;
	noted = 0;
	while ((unsigned)crowd.count < wanted && begin_member(r)) {
		if (once_in(r, 3))
			happen(r, blocked);
	}
	for (unsigned i = below(r, 12); i > 0 && crowd.count; i--)
		happen(r, blocked);
	for (int i = 0; i < crowd.count; i++)
		end_one(r);
	say_notes();
	for (int i = 0; i < crowd.count; i++)
		wait_by_pid(r, crowd.member[i].pid, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0)
		say(" left %s %x", which(pid), (unsigned)status);
	sigaction(SIGCHLD, &old, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

const struct kind crowd_kinds[] = {
	{"crowd", be_many, OUTSIDE | SETUP | LATER, 4},
	{0},
};

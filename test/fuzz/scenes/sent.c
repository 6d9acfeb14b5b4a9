/* SPDX-License-Identifier: MIT
 *
 * A scene: signals are sent to a child, to its group, or to the program, while
 * it is made, before its exec, during that, and afterwards. Each is sent when
 * the child is known to be there, because it is listed, has said so, or fork()
 * has returned, and before the child has been told to end: so all of them
 * arrive, natively, somewhere.
 */
#include "crowd/member.h"
#include "actors/sender.h"

enum { BEFORE = IN_IMAGE + 1, HANDLED };

static struct plan plan;

static pid_t program;
static atomic_int handled;

static void handler(int sig)
{
	char c = HANDLED;

	(void)sig;
	if (vs_sys(SYS_getpid) == program)
		handled++;
	else
		vs_sys(SYS_write, plan.talk, &c, 1);
}

static atomic_int ended, ended_pid, ended_code;

static void on_end(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	ended++;
	ended_pid = info->si_pid;
	ended_code = info->si_code;
}

static void set_mask(int how, int sig)
{
	uint64_t bit = sig ? 1UL << (sig - 1) : 0;

	vs_sys(SYS_rt_sigprocmask, how, &bit, NULL, 8);
}

/* As a shell does it for its children. */
static void change_signals(void)
{
	sigset_t set;

	if (plan.kind != DIES)
		return;
	signal(plan.order.sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, plan.order.sig);
	if (plan.unblock)
		sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void child(struct rng *r)
{
	char told[16], talk[16], c = BEFORE;
	char *words[] = {(char *)"fuzz-image", (char *)"target", told, talk,
			 NULL};

	snprintf(told, sizeof(told), "%d", plan.told);
	snprintf(talk, sizeof(talk), "%d", plan.talk);
	if (plan.own_group)
		setpgid(0, 0);
	if (plan.early)
		change_signals();
	if (plan.witness == SAID && write(plan.talk, &c, 1) < 0)
		_exit(98);
	if (once_in(r, 2))
		spin_us(below(r, once_in(r, 3) ? 1500 : 200));
	if (once_in(r, 2) && broken_pages(r, below(r, 30)))
		_exit(97);
	if (once_in(r, 4))
		execv("/no/such/program", words);
	if (!plan.early)
		change_signals();
	become(r, words);
}

/* ---- rounds ---- */

static void open_pipes(void)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		exit(3);
	plan.told = in[0];
	plan.tell = in[1];
	plan.hear = out[0];
	plan.talk = out[1];
	fcntl(plan.told, F_SETFD, 0);
	fcntl(plan.talk, F_SETFD, 0);
}

/* Up to this byte, or to the end; how often it has handled the signal. */
static int hear(char until, bool write_down)
{
	int count = 0;
	ssize_t n;
	char c;

	while ((n = read(plan.hear, &c, 1)) == 1 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		count += c == HANDLED;
		if (write_down && c >= ' ')
			say("%c", c);
		if (c == until)
			break;
	}
	return count;
}

/* What has come to the program itself, where it is blocked. */
static void say_own(void)
{
	struct timespec now = {0};
	siginfo_t info = {0};
	uint64_t mask = 0;
	sigset_t set;
	int n = 0;

	sigemptyset(&set);
	sigaddset(&set, plan.order.sig);
	say(" own handled %d", atomic_exchange(&handled, 0));
	while (sigtimedwait(&set, &info, &now) > 0)
		say(" %d", info.si_code == SI_QUEUE ? info.si_value.sival_int
						    : 100 + n++);
	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	say(" mask %lx", mask);
}

static void prepare(struct rng *r)
{
	struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
	const struct order *o = &plan.order;
	bool handles = plan.kind == HANDLES ||
		       (plan.kind == NEVER_SEES && once_in(r, 2));

	set_mask(SIG_SETMASK, 0);
	if (plan.kind == STOPS)
		return;
	sigaction(o->sig, &act, NULL);
	set_mask(handles ? SIG_UNBLOCK : SIG_BLOCK, o->sig);
}

static void make_and_send(struct rng *r, pid_t *pid)
{
	struct order *o = &plan.order;
	bool before = plan.witness == LISTED || plan.kind == NEVER_SEES;

	/* The program is there anyway. */
	if (plan.kind == NEVER_SEES)
		o->first_listed = false;
	if (before)
		tell_sender(o);
	*pid = begin(r, child);
	close(plan.told);
	close(plan.talk);
	plan.order.pid = o->aim == AT_CHILD || plan.own_group ? *pid : 0;
}

static void one_signal(struct rng *r, int number)
{
	int count = 0, status, failures;
	pid_t pid;

	(void)number;
	make_plan(r, &plan);
	open_pipes();
	prepare(r);
	make_and_send(r, &pid);
	if (plan.witness == SAID)
		count += hear(BEFORE, false);
	if (plan.witness == IMAGE_SAID)
		count += hear(IN_IMAGE, false);
	if (plan.witness != LISTED && plan.kind != NEVER_SEES)
		tell_sender(&plan.order);
	failures = sender_failures();
	say(" kind %u witness %u signal %d at %u%s:", plan.kind, plan.witness,
	    plan.order.sig, plan.order.aim, plan.own_group ? " own group" : "");
	/* A child that has been thrown away has used up a number: libvspawn(7).
	 */
	if (plan.witness != LISTED)
		say(" failed %d", failures);
	close(plan.tell);
	/* It may be there to say so, or not. */
	count += hear('\0', plan.kind != HANDLES);
	close(plan.hear);
	status = end_of(pid);
	if (plan.kind == HANDLES)
		say(" taken %d", count + (status == plan.order.sig));
	else
		say(" handled %d status %x", count, (unsigned)status);
	say_own();
	say(" %d end%s", ended, ended_pid == pid ? "" : " of another");
	if (plan.kind != HANDLES)
		say(" code %d", ended_code);
	ended = ended_pid = 0;
	signal(plan.order.sig, SIG_DFL);
	set_mask(SIG_UNBLOCK, plan.order.sig);
}

void sent_scene(uint64_t seed)
{
	struct rng r = rng_of(seed, SETTING);

	struct sigaction act = {.sa_sigaction = on_end,
				.sa_flags =
					SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP};

	program = getpid();
	sigaction(SIGCHLD, &act, NULL);
	start_sender(once_in(&r, 2));
	make_heap(&r);
	rounds(seed, 4 + below(&r, 8), one_signal);
	end_sender();
}

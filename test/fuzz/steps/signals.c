/* SPDX-License-Identifier: MIT
 * Steps on signals: masks, handlers, stacks, and signals sent to itself. */
#include "fuzz.h"

/* As the kernel has it: libc hides two signals, and adds flags. */
struct disposition {
	void (*handler)(int);
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

static int any_signal(struct rng *r)
{
	static const int some[] = {SIGSYS,  SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,
				   SIGTRAP, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM,
				   SIGPIPE, SIGTERM, SIGHUP,  SIGKILL, SIGSTOP,
				   32,	    33,	     34,      64,      0,
				   65,	    -1,	     SIGABRT};

	return once_in(r, 3) ? 1 + (int)below(r, 64) : PICK(r, some);
}

static volatile sig_atomic_t handled[66];

static void handler(int sig)
{
	handled[sig]++;
}

static uint64_t any_set(struct rng *r)
{
	switch (below(r, 4)) {
	case 0:
		return ~0UL;
	case 1:
		return 1UL << below(r, 64);
	case 2:
		return next(r) & next(r);
	default:
		return next(r) & 0x3ffffff;
	}
}

static void mask_by_libc(struct rng *r)
{
	int how = (int)below(r, 4), error;
	sigset_t set, old;
	uint64_t bits = any_set(r);

	sigemptyset(&set);
	sigemptyset(&old);
	memcpy(&set, &bits, sizeof(bits));
	error = once_in(r, 2) ? sigprocmask(how, &set, &old)
			      : pthread_sigmask(how, &set, &old);
	memcpy(&bits, &old, sizeof(bits));
	say(" %d = %d %lx", how, error, error ? 0 : bits);
}

static void mask(struct rng *r)
{
	uint64_t *set = (uint64_t *)any_pointer(r, 8), bits = any_set(r);
	uint64_t *old = (uint64_t *)any_pointer(r, 8), own = 0;
	int how = (int)below(r, 4);
	long size = once_in(r, 20) ? 16 : 8, done;

	switch (below(r, 3)) {
	case 0:
		done = CALL(r, SYS_rt_sigprocmask, how, L(&bits), L(&own),
			    size);
		break;
	case 1:
		done = CALL(r, SYS_rt_sigprocmask, how, L(set), L(old), size);
		own = done ? 0 : *old;
		break;
	default:
		done = CALL(r, SYS_rt_sigprocmask, how, 0, L(&own), size);
	}
	say(" %d = %ld %lx", how, done, own);
}

static void say_disposition(const struct disposition *d)
{
	say(" %s flags %lx mask %lx",
	    d->handler == SIG_DFL   ? "default"
	    : d->handler == SIG_IGN ? "ignored"
				    : "handled",
	    d->flags, d->mask);
}

static void action_by_libc(struct rng *r)
{
	static void (*const handlers[])(int) = {SIG_DFL, SIG_IGN, handler};
	static const int flags[] = {
		0,	    SA_RESTART, SA_RESETHAND, SA_NOCLDWAIT,
		SA_NODEFER, SA_ONSTACK};
	struct sigaction set = {.sa_handler = PICK(r, handlers),
				.sa_flags = PICK(r, flags)},
			 old = {0};
	int sig = any_signal(r), done;
	void (*before)(int);
	uint64_t bits = any_set(r);

	memcpy(&set.sa_mask, &bits, sizeof(bits));
	if (once_in(r, 3)) {
		before = signal(sig, set.sa_handler);
		say(" signal %d %s", sig,
		    before == SIG_ERR	? "error"
		    : before == handler ? "handled"
		    : before == SIG_IGN ? "ignored"
					: "default");
		return;
	}
	done = sigaction(sig, once_in(r, 3) ? NULL : &set, &old);
	memcpy(&bits, &old.sa_mask, sizeof(bits));
	say(" %d = %d", sig, done);
	if (!done)
		say(" %d %x %lx", old.sa_handler == SIG_IGN, old.sa_flags,
		    bits);
}

/* What it asks for; libc's restorer is what the kernel wants here. */
static void action(struct rng *r)
{
	static void (*const handlers[])(int) = {SIG_DFL, SIG_IGN};
	static const unsigned long flags[] = {0,     SA_RESTART, SA_SIGINFO,
					      0x400, 0xffff0000, ~0UL};
	struct disposition set = {.handler = PICK(r, handlers),
				  .flags = PICK(r, flags),
				  .mask = any_set(r)},
			   own = {0}, *old = (void *)any_pointer(r, 32);
	int sig = any_signal(r);
	long size = once_in(r, 20) ? 4 : 8, done;

	if (once_in(r, 3)) {
		done = CALL(r, SYS_rt_sigaction, sig, 0, L(old), size);
		if (!done) {
			say_disposition(old);
			memset(old, 3, sizeof(*old));
		}
	} else {
		done = CALL(r, SYS_rt_sigaction, sig, L(&set), L(&own), size);
		if (!done)
			say_disposition(&own);
	}
	say(" %d = %ld", sig, done);
}

static void pending(struct rng *r)
{
	uint64_t *at = (uint64_t *)any_pointer(r, 8);
	long done = CALL(r, SYS_rt_sigpending, L(at), once_in(r, 20) ? 9 : 8);

	say(" = %ld %lx", done, done ? 0 : *at);
}

static void alternate(struct rng *r)
{
	static const int flags[] = {0, 0, SS_DISABLE, SS_ONSTACK, 4, 1 << 31};
	static const unsigned sizes[] = {1 << 14, 1 << 13, 100, 0, 2048};
	stack_t set = {.ss_flags = PICK(r, flags), .ss_size = PICK(r, sizes)};
	stack_t old = {0}, *at = (void *)any_pointer(r, sizeof(old));
	long done;

	set.ss_sp = any_memory(r, 1 << 14);
	done = CALL(r, SYS_sigaltstack, once_in(r, 4) ? 0 : L(&set), L(&old));
	say(" = %ld %d %lu %d", done, old.ss_flags, (unsigned long)old.ss_size,
	    old.ss_sp != NULL);
	if (once_in(r, 3)) {
		done = CALL(r, SYS_sigaltstack, 0, L(at));
		say(" = %ld", done);
		if (!done)
			memset(at, 3, sizeof(*at));
	}
}

/* Blocked: it stays pending. Ignored: it does not. */
static void send(struct rng *r)
{
	static const int harmless[] = {SIGUSR1, SIGUSR2, SIGCHLD, SIGWINCH, 34};
	int sig = PICK(r, harmless), before = handled[sig];
	struct sigaction act = {.sa_handler = handler};
	long done;

	sigaction(sig, &act, NULL);
	if (once_in(r, 2))
		done = raise(sig);
	else
		done = CALL(r, SYS_kill, vs_sys(SYS_getpid), sig);
	say(" %d = %ld handled %d", sig, done, handled[sig] - before);
}

/* It stays pending for what comes next: an exec, or a fork, which forgets. */
static void send_blocked(struct rng *r)
{
	static const int some[] = {SIGUSR1, SIGTERM, SIGALRM, SIGCHLD,
				   40,	    SIGSYS,  SIGSEGV, SIGHUP};
	int sig = PICK(r, some);
	uint64_t bit = 1UL << (sig - 1);
	long done;

	CALL(r, SYS_rt_sigprocmask, SIG_BLOCK, L(&bit), 0, 8);
	done = CALL(r, SYS_tgkill, vs_sys(SYS_getpid), vs_sys(SYS_gettid), sig);
	say(" %d = %ld", sig, done);
}

const struct kind signal_kinds[] = {
	{"sigprocmask", mask_by_libc, LOCAL | CLEAN | SETUP, 4},
	{"rt_sigprocmask", mask, LOCAL | CLEAN | SETUP, 4},
	{"sigaction", action_by_libc, LOCAL | CLEAN | SETUP, 5},
	{"rt_sigaction", action, LOCAL | CLEAN | SETUP, 5},
	{"sigpending", pending, LOCAL | CLEAN | SETUP, 2},
	{"sigaltstack", alternate, LOCAL | CLEAN, 2},
	{"send", send, OUTSIDE | SETUP, 4},
	{"send blocked", send_blocked, OUTSIDE | SETUP, 3},
	{0},
};

/* SPDX-License-Identifier: MIT
 *
 * Faults, for faults.sh, which builds the library with -include of this file:
 * each raw system call of the engines comes here first. They are counted, and
 * the one that
 *
 *	VSPAWN_FAULT=SIDE:N:WHAT
 *
 * names is not made. SIDE: p, the process that was started; s, its
 * speculative child; c, any other child. WHAT: an errno as a number, fails
 * with it, as do all later ones of that name if there is a + behind; kill,
 * SIGKILL instead; stall, half a second longer than a child has. Each call is
 * a line on descriptor 9, if that is open: SIDE N NAME, and "fault". Each
 * object has these functions, as weak ones.
 */
/* gcc includes it before assembly, too. */
#if !defined(VS_TEST_FAULTS_H) && !defined(__ASSEMBLER__)
#	define VS_TEST_FAULTS_H

#	include <signal.h>
#	include <stdlib.h>
#	include <string.h>
#	include <time.h>

/* First: the names below are ours in what includes it later. */
#	include "port.h"

#	define VS_FAULTS_WEAK __attribute__((weak, visibility("hidden")))

extern bool vs_speculative;

struct vs_faults {
	int owner; /* 0: not begun */
	int count[3];
	int n, what;
	long lasting; /* -1: no more than one, 0: not known yet; its number */
	char side;
};

enum { VS_FAULT_KILL = -1, VS_FAULT_STALL = -2, VS_FAULTS_LOG = 9 };

VS_FAULTS_WEAK struct vs_faults vs_faults;

VS_FAULTS_WEAK const char vs_faults_names[][32] = {
#	include "syscall_names.h"
};

VS_FAULTS_WEAK void vs_faults_begin(struct vs_faults *f);
VS_FAULTS_WEAK void vs_faults_say(char side, int n, long nr, bool fault);
VS_FAULTS_WEAK long vs_faults_at(long nr);
VS_FAULTS_WEAK long vs_faults_call(long nr, long a, long b, long c, long d,
				   long e, long f);

void vs_faults_begin(struct vs_faults *f)
{
	const char *spec = getenv("VSPAWN_FAULT"), *what;

	f->owner = (int)vs_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
	if (!spec || !*spec)
		return;
	what = strrchr(spec, ':') + 1;
	f->side = *spec;
	f->n = atoi(spec + 2);
	f->what = *what == 'k'	 ? VS_FAULT_KILL
		  : *what == 's' ? VS_FAULT_STALL
				 : atoi(what);
	f->lasting = strchr(what, '+') ? 0 : -1;
}

/* In memory that may be the parent's, on a stack of 3 KiB. */
void vs_faults_say(char side, int n, long nr, bool fault)
{
	char line[64] = {side, ' '}, *at = line + 6;
	const char *name = vs_faults_names[nr];

	for (char *digit = at; digit > line + 1; n /= 10)
		*--digit = n ? (char)('0' + n % 10) : ' ';
	*at++ = ' ';
	while (*name)
		*at++ = *name++;
	for (name = fault ? " fault\n" : "\n"; *name;)
		*at++ = *name++;
	vs_syscall6(SYS_write, VS_FAULTS_LOG, (long)line, at - line, 0, 0, 0);
}

/* -errno, or 0: to be made. */
long vs_faults_at(long nr)
{
	enum { CLOCK = 1 /* CLOCK_MONOTONIC */, ABSOLUTE = 1, SECONDS = 1 };
	struct timespec until;
	long self = vs_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0);
	struct vs_faults *f = &vs_faults;
	int side, n;
	bool hit;

	if (!f->owner)
		vs_faults_begin(f);
	side = self == f->owner ? 0 : vs_speculative ? 1 : 2;
	n = ++f->count[side];
	hit = f->side == "psc"[side] &&
	      (n == f->n || (n > f->n && nr == f->lasting));
	if (hit && !f->lasting)
		f->lasting = nr;
	vs_faults_say("psc"[side], n, nr, hit);
	if (!hit)
		return 0;
	if (f->what == VS_FAULT_KILL)
		vs_syscall6(SYS_kill, self, SIGKILL, 0, 0, 0, 0);
	if (f->what != VS_FAULT_STALL)
		return -f->what;
	vs_syscall6(SYS_clock_gettime, CLOCK, (long)&until, 0, 0, 0, 0);
	until.tv_sec += SECONDS;
	while (vs_syscall6(SYS_clock_nanosleep, CLOCK, ABSOLUTE, (long)&until,
			   0, 0, 0))
		;
	return 0;
}

long vs_faults_call(long nr, long a, long b, long c, long d, long e, long f)
{
	long fault = vs_faults_at(nr), r;

	/* Where that fails, the descriptor is closed all the same. */
	if (fault && nr != SYS_close)
		return fault;
	r = vs_syscall6(nr, a, b, c, d, e, f);
	return fault ? fault : r;
}

#	define vs_syscall6 vs_faults_call

/* The stubs. A vfork() is the application's own call. */
#	define vs_clone3(args, size, fn, arg)                      \
		__extension__({                                     \
			long at_ = vs_faults_at(SYS_clone3);        \
                                                                    \
			at_ ? at_ : vs_clone3(args, size, fn, arg); \
		})
#	define vs_clone(flags, top, fn, arg)                      \
		__extension__({                                    \
			long at_ = vs_faults_at(SYS_clone);        \
                                                                   \
			at_ ? at_ : vs_clone(flags, top, fn, arg); \
		})

#endif

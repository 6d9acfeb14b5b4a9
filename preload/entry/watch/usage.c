/* SPDX-License-Identifier: MIT
 * getrusage() and times(): without the children that the program knows nothing
 * of. A speculative child has none yet, and of its parent's only the account.
 */
#include <sys/resource.h>
#include <sys/times.h>
#include <unistd.h>

#include "entry/internal.h"
#include "kernel/task/hidden_usage.h"
#include "port.h"

/* glibc's first argument is an enumeration, musl's an int. */
VS_EXPORT int vs_entry_getrusage(int who,
				 struct rusage *usage) __asm__("getrusage");

int vs_entry_getrusage(int who, struct rusage *usage)
{
	__typeof__(&vs_entry_getrusage) real = __extension__(__typeof__(real))
		vs_real_lookup(VS_ENTRY_getrusage);
	int r = real(who, usage);

	if (!r && who == RUSAGE_CHILDREN && !vs_speculative)
		vs_hidden_usage_take_off(usage);
	return r;
}

static clock_t in_ticks(const struct timeval *t)
{
	long hz = sysconf(_SC_CLK_TCK);

	return (clock_t)(t->tv_sec * hz + t->tv_usec / (1000000 / hz));
}

/* In ticks nothing can be taken off: of a hundred children with less than one
 * each the sum is more. */
VS_EXPORT clock_t times(struct tms *buf)
{
	clock_t r = VS_REAL(times)(buf);
	struct rusage children;

	if (!buf || r == (clock_t)-1 || vs_speculative ||
	    vs_sys(SYS_getrusage, RUSAGE_CHILDREN, &children) ||
	    !vs_hidden_usage_take_off(&children))
		return r;
	buf->tms_cutime = in_ticks(&children.ru_utime);
	buf->tms_cstime = in_ticks(&children.ru_stime);
	return r;
}

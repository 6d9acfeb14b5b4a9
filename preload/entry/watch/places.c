/* SPDX-License-Identifier: MIT
 *
 * Calls after which children are born elsewhere: in other namespaces, or under
 * another root, where the loader may not find us; and fanotify_init(), after
 * which somebody may have to be asked before they can exec.
 */
#include <sched.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include "entry/internal.h"
#include "port.h"
#include "txn/able/able.h"
#include "txn/able/watched.h"

void vs_namespace_changed(void)
{
	vs_txn_ask_again();
	vs_env_moved = true;
}

/* After CLONE_NEWPID the next child is the init of a namespace. */
VS_EXPORT int unshare(int flags)
{
	int r = VS_REAL(unshare)(flags);

	if (!r)
		vs_namespace_changed();
	return r;
}

/* There the loader may not find us. */
VS_EXPORT int chroot(const char *path)
{
	int r = VS_REAL(chroot)(path);

	if (!r)
		vs_env_moved = true;
	return r;
}

/* Its listener may have to answer before an exec goes on. */
VS_EXPORT int fanotify_init(unsigned flags, unsigned event_flags)
{
	int r = VS_REAL(fanotify_init)(flags, event_flags);

	vs_txn_watch_syscall(SYS_fanotify_init, (long)flags, r);
	return r;
}

VS_EXPORT int setns(int fd, int type)
{
	int r = VS_REAL(setns)(fd, type);

	if (!r)
		vs_namespace_changed();
	return r;
}

/* SPDX-License-Identifier: MIT
 * Seccomp filters. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "actors/bpf.h"

/* Not for a fork, an exec and a wait. */
static const int unlikely[] = {SYS_ptrace,
			       SYS_process_vm_readv,
			       SYS_timer_create,
			       SYS_timer_settime,
			       SYS_sigaltstack,
			       SYS_memfd_create,
			       SYS_statx,
			       SYS_rt_sigqueueinfo,
			       SYS_rt_sigtimedwait,
			       SYS_rt_sigpending,
			       SYS_rt_tgsigqueueinfo,
			       SYS_pidfd_open,
			       SYS_bpf,
			       SYS_perf_event_open,
			       SYS_userfaultfd,
			       SYS_keyctl,
			       SYS_init_module,
			       SYS_reboot,
			       SYS_mount,
			       SYS_unshare,
			       SYS_setns,
			       SYS_personality,
			       SYS_io_uring_setup,
			       SYS_mremap,
			       SYS_vfork,
			       SYS_getrusage,
			       SYS_kcmp,
			       SYS_faccessat,
			       SYS_tgkill,
			       SYS_pread64,
			       SYS_fcntl,
			       SYS_mincore};

/* That a program may do without, to some extent. */
static const int refusable[] = {
	SYS_openat,	   SYS_readlinkat,   SYS_faccessat,
	SYS_fcntl,	   SYS_pread64,	     SYS_mprotect,
	SYS_madvise,	   SYS_sigaltstack,  SYS_clone3,
	SYS_prctl,	   SYS_getpid,	     SYS_gettid,
	SYS_setsid,	   SYS_dup2,	     SYS_rt_sigqueueinfo,
	SYS_close,	   SYS_rt_sigaction, SYS_timer_create,
	SYS_timer_settime, SYS_newfstatat,   SYS_rseq};

/* The least that this libc's fork, exec, wait and program starts need: a
 * filter that kills for openat() kills each dynamic child, and for our look at
 * what filters there are (libvspawn(7)). */
static const int needed[] = {SYS_clone,
			     SYS_openat,
			     SYS_execve,
			     SYS_wait4,
			     SYS_exit_group,
			     SYS_write,
			     SYS_read,
			     SYS_close,
			     SYS_mmap,
			     SYS_munmap,
			     SYS_mprotect,
			     SYS_brk,
			     SYS_rt_sigaction,
			     SYS_rt_sigprocmask,
			     SYS_rt_sigreturn,
			     SYS_newfstatat,
			     SYS_access,
			     SYS_arch_prctl,
			     SYS_set_robust_list,
			     SYS_set_tid_address,
			     SYS_prlimit64,
			     SYS_rseq,
			     SYS_getrandom,
			     SYS_futex,
			     SYS_getpid,
			     SYS_gettid,
			     SYS_clock_gettime,
			     SYS_readlink,
			     SYS_readlinkat,
			     SYS_prctl,
			     SYS_seccomp,
			     SYS_fork,
			     SYS_dup2,
			     SYS_setsid,
			     SYS_chdir,
			     SYS_exit,
			     SYS_clone3,
			     SYS_uname,
			     SYS_madvise};

enum manner manner;

/* prctl(), syscall(prctl), syscall(seccomp), and the latter two directly. */
static unsigned any_way(struct rng *r)
{
	switch (manner) {
	case BY_LIBC:
		return below(r, 3);
	case BY_ITSELF:
		return 3 + below(r, 2);
	default:
		return below(r, 5);
	}
}

static void add(struct filter *f, int nr)
{
	f->calls[f->count++] = nr;
}

void make_filter(struct rng *r, struct filter *f)
{
	static const unsigned deadly[] = {SECCOMP_RET_KILL_PROCESS,
					  SECCOMP_RET_KILL_THREAD,
					  SECCOMP_RET_TRAP};
	static const unsigned errors[] = {EPERM, ENOSYS, EACCES, EINVAL};

	*f = (struct filter){.others = SECCOMP_RET_ALLOW};
	switch (below(r, 4)) {
	case 0:
		f->name = "allow";
		f->listed = once_in(r, 2) ? SECCOMP_RET_LOG : SECCOMP_RET_ALLOW;
		break;
	case 1:
		f->name = "refuse";
		f->listed = SECCOMP_RET_ERRNO | PICK(r, errors);
		for (unsigned i = 1 + below(r, 3); i > 0; i--)
			add(f, PICK(r, refusable));
		break;
	case 2:
		f->name = "kill";
		f->listed = PICK(r, deadly);
		for (unsigned i = 1 + below(r, 6); i > 0; i--)
			add(f, PICK(r, unlikely));
		break;
	default:
		f->name = "only";
		f->others = once_in(r, 4) ? SECCOMP_RET_ERRNO | EPERM
					  : PICK(r, deadly);
		f->listed = SECCOMP_RET_ALLOW;
		for (int i = 0; i < LENGTH(needed); i++)
			add(f, needed[i]);
	}
}

bool filter_kills(const struct filter *f)
{
	return f->name[0] == 'k' || f->name[0] == 'o';
}

static int assemble(const struct filter *f, struct sock_filter *to)
{
	int n = 0;

	to[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < f->count; i++)
		to[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)f->calls[i],
			(unsigned char)(f->count - i), 0);
	to[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, f->others);
	to[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, f->listed);
	return n;
}

static long control(unsigned way, long option, long a, long b)
{
	long done;

	if (way == 3)
		return vs_sys(SYS_prctl, option, a, b, 0, 0);
	done = way == 0 ? prctl((int)option, a, b, 0, 0)
			: syscall(SYS_prctl, option, a, b, 0, 0);
	return done < 0 ? -errno : done;
}

static long seccomp(unsigned way, long operation, long flags, void *arg)
{
	long done;

	if (way == 4)
		return vs_sys(SYS_seccomp, operation, flags, arg);
	done = syscall(SYS_seccomp, operation, flags, arg);
	return done < 0 ? -errno : done;
}

/* One more, loaded without libc where there is one already, is noticed 20 ms
 * after the last fork: libvspawn(7). */
static void let_be_noticed(unsigned way)
{
	static unsigned loaded;

	if (loaded++ && way >= 3)
		usleep(25000);
}

/* By prctl(), or the newer call; by libc, or not. */
long install_filter(struct rng *r, const struct filter *f)
{
	static const unsigned flags[] = {0, 0, SECCOMP_FILTER_FLAG_TSYNC,
					 SECCOMP_FILTER_FLAG_LOG,
					 SECCOMP_FILTER_FLAG_SPEC_ALLOW};
	struct sock_filter code[MOST_CALLS + 3];
	struct sock_fprog program = {.filter = code};
	unsigned way = any_way(r);

	program.len = (unsigned short)assemble(f, code);
	if (once_in(r, 2))
		control(way, PR_SET_NO_NEW_PRIVS, 1, 0);
	say(" %s", f->name);
	for (int i = 0; i < f->count && f->count < LENGTH(needed); i++)
		say(" %d", f->calls[i]);
	say(" by %u", way);
	let_be_noticed(way);
	if (way == 0 || way == 1 || way == 3)
		return control(way, PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
			       L(&program));
	return seccomp(way, SECCOMP_SET_MODE_FILTER, PICK(r, flags), &program);
}

void probe_seccomp(struct rng *r)
{
	unsigned way = any_way(r), action = SECCOMP_RET_TRAP;
	struct sock_filter open_end = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	struct sock_fprog bad = {.len = 1, .filter = &open_end};
	char sizes[16];
	long done;

	switch (below(r, 7)) {
	case 0:
		done = control(way, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0);
		break;
	case 1:
		done = control(way, PR_GET_SECCOMP, 0, 0);
		break;
	case 2:
		done = control(way, PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
			       L(&bad));
		break;
	case 3:
		done = control(way, PR_SET_SECCOMP, 7, 0);
		break;
	case 4:
		done = seccomp(way, SECCOMP_GET_ACTION_AVAIL, 0, &action);
		break;
	case 5:
		done = seccomp(way, SECCOMP_GET_NOTIF_SIZES, 0, sizes);
		break;
	default:
		done = seccomp(way, SECCOMP_SET_MODE_FILTER, ~0U, NULL);
	}
	say(" probe by %u = %ld", way, done);
}

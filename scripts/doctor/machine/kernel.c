/* SPDX-License-Identifier: MIT
 * What the kernel offers, each thing tried. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#	define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#ifndef SYS_clone3
#	define SYS_clone3 435
#endif

/* linux/sched.h, asm-generic/siginfo.h; older headers lack them. */
#define CLEAR_SIGHAND 0x100000000ULL
enum { USER_DISPATCH = 2 };

/* struct clone_args, the first version of it. */
struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		stack_size, tls;
};

static int set_it(void *shared)
{
	*(volatile int *)shared = 1;
	return 0;
}

/* gVisor and qemu-user make a copy in spite of CLONE_VM. */
static void vm_shared(void)
{
	static _Alignas(64) char stack[16384];
	static volatile int shared;
	pid_t pid = clone(set_it, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)&shared);

	if (pid < 0) {
		report(NO, "vm-shared", "what forbids it? see seccomp",
		       "clone(CLONE_VM|CLONE_VFORK): %s", strerror(errno));
		return;
	}
	waitpid(pid, NULL, 0);
	report(shared ? OK : NO, "vm-shared",
	       shared ? NULL : "none: an emulated kernel",
	       shared ? "a child can share memory (CLONE_VM)"
		      : "a child with CLONE_VM gets a copy");
}

static int clone3_by(uint64_t flags)
{
	struct args args = {.flags = flags, .exit_signal = SIGCHLD};
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	int error = errno;

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return error;
	waitpid((pid_t)pid, NULL, 0);
	return 0;
}

static void clone3(void)
{
	int plain = clone3_by(0), cleared = plain;

	report(plain ? WARNING : OK, "clone3",
	       plain == EPERM || plain == ENOSYS
		       ? "none needed: clone is used; a newer kernel, or a "
			 "filter that allows clone3, saves microseconds"
		       : NULL,
	       "%s",
	       !plain		 ? "yes"
	       : plain == ENOSYS ? "no: an old kernel (5.3 has it), or a "
				   "filter"
	       : plain == EPERM	 ? "no: a filter forbids it"
				 : strerror(plain));
	if (!plain)
		cleared = clone3_by(CLEAR_SIGHAND);
	report(cleared ? WARNING : OK, "clear-sighand", NULL, "%s",
	       !cleared ? "yes"
	       : plain	? "no, as there is no clone3"
			: "no: Linux 5.5 has it; more calls instead");
}

static volatile char selector;
static volatile int trapped;

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	selector = 0;
	trapped = info->si_code == USER_DISPATCH ? 1 : -1;
}

/* One call of a child is to trap. The handler lets calls through again, its
 * own return among them. */
static int trap_one(void)
{
	struct sigaction action = {.sa_sigaction = on_sigsys,
				   .sa_flags = SA_SIGINFO};

	sigaction(SIGSYS, &action, NULL);
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector))
		return errno;
	selector = 1;
	syscall(SYS_getpid);
	selector = 0;
	return trapped == 1 ? 0 : 255;
}

/* Linux 7.3 has the sysctl. */
static const char *who_forbids(void)
{
	char *on = slurp("/proc/sys/kernel/syscall_user_dispatch", NULL);
	bool by_sysctl = on && *on == '0';

	free(on);
	return by_sysctl ? "sysctl kernel.syscall_user_dispatch=1"
			 : "a seccomp filter that allows prctl; or is there a "
			   "sysctl kernel.syscall_user_dispatch?";
}

/* Switching it off works even where a sysctl says no: it has to be on. */
void dispatch_check(void)
{
	int status = 0, error;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(trap_one());
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		report(UNKNOWN, "dispatch", NULL, "no child: %s",
		       strerror(errno));
		return;
	}
	error = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	if (!error)
		report(OK, "dispatch", NULL,
		       "yes: Syscall User Dispatch has trapped a call");
	else if (error == EPERM || error == EACCES)
		report(NO, "dispatch", who_forbids(),
		       "Syscall User Dispatch is switched off: fork() is "
		       "libc's");
	else if (error == 255)
		report(NO, "dispatch", "none: an emulated kernel",
		       "Syscall User Dispatch traps nothing: fork() is "
		       "libc's");
	else
		report(NO, "dispatch", "Linux 5.11 on x86-64 has it",
		       "no Syscall User Dispatch: fork() is libc's (%s)",
		       strerror(error));
}

static void proc(void)
{
	static const char probe = 1;
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC), error = errno;
	char got = 0;

	if (fd >= 0) {
		error = pread(fd, &got, 1, (off_t)(uintptr_t)&probe) == 1
				? 0
				: errno;
		close(fd);
	}
	if (!error && access("/proc/self/maps", R_OK))
		error = errno;
	if (!error)
		report(OK, "proc", NULL, "/proc can be read");
	else
		report(NO, "proc", "mount -t proc proc /proc; in a chroot, too",
		       "/proc cannot be read: fork() is libc's (%s)",
		       strerror(error));
}

void kernel_check(void)
{
	struct utsname name;

	if (!uname(&name))
		report(OK, "kernel", NULL, "%s, %s", name.release,
		       name.machine);
	vm_shared();
	clone3();
	dispatch_check();
	proc();
}

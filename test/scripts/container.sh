#!/bin/sh
# SPDX-License-Identifier: MIT
# In a container as Docker makes it by default: its seccomp filter is there
# before the program starts. It refuses clone3 and namespaces, and leaves all
# that a transaction needs.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
: "${CC:=cc}"
needs "$CC" unshare
temporary_folder

# What the profile allows a container without further capabilities, apart from
# those whose arguments it looks at.
allowed='
accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir
chmod chown chown32 chroot clock_adjtime clock_adjtime64 clock_getres
clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
clock_nanosleep_time64 close close_range connect copy_file_range creat dup
dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait
epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit
exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate
fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl
fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr
fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex
futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat
getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid
getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid
getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32
getrlimit get_robust_list getrusage getsid getsockname getsockopt
get_thread_area gettid gettimeofday getuid getuid32 getxattr
inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl
io_destroy io_getevents io_pgetevents io_pgetevents_time64 ioprio_get
ioprio_set io_setup io_submit ipc kill landlock_add_rule
landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link
linkat listen listxattr llistxattr _llseek lremovexattr lseek lsetxattr lstat
lstat64 madvise map_shadow_stack membarrier memfd_create memfd_secret mincore
mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect
mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64
mq_timedsend mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd
msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat
_newselect open openat openat2 pause pidfd_getfd pidfd_open
pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll
ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease
process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace pwrite64
pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom
recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename renameat
renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr
sched_getparam sched_get_priority_max sched_get_priority_min
sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile
sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32
setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid
setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32
setrlimit set_robust_list setsid setsockopt set_thread_area set_tid_address
setuid setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaltstack
signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice stat
stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs
sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create
timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times
tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime
utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write
writev
arch_prctl modify_ldt'

# container ERROR NAME: allows those that this CPU and these headers know, but
# not NAME.
container() {
	for call in $allowed; do
		[ "$call" = "$2" ] ||
			printf '#ifdef SYS_%s\nSYS_%s,\n#endif\n' "$call" "$call"
	done >"$tmp/allowed.h"
	"$CC" -O1 -D_GNU_SOURCE= -DERROR="$1" -I"$tmp" -o "$tmp/container" \
		test/scripts/container.c || fail "container.c"
}

container EPERM none
"$tmp/container" true || skip "no seccomp filter"
unshare -n true && "$tmp/container" unshare -n true 2>/dev/null &&
	fail "the filter lets everything through"

# compare COMMAND...: as natively in the container, and by transactions.
compare() {
	"$tmp/container" "$@" >"$tmp/native" || fail "$*: natively $?"
	for run in auto txn; do
		rm -f "$tmp/stats"
		in_mode $run VSPAWN_STATS="$tmp/stats" "$tmp/container" "$@" \
			>"$tmp/$run" || fail "$* under $run: status $?"
		diff "$tmp/native" "$tmp/$run" || fail "$* under $run"
		commits "$tmp/stats" "$* under $run"
		# That would be a way out of it.
		grep 'a system call was refused' "$tmp/stats" &&
			fail "$* under $run: refused"
		grep -qE '^(posix_spawn|vfork) +native' "$tmp/stats" && {
			cat "$tmp/stats"
			fail "$* under $run: spawn is left to libc"
		}
	done
	cat "$tmp/native"
}

compare "$hosts/large" "$hosts/nop" 0 64
compare "$hosts/ways" 64 2 0
compare "$hosts/ways" 64 2 2

# Of programs with threads the memory is read by who has it; or opened.
for error in EPERM ENOSYS; do
	container $error process_vm_readv
	compare "$hosts/ways" 64 2 2
done

# Stricter ones: nobody notices that something we would like is refused.
stricter() {
	for run in native auto txn; do
		in_mode $run "$tmp/container" "$hosts/large" "$hosts/nop" 0 64 \
			>"$tmp/$run" || fail "$1 for $2, $run: status $?"
		diff "$tmp/native" "$tmp/$run" || fail "$1 for $2, $run"
	done
}

for name in prctl madvise timer_create timer_settime fcntl getrusage ioctl \
	close_range readlinkat faccessat sigaltstack vfork mremap futex \
	process_vm_readv capget getresuid; do
	for error in EPERM ENOSYS; do
		container $error "$name"
		stricter $error "$name"
	done
done

# And the operator is told of each call that it was left to libc for that.
container EPERM madvise
in_mode txn VSPAWN_TRACE="$tmp/trace" "$tmp/container" "$hosts/ways" 64 2 0 \
	>"$tmp/txn" || fail "traced: status $?"
told=$(grep '"function":"fork"' "$tmp/trace" | grep -c 'was refused')
[ "$told" -ge 2 ] || {
	cat "$tmp/trace"
	fail "$told forks were traced"
}

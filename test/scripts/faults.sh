#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
#
# faults.sh [all]: one raw system call of an engine fails, its child is killed
# there, or it takes for ever (faults.h); what the program and the child can
# notice is what they notice natively. Each call of a transaction in turn with
# one errno, a few without; with "all", which takes ten minutes, all with each
# errno that they may have, and each also stalls.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs make timeout
temporary_folder
how=${1-}
faulty=build/faults/libvspawn.so
state=$hosts/state
verdict=0 cases=0 hits=0

# What may go wrong with a call, as the kernel's manual or a filter has it.
# What is not here cannot fail with the arguments that it is given, and a
# kernel without it has no transactions: getpid, gettid, clock_gettime,
# getrusage, rt_sigprocmask, rt_sigaction, rt_sigpending, exit_group. Nor is
# there anything that could be done if it did. The same holds for what puts
# things back after the clone: dispatch off, the old alternate stack.
errors() {
	case $back$1 in
	back-prctl | back-sigaltstack) return ;;
	esac
	case $1 in
	openat) echo 24 12 13 2 4 1 38 ;; # EMFILE ENOMEM EACCES ENOENT EINTR
	fcntl) echo 24 22 9 ;;            # EMFILE EINVAL EBADF
	dup3 | pipe2) echo 24 16 4 ;;     # EMFILE EBUSY EINTR
	read) echo 4 5 11 12 ;;           # EINTR EIO EAGAIN ENOMEM
	pread64) echo 5 4 13 14 ;;        # EIO EINTR EACCES EFAULT
	process_vm_readv) echo 14 12 1 38 ;; # EFAULT ENOMEM EPERM ENOSYS
	ioctl) echo 25 22 12 1 4 ;;       # ENOTTY EINVAL ENOMEM EPERM EINTR
	close) echo 4 5 9 ;;              # EINTR EIO EBADF
	mmap) echo 12 17 1 11 ;;          # ENOMEM EEXIST EPERM EAGAIN
	mprotect | munmap) echo 12 13 ;;  # ENOMEM EACCES
	madvise) echo 12 11 22 1 ;;       # ENOMEM EAGAIN EINVAL EPERM
	clone | clone3) echo 11 12 1 38 22 ;;
	wait4 | waitid) echo 4 ;;
	futex) echo 4 11 ;;
	prctl) echo 22 1 38 14 ;;
	sigaltstack) echo 1 12 ;;
	timer_*) echo 11 12 38 1 ;;
	execve*) echo 12 7 11 26 2 13 40 ;;
	statx | fstatfs | *link* | faccessat | chdir | getcwd)
		echo 2 13 12 38 1 4
		;;
	setpgid | setsid) echo 1 13 3 ;;
	set_robust_list) echo 38 ;;
	esac
}

# What differs between two runs of the same.
normal() {
	sed -e '/^SigQ:/d; /^ppid /d; /^pgrp /d; /^fd 1 /d' \
		-e 's/^\(fd .* pipe\):.*/\1/'
}

# run WAY OUT SETTINGS...: the host, with descriptor 9 open, as
# OUT.host and OUT.child.
run() {
	way=$1 out=$2
	shift 2
	: >"$tmp/state"
	timeout -s KILL 60 env "$@" "$hosts/faults" "$way" "$state" \
		"$tmp/state" $once >"$tmp/host" 2>&1 </dev/null 9>>"$tmp/log"
	echo "exit status $?" >>"$tmp/host"
	normal <"$tmp/host" >"$out.host"
	normal <"$tmp/state" >"$out.child"
}

# may_differ SIDE NAME WHAT: a fork may fail as the clone did that was asked
# for, a spawn as what its child did; a child may be killed if it is the one,
# speculative or not: then it has been killed.
may_differ() {
	first=$(head -n 1 "$tmp/faulty.host")
	case $2:$first in
	"clone"*":first failed: errno $3")
		[ "$way$1" != forkp ] && [ "$way$1" != servedp ] || fail "a transaction's clone counts"
		;;
	*":first failed: errno $3") [ "$way$1" = spawnc ] ;;
	*":first status 0x9") [ "$1$3" = ckill ] || [ "$1$3" = skill ] ;;
	*":first status "*) [ "$1$3" = skill ] ;;
	*) false ;;
	esac || return 1
	# The rest of it is the same, but for the child that was none.
	for file in native faulty; do
		sed -e 1d -e 's/SIGCHLD [0-9]*/SIGCHLD/' \
			-e 's/^second status 0x9$/second status 0x400/' \
			"$tmp/$file.host" \
			>"$tmp/$file.rest"
	done
	diff "$tmp/native.rest" "$tmp/faulty.rest"
}

same() {
	diff "$tmp/native.host" "$tmp/faulty.host" >"$tmp/diff" &&
		diff "$tmp/native.child" "$tmp/faulty.child" >>"$tmp/diff"
}

# one SIDE N NAME WHAT
one() {
	cases=$((cases + 1))
	hit='' tries=0
	# There may be a call more or less, as the memory map has it.
	while [ "$hit" != "$3" ] && [ $((tries += 1)) -lt 5 ]; do
		: >"$tmp/log"
		run "$way" "$tmp/faulty" LD_PRELOAD="$faulty" \
			VSPAWN_FORK="$mode" VSPAWN_FAULT="$1:$2:$4"
		hit=$(sed -n 's/.* \(.*\) fault$/\1/p' "$tmp/log" | head -n 1)
	done
	[ "$hit" = "$3" ] || return
	hits=$((hits + 1))
	same || may_differ "$1" "$3" "$4" || {
		echo "$mode $way: $1 $2 $3 $4"
		cat "$tmp/diff"
		verdict=1
	}
}

# The N-th of the arguments behind it, counted round.
pick() {
	n=$(($1 % ($# - 1) + 1))
	shift
	eval "echo \$$n"
}

# What lasts: too many descriptors, no memory, a filter.
lasting() {
	case $1$back$2 in
	popenat | pfcntl | pmmap | pioctl | pprctl) echo 24+ 12+ 1+ ;;
	s*) [ -z "$(errors "$2")" ] || echo 12+ 1+ ;;
	esac
}

# every SIDE N NAME
every() {
	# shellcheck disable=SC2046
	set -- "$@" $(errors "$3")
	side=$1 number=$2 name=$3
	shift 3
	case $side$name in
	pclone* | c*) back=back- ;;
	s*) back= ;;
	esac
	# The map is asked mapping by mapping.
	if [ "$how$name" = "$last" ]; then
		return
	fi
	last=$how$name
	if [ "$how" = all ]; then
		last=''
		# shellcheck disable=SC2046
		set -- "$@" $(lasting "$side" "$name") stall
	elif [ $# -gt 0 ]; then
		set -- "$(pick "$number" "$@")"
	fi
	case $side$how$((number % 3)) in
	p*) ;;
	*all* | *0) set -- "$@" kill ;;
	esac
	for what; do
		one "$side" "$number" "$name" "$what"
	done
}

# Not by CPPFLAGS: make asks the kernel's headers with those alone.
make -s B=build/faults CFLAGS='-O2 -g -include test/lib/faults.h' $faulty ||
	exit 1
faulty=$PWD/$faulty
for which in ${ONLY-txn:fork txn:served txn:exit auto:spawn auto:vfork share:fork share:exit}; do
	mode=${which%:*} way=${which#*:}
	: >"$tmp/log"
	once=once
	run "$way" "$tmp/faulty" LD_PRELOAD="$faulty" VSPAWN_FORK="$mode"
	sort -u "$tmp/log" >"$tmp/calls"
	once=
	run "$way" "$tmp/native"
	before=$cases back='' last=''
	while read -r side number name; do
		every "$side" "$number" "$name"
	done <"$tmp/calls"
	echo "$which: $(wc -l <"$tmp/calls") calls, $((cases - before)) cases"
done
echo "$hits of $cases faults hit"
# How often parent and child wait for each other differs from run to run, and
# with it the numbers of their calls: 84 to 98 % are met.
[ "$hits" -gt $((cases * 2 / 3)) ] || fail "too few faults"
exit $verdict

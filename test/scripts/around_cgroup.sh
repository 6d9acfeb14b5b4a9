#!/bin/sh
# SPDX-License-Identifier: MIT
# In control groups at their limits: of memory, where a process needs little
# more with us than without, and of the number of processes.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs setsid
[ "$(id -u)" = 0 ] || skip "not root"
temporary_folder

# group CONTROLLER: a new one in `group`, empty at the end. Within our own; of
# version 2 at the root, because there processes are in leaves only.
group() {
	path=$(sed -n "s/^[0-9]*:\([^:]*,\)*$1\(,[^:]*\)*://p" \
		/proc/self/cgroup)
	group=/sys/fs/cgroup/$1$path/vspawn-test-$$
	version=1
	if [ -z "$path" ]; then
		grep -qw "$1" /sys/fs/cgroup/cgroup.subtree_control \
			2>/dev/null || return 1
		group=/sys/fs/cgroup/vspawn-test-$1-$$
		version=2
	fi
	mkdir "$group" 2>/dev/null || return 1
	groups="${groups-} $group"
	undo "while [ -d $group ] && ! rmdir $group; do sleep 1; done"
}

cleanup() {
	for made in ${groups-}; do
		rmdir "$made"
	done
}

# inside MODE COMMAND...: in the group.
inside() {
	run_mode=$1
	shift
	# shellcheck disable=SC2016
	in_mode "$run_mode" VSPAWN_STATS="$tmp/stats" \
		sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}

# large MODE: the children of a process in the group.
large() {
	rm -f "$tmp/stats"
	inside "$1" "$hosts/large" "$hosts/nop" 0 64 >"$tmp/$1"
}

# ---- memory ----

if group memory; then
	case $version in
	1)
		limit=$group/memory.limit_in_bytes
		peak=$group/memory.max_usage_in_bytes
		kills=$group/memory.oom_control
		;;
	2)
		limit=$group/memory.max peak=$group/memory.peak
		kills=$group/memory.events
		;;
	esac
	# Once without a limit, so that files are read; then how much it takes.
	for n in 1 2; do
		large native || fail "natively in a group, $n"
	done
	[ -r "$peak" ] ||
		skip "this kernel does not tell how much was used"
	used=$(cat "$peak")
	echo $((used + (2 << 20))) >"$limit" || fail "no limit"
	for run in native auto txn; do
		large $run || fail "$run in a group of $used bytes and little more"
		diff "$tmp/native" "$tmp/$run" || fail "$run: other output"
		[ $run = native ] || commits "$tmp/stats" "$run at the limit"
	done
	# The rest is used up by a file, which has to make room.
	if [ "$(stat -f -c %T "$tmp")" = tmpfs ]; then
		echo "files are in memory for good here: not beside one"
		runs=
	else
		inside native dd if=/dev/zero of="$tmp/file" bs=1M count=200 \
			conv=fsync 2>/dev/null
	fi
	for run in ${runs-native auto txn}; do
		inside native cat "$tmp/file" >/dev/null
		large "$run" || fail "$run beside a file"
		diff "$tmp/native" "$tmp/$run" || fail "$run: other output"
		[ "$run" = native ] || commits "$tmp/stats" "$run beside a file"
	done
	grep '^oom_kill [1-9]' "$kills" && fail "somebody was killed"
	echo "memory: as natively with $((used >> 10)) KB and 2 MB"
else
	memory='no group for memory'
	echo "$memory"
fi

# ---- processes ----

if group pids; then
	# One child at a time; none.
	for most in 2 1; do
		echo $most >"$group/pids.max" || fail "no limit"
		for run in native auto txn; do
			large $run || fail "$run with $most processes: $?"
			diff "$tmp/native" "$tmp/$run" ||
				fail "$run with $most processes"
			[ $run = native ] || [ $most = 1 ] ||
				commits "$tmp/stats" "$run with $most processes"
		done
		uniq "$tmp/native"
	done
else
	skip "${memory-the rest is fine}, no group for processes"
fi
[ -z "${memory-}" ] || skip "the rest is fine, $memory"

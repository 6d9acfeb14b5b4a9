#!/bin/sh
# SPDX-License-Identifier: MIT
# Another library preloaded that has its own close(), execve(), posix_spawn()
# and so on: the program's calls reach it as often as they do natively.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
other=$hosts/interposer.so

# run FILE PRELOAD [SETTING...]: what the program says and what is logged.
run() {
	out=$1
	preload=$2
	shift 2
	timeout -s KILL 60 env "$@" \
		INTERPOSER_LOG="$out.log" LD_PRELOAD="$preload" \
		"$hosts/interposed" >"$out.out" 2>"$out.err" || {
		status=$?
		cat "$out.out" "$out.err"
		fail "$preload $*: status $status"
	}
}

run "$tmp/native" "$other"
for name in close dup2 execve execv execveat madvise munmap mremap sigprocmask \
	sigaction signal fork posix_spawn system; do
	grep -qx "$name" "$tmp/native.log" || fail "$name is not called natively"
done
for mode in auto txn share native; do
	for preload in "$lib:$other" "$other:$lib"; do
		rm -f "$tmp/other".*
		run "$tmp/other" "$preload" VSPAWN_FORK=$mode \
			VSPAWN_STATS="$tmp/stats"
		diff "$tmp/native.out" "$tmp/other.out" ||
			fail "$mode $preload: other output"
		diff "$tmp/native.log" "$tmp/other.log" ||
			fail "$mode $preload: other calls"
	done
done
run "$tmp/off" "$lib:$other" VSPAWN=off
diff "$tmp/native.log" "$tmp/off.log" || fail "off: other calls"

# There is no other: that is not to be taken for one.
run "$tmp/alone" "$lib" VSPAWN_STATS="$tmp/alone.stats"
grep -q posix_spawn "$tmp/alone.stats" || fail "no stats"
grep "another library" "$tmp/alone.stats" && fail "takes libc for another"

# What the environment is changed for is still made as inside libc.
run "$tmp/keep" "$lib:$other" VSPAWN_CHILDREN=keep
diff "$tmp/native.log" "$tmp/keep.log" || fail "keep: other calls"

# To find out whether there is one takes the loader's lock.
LD_PRELOAD=$lib timeout -s KILL 20 "$hosts/loader" || fail "loader: status $?"

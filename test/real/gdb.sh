#!/bin/sh
# SPDX-License-Identifier: MIT
# Under gdb, from the start and attached later: it stops where it does
# natively, in parent and child, never for a signal of ours.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs gdb
temporary_folder
runs=0
gdb -nx -batch -ex run true >"$tmp/out" 2>&1
grep -q 'exited normally' "$tmp/out" || skip "gdb may not trace"

# debug MODE COMMAND...: what gdb says of stops and exits, without numbers. A
# program that it has let go may write on.
debug() {
	runs=$((runs + 1))
	mode=$1 with="VSPAWN_STATS=$tmp/debugged"
	shift
	[ "$mode" = native ] || with="$with VSPAWN_FORK=$mode LD_PRELOAD=$lib"
	set -- -ex 'set pagination off' -ex 'set debuginfod enabled off' \
		-ex "set exec-wrapper env $with" "$@" \
		--args "$hosts/ways" 20 1 0
	timeout 20 gdb -nx -batch "$@" </dev/null \
		>"$tmp/log.$runs" 2>&1
	grep -E '^Catch|hit Br|exited|signal|#0' "$tmp/log.$runs" | sed -E 's/process [0-9]+//; s/[0-9]{4,}//g
			s/\), .*/)/' | sort
}

# compare -ex COMMAND...
compare() {
	debug native "$@" >"$tmp/native"
	cat "$tmp/native"
	for run in auto txn; do
		rm -f "$tmp/debugged"
		debug $run "$@" >"$tmp/$run"
		diff "$tmp/native" "$tmp/$run" || fail "$run: $*"
	done
}

go='continue'
compare -ex 'catch fork' -ex 'catch vfork' -ex run -ex $go -ex $go -ex $go \
	-ex $go -ex $go -ex $go -ex $go -ex $go -ex $go -ex $go
grep -q 'Catchpoint 1 (forked' "$tmp/native" || fail "nothing caught"
steps_aside "$tmp/debugged" 'a debugger' 'from the start'
compare -ex 'set follow-fork-mode child' -ex 'break execs' -ex run \
	-ex 'bt 1' -ex $go
grep -q 'exited with code 03' "$tmp/native" || fail "child not followed"
compare -ex 'set detach-on-fork off' -ex 'set follow-fork-mode child' \
	-ex 'break execs' -ex run -ex 'bt 1'

# Attached and detached again while it forks.
"$hosts/ways" 20 25 0 >"$tmp/native"
for run in auto txn; do
	rm -f "$tmp/stats"
	VSPAWN_FORK=$run VSPAWN_STATS=$tmp/stats LD_PRELOAD=$lib \
		"$hosts/ways" 20 25 0 >"$tmp/$run" &
	pid=$!
	for n in 1 2; do
		sleep 0.2
		timeout 20 gdb -nx -batch -p "$pid" -ex 'catch fork' \
			-ex $go -ex $go -ex detach >"$tmp/attached.$n" 2>&1
	done
	wait "$pid" || fail "$run: attached to: status $?"
	diff "$tmp/native" "$tmp/$run" || fail "$run: attached to"
	grep -q 'Catchpoint 1 (forked' "$tmp"/attached.* || skip "gdb may not attach"
	no_transactions "$tmp/stats" && continue
	grep 'a debugger' "$tmp/stats" || fail "$run: not noticed"
	grep 'committed [1-9]' "$tmp/stats" || fail "$run: no transaction"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# vm.overcommit_memory=2: a process that has more than half of what may be
# committed cannot fork(), for all of it would be committed once more. With us
# it can, and exec; what is not followed by exec fails as it does natively.
#
# The setting is the machine's: so much may be committed that nobody else comes
# near it, the process being that much bigger. Untouched memory costs nothing.
# But while its fork() is being refused it has been counted twice, and for that
# moment others are refused, too.
# alone
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs flock setsid
sysctl=/proc/sys/vm
[ "$(id -u)" = 0 ] || skip "not root"
[ -w "$sysctl/overcommit_memory" ] || skip "vm.overcommit_memory is read-only"
temporary_folder

# One at a time, with whoever else runs this here.
exec 9<"$sysctl/overcommit_memory"
flock -w 60 9 || skip "somebody else has changed vm.overcommit_memory"
memory=$(cat "$sysctl/overcommit_memory")
ratio=$(cat "$sysctl/overcommit_ratio")
kbytes=$(cat "$sysctl/overcommit_kbytes")
[ "$memory" != 2 ] || skip "vm.overcommit_memory is 2 already"

# Of the two amounts the one set last holds.
restore="echo $memory >$sysctl/overcommit_memory"
if [ "$kbytes" = 0 ]; then
	restore="$restore; echo $ratio >$sysctl/overcommit_ratio"
else
	restore="$restore; echo $kbytes >$sysctl/overcommit_kbytes"
fi
undo "$restore"
cleanup() {
	eval "$restore"
}

# In GB; the others have a third of it.
room=$((90 << 10)) size=$((60 << 10))
in_use=$(sed -n 's/^Committed_AS: *\([0-9]*\) kB/\1/p' /proc/meminfo)
echo $((in_use + (room << 20))) >"$sysctl/overcommit_kbytes" ||
	skip "vm.overcommit_kbytes is read-only"
echo 2 >"$sysctl/overcommit_memory" || fail "vm.overcommit_memory"

# large MODE: what became of its children, one line for those of each kind.
large() {
	in_mode "$1" VSPAWN_STATS="$tmp/stats" \
		"$hosts/large" "$hosts/nop" $size 64 >"$tmp/$1.out" \
		2>"$tmp/$1.err" || {
		status=$?
		cat "$tmp/$1.err"
		grep -q mmap "$tmp/$1.err" && skip "no room for so much"
		fail "$1: status $status"
	}
	uniq "$tmp/$1.out" >"$tmp/$1"
}

large native
cat "$tmp/native"
grep -qx 'fork, exec: Cannot allocate memory' "$tmp/native" ||
	fail "not too big for fork()"
for run in auto txn; do
	rm -f "$tmp/stats"
	large $run
	no_transactions "$tmp/stats" && skip "no transactions"
	sed 's/^fork, exec: .*/fork, exec: status 0/' "$tmp/native" |
		diff - "$tmp/$run" || fail "$run"
	grep -q 'committed 3' "$tmp/stats" || {
		cat "$tmp/stats"
		fail "$run: not by three transactions"
	}
	echo "$run: $(head -n 1 "$tmp/$run")"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# A heap of huge pages, with some to spare for what its children write and
# without: then the kernel kills those who do.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs flock setsid
pool=/proc/sys/vm/nr_overcommit_hugepages
[ "$(id -u)" = 0 ] || skip "not root"
[ -w $pool ] || skip "no huge pages"
temporary_folder

# One at a time, with whoever else runs this here.
exec 9<$pool
flock -w 60 9 || skip "somebody else uses huge pages"
before=$(cat $pool)
undo "echo $before >$pool"
cleanup() {
	echo "$before" >$pool
}
in_use=$(sed -n 's/^HugePages_Total: *//p' /proc/meminfo)
[ "$in_use" = 0 ] || skip "somebody else uses huge pages"

# The heap's, one that is shared, and what a child writes to.
for spare in 4 0; do
	echo $((9 + spare)) >$pool
	in_mode native "$hosts/hugetlb" "$hosts/nop" 8 >"$tmp/native" || {
		[ $? = 77 ] && skip "no huge pages"
		fail "natively"
	}
	for run in auto txn; do
		rm -f "$tmp/stats"
		in_mode $run VSPAWN_STATS="$tmp/stats" \
			"$hosts/hugetlb" "$hosts/nop" 8 >"$tmp/$run" ||
			fail "$run: status $?"
		diff "$tmp/native" "$tmp/$run" || fail "$run with $spare"
		commits "$tmp/stats" "$run with $spare to spare"
	done
	uniq "$tmp/native"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# A plain spawn is one system call on each side, but for two with glibc before
# 2.38, whose child ignores its own two signals.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs strace
temporary_folder

strace -o /dev/null true 2>/dev/null || skip "strace may not trace"
# The host's first spawn has neither actions nor attributes.
strace -ff -o "$tmp/trace" -E LD_PRELOAD="$lib" \
	"$hosts/spawn_host" "$hosts/show" "$tmp/show" || fail "the host"
parent=$(grep -l '^clone3' "$tmp"/trace.* | head -n 1)
[ -n "$parent" ] || fail "no clone3"
grep -A 1 -m 1 '^clone3.*CLONE_VM|CLONE_VFORK|CLONE_CLEAR_SIGHAND' "$parent" |
	grep -q '^wait4' || fail "more than one call in the parent"
child=$(sed -n 's/^clone3.* = \([0-9]*\)$/\1/p' "$parent" | head -n 1)
sed '/^rt_sigaction(SIGRT\(MIN\|_1\), {sa_handler=SIG_IGN/d' \
	"$tmp/trace.$child" | head -n 1 | grep -q '^execve' || {
	cat "$tmp/trace.$child"
	fail "more than one call in the child"
}

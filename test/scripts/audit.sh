#!/bin/sh
# SPDX-License-Identifier: MIT
# vspawn audit, on children that are known to write to one kind of memory each:
# that one is named and no other; clean is what may share memory, and does.
# timeout: 180
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
audited=$hosts/audited
vspawn=$(dirname "$0")/../../scripts/vspawn

# audit ARG...: of the host; the report.
audit() {
	rm -f "$tmp/report"
	env LD_PRELOAD="$lib" VSPAWN_FORK=txn VSPAWN_RULES= \
		VSPAWN_AUDIT="$tmp/report" "$audited" "$@" >"$tmp/out" ||
		fail "audited $*: status $?"
	[ -s "$tmp/report" ] || fail "audited $*: no report"
}

# says LINE...: each is one of the report, by a regular expression.
says() {
	for line; do
		grep -qxE -e "$line" "$tmp/report" || {
			cat "$tmp/report"
			fail "no line \"$line\""
		}
	done
}

# Kinds that are of no interest are left out.
wrote() {
	sed -n 's/^wrote  *//p' "$tmp/report" | sed 's/: [0-9]* bytes.*//' |
		grep -vxE "errno|stack, of frames that are left|functions' .*" |
		LC_ALL=C sort -u | tr '\n' ';'
}

# child "ARGS" WROTE VERDICT: of one, natively as well.
child() {
	# shellcheck disable=SC2086
	"$audited" $1 >"$tmp/out" || fail "audited $1 natively: status $?"
	# shellcheck disable=SC2086
	audit $1
	[ "$(wrote)" = "$2" ] || {
		cat "$tmp/report"
		fail "audited $1: wrote $(wrote), not $2"
	}
	says "share +$3" "forks +1 that exec, 0 rolled back, 0 not looked into"
}

env LD_PRELOAD="$lib" VSPAWN_FORK=txn VSPAWN_STATS="$tmp/stats" \
	"$audited" clean || fail "status $?"
no_transactions "$tmp/stats" && skip "no transactions"
grep 'is attached' "$tmp/stats" && skip "no transactions"

# malloc's state has a name with glibc only.
glibc=
ldd "$(command -v env)" 2>/dev/null | grep -q 'libc\.so\.6' && glibc=1

for what in clean state stack fails; do
	child "$what" '' clean
	child "$what threads" '' clean
	says "rule +$audited at=audited\+0x[0-9a-f]+ share"
done
says 'calls .* execve.*' 'runs +/.*/true' 'wrote +errno: [1-4] bytes'
child caller 'stack, of frames that go on;' clean
child 'caller threads' 'stack, of frames that go on;' \
	'not clean: stack, of frames that go on'
says "rule +$audited at=audited\+0x[0-9a-f]+ txn"
child data 'the program: exported_counter;' \
	'not clean: the program: exported_counter'
says 'site +audited audited\+0x[0-9a-f]+ \(make_child\)'
child hidden 'the program: data without a name;' \
	'not clean: the program: data without a name'
child tls 'thread-local data;' 'not clean: thread-local data'
child heap 'heap;' 'not clean: heap'
child library 'the program: optind;' 'not clean: the program: optind'
child maps 'memory that it has mapped;' \
	'not clean: memory that it has mapped, mmap'
# glibc before 2.34 does it by libpthread, where that is.
threads=
! ldd "$audited" 2>/dev/null | grep -q 'libpthread\.so' ||
	threads='libpthread.so.0: data without a name'
child ids "${threads:+$threads;}" \
	"not clean: ${threads:+$threads, }setuid \(makes it a native fork\)"
if [ -n "$glibc" ]; then
	# The first free() makes the thread's cache since 2.42.
	minor=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/.*\.//')
	cache=
	[ "${minor:-0}" -lt 42 ] || cache='thread-local data;'
	child allocates "heap;malloc's state;$cache" \
		"not clean: .*malloc's state.*"
	# What setenv() keeps for itself lies near malloc's state before 2.34,
	# and realloc() has a hook that takes itself away.
	named='libc.so.6: data without a name;libc.so.6: environ'
	[ -z "$threads" ] ||
		named='libc.so.6: __realloc_hook;libc.so.6: _environ'
	child environment "heap;$named;malloc's state;" \
		'not clean: .*libc.so.6: _?environ.*'
	child prints 'heap;libc.so.6: _IO_2_1_stdout_;' \
		'not clean: .*libc.so.6: _IO_2_1_stdout_.*'
fi

for what in writes ends; do
	audit "$what"
	says 'forks +0 that exec, 1 rolled back, 0 not looked into' \
		'undone +system call with effects outside the child: .*' \
		'share +not known' "rule +$audited at=audited\+0x[0-9a-f]+ auto"
done

# The rule can be pasted, and what was found clean is as it was when memory is
# shared; what was not is not.
audit clean
sed -n 's/^rule *//p' "$tmp/report" >"$tmp/rules"
shares() {
	rm -f "$tmp/stats"
	env LD_PRELOAD="$lib" VSPAWN_RULES="$tmp/rules" \
		VSPAWN_STATS="$tmp/stats" "$audited" "$@" >"$tmp/out"
	status=$?
	grep -q '^fork  *share ' "$tmp/stats"
}
if shares clean; then
	for what in clean state stack fails caller; do
		shares $what || fail "$what: not by sharing"
		[ $status = 0 ] || fail "$what: status $status by sharing"
	done
	for what in data hidden tls heap library; do
		shares $what || fail "$what: not by sharing"
		[ $status = 3 ] || fail "$what: status $status by sharing"
	done
else
	cat "$tmp/stats"
	grep -q 'not on this CPU' "$tmp/stats" || fail "clean: not by sharing"
fi

# The command: its status, its output alone on stdout, the last report of each
# site on stderr.
sh "$vspawn" audit -- sh -c "$audited data; $audited tls; echo out; exit 5" \
	>"$tmp/out" 2>"$tmp/report"
[ $? = 5 ] || fail "vspawn audit: another status"
[ "$(tail -n 1 "$tmp/out" | tr -d ' ')" = out ] ||
	fail "vspawn audit: $(cat "$tmp/out")"
[ "$(grep -c '^site  *audited ' "$tmp/report")" = 1 ] &&
	says 'share +not clean: thread-local data'
sh "$vspawn" audit true 2>"$tmp/report" >/dev/null || fail "vspawn audit true"
says 'vspawn: no fork\(\) was seen'
sh "$vspawn" audit >/dev/null 2>&1
[ $? = 2 ] || fail "vspawn audit of nothing"

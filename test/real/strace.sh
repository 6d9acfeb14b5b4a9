#!/bin/sh
# SPDX-License-Identifier: MIT
# Under strace -f, from its start and attached later, programs go on as usual.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs strace perl
temporary_folder
strace -f -o "$tmp/trace" true 2>/dev/null || skip "strace may not trace"

cat >"$tmp/test.pl" <<'EOF'
my $big = "x" x 40_000_000;
$| = 1;
for my $n (1 .. $ARGV[0]) {
	print system("exit 3;"), qx(echo out), "\n";
	my $pid = fork();
	if (!$pid) { $n % 2 ? exec("true") : exit(0); }
	print waitpid($pid, 0) == $pid, " $?\n";
	select(undef, undef, undef, 0.02);
}
EOF
same_in_all_modes VSPAWN_STATS="$tmp/stats" strace -f -o "$tmp/trace" perl "$tmp/test.pl" 5
steps_aside "$tmp/stats" 'a debugger or strace' 'from the start'

# Attached and detached again while it forks.
in_mode native perl "$tmp/test.pl" 60 >"$tmp/native.out"
for run in auto txn; do
	VSPAWN_FORK=$run LD_PRELOAD=$lib perl "$tmp/test.pl" 60 \
		>"$tmp/$run.out" &
	pid=$!
	for n in 1 2 3; do
		sleep 0.3
		timeout -s INT 0.3 strace -f -o "$tmp/trace.$n" -p "$pid" \
			2>/dev/null
	done
	wait "$pid" || fail "$run: attached to: status $?"
	diff "$tmp/native.out" "$tmp/$run.out" || fail "$run: attached to"
	[ -s "$tmp/trace.2" ] || skip "strace may not attach"
done

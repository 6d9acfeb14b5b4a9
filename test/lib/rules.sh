# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests of rules share: a program in perl that forks thrice, and what
# a file of rules makes of it.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs perl
temporary_folder
rules=$tmp/rules
# shellcheck disable=SC2016
perl=$(perl -MCwd=abs_path -e 'print abs_path($^X)')

# 30 MB, then two children by fork() that exec ARGV, and one that does not.
cat >"$tmp/host.pl" <<EOF
#!$perl
my \$big = "x" x 30_000_000;
for my \$n (1 .. 3) {
	my \$pid = fork();
	if (!defined(\$pid)) {
		print "no fork: \$!\n";
		next;
	}
	if (!\$pid) {
		exec(@ARGV ? @ARGV : "true") if \$n < 3;
		exit(0);
	}
	waitpid(\$pid, 0);
}
print "done\n";
EOF
chmod 755 "$tmp/host.pl"

# rule LINE...: what the file is to hold.
rule() {
	printf '%s\n' "$@" >"$rules"
	chmod 644 "$rules"
}

# run COMMAND...: under the rules; its output, its errors, its statistics.
run() {
	rm -f "$tmp/stats"
	env LD_PRELOAD="$lib" VSPAWN_RULES="$rules" \
		VSPAWN_STATS="$tmp/stats" "$@" >"$tmp/out" 2>"$tmp/err" ||
		fail "status $? of $*"
	tail -n 1 "$tmp/out" | grep -qx 'done' || fail "output of $*"
}

silent() {
	[ ! -s "$tmp/err" ] || {
		cat "$tmp/err"
		fail "not silent: $(cat "$rules")"
	}
}

# engine ENGINE CALLS: in the summary.
engine() {
	grep -qE "^fork +$1 +$2 " "$tmp/stats" || {
		cat "$rules" "$tmp/stats" "$tmp/err"
		fail "not $2 calls by $1"
	}
	silent
}

rule "$perl txn"
run perl "$tmp/host.pl"
no_transactions "$tmp/stats" && skip "no transactions"
grep 'is attached' "$tmp/stats" && skip "no transactions"

#!/bin/sh
# SPDX-License-Identifier: MIT
# VSPAWN_*: the switches switch, mistakes are told once, the summary adds up.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs perl
temporary_folder

# 30 MB, then three children by fork(), one of which does not exec.
cat >"$tmp/host.pl" <<'EOF'
my $big = "x" x 30_000_000;
for my $n (1 .. 3) {
	my $pid = fork() // die;
	if (!$pid) {
		exec("true") if $n < 3;
		exit(0);
	}
	waitpid($pid, 0);
}
print "done\n";
EOF

# host NAME=VALUE...: its output in out, its errors in err.
host() {
	rm -f "$tmp/stats"
	env LD_PRELOAD="$lib" "$@" perl "$tmp/host.pl" >"$tmp/out" 2>"$tmp/err" ||
		fail "exit status $? with $*"
	[ "$(cat "$tmp/out")" = 'done' ] || fail "output with $*"
}

quiet() {
	host "$@"
	[ ! -s "$tmp/err" ] || {
		cat "$tmp/err"
		fail "not silent with $*"
	}
}

# warns NAME VALUE WORD...: one line, with the name, the value and the words.
warns() {
	name=$1 value=$2
	host "$name=$value"
	# perl's exec'd children warn, too, once each: a fork does not.
	lines=$(sort -u "$tmp/err" | wc -l)
	[ "$lines" = 1 ] || {
		cat "$tmp/err"
		fail "$name=$value: $lines different lines"
	}
	env LD_PRELOAD="$lib" "$name=$value" perl -e 1 2>"$tmp/err"
	[ "$(wc -l <"$tmp/err")" = 1 ] || fail "$name=$value: not one line"
	shift 2
	# Of a long value the beginning.
	for word in "$name" "$(printf %.199s "$value")" "$@"; do
		grep -qF -e "$word" "$tmp/err" || {
			cat "$tmp/err"
			fail "$name=$value: no \"$word\" in the warning"
		}
	done
}

quiet VSPAWN=on
quiet VSPAWN=off
for fork_mode in auto native txn; do
	quiet VSPAWN_FORK=$fork_mode
done
quiet VSPAWN_SPAWN=on
quiet VSPAWN_SPAWN=off
quiet VSPAWNED=other
quiet VSPAWN_REPORT=all VSPAWN_STATS= VSPAWN_LIVE= VSPAWN_TRACE=
quiet VSPAWN_REPORT=program VSPAWN_STATS_SIGNAL=none VSPAWN_STATS_FORMAT=text
for children in inherit keep drop; do
	quiet VSPAWN_CHILDREN=$children
done

# Not for perl, whose children write to everything: see share_test.h.
env LD_PRELOAD="$lib" VSPAWN_FORK=share perl -e 1 2>"$tmp/err"
[ ! -s "$tmp/err" ] || fail "not silent with VSPAWN_FORK=share"

warns VSPAWN of on off
warns VSPAWN '' on off
warns VSPAWN_FORK TXN auto native txn share
warns VSPAWN_SPAWN 1 on off
warns VSPAWN_CHILDREN all inherit keep drop
warns VSPAWN_STATS_FORMAT xml text line json
warns VSPAWN_STATS_SIGNAL 10 none USR1 USR2
warns VSPAWN_REPORT some all program
warns VSPAWN_STRICT 8G off log:SIZE fail:SIZE
quiet VSPAWN_STRICT=off
quiet VSPAWN_STRICT=log:80G
quiet VSPAWN_STRICT=fail:80G
quiet VSPAWN_RULES=
quiet VSPAWN_RULES="$tmp/none"
quiet VSPAWN_LOG="$tmp/log"
warns VSPAWN_FORK "$(printf '%5000s' long)" auto

# stat WORDS: a line of the summary that has these, one after the other.
stat() {
	grep -qE "$1" "$tmp/stats" || {
		cat "$tmp/stats"
		fail "no \"$1\" in the summary with $2"
	}
}

set -- VSPAWN_FORK=txn "VSPAWN_STATS=$tmp/stats"
quiet "$@"
{ no_transactions "$tmp/stats" || grep 'is attached' "$tmp/stats"; } &&
	skip "the rest is fine; no transactions"
stat '^vspawn: pid [0-9]+ \(perl\)$' "$*"
stat '^entry +engine +calls +p50 us +p99 us$' "$*"
stat '^fork +txn +2 +[0-9.]+ +[0-9.]+$' "$*"
stat '^fork +native +1 ' "$*"
stat '^transactions +committed 2, rolled back 1$' "$*"
# perl unmaps its string before it exits.
stat '^ +rolled back +1 +(system|memory mapping) call' "$*"
stat '^ +by +1 +[a-z_0-9]+$' "$*"

set -- VSPAWN=off "VSPAWN_STATS=$tmp/stats"
quiet "$@"
if [ -e "$tmp/stats" ]; then
	grep -E ' txn | spawn ' "$tmp/stats" && fail "an engine with $*"
fi

set -- VSPAWN_FORK=native "VSPAWN_STATS=$tmp/stats"
quiet "$@"
stat '^fork +native +3 ' "$*"
stat '^transactions +committed 0, rolled back 0$' "$*"

# The second depends on what the first took.
set -- VSPAWN_FORK=auto "VSPAWN_STATS=$tmp/stats"
quiet "$@"
stat '^fork +txn +[12] ' "$*"

set -- VSPAWN_FORK=txn "VSPAWN_STATS=$tmp/stats" VSPAWN_STATS_FORMAT=line
quiet "$@"
stat '^vspawn: pid [0-9]+ \(perl\): calls 3, txn 2, native 1, rolled back 1, ' "$*"
quiet VSPAWN_FORK=txn "VSPAWN_STATS=$tmp/stats" VSPAWN_STATS_FORMAT=json
stat '^\{"schema":1,"pid":[0-9]+,"program":"perl","committed":2,' json

# %p, stderr, and a file that cannot be written.
host VSPAWN_STATS="$tmp/of.%p"
# shellcheck disable=SC2012
[ "$(ls "$tmp"/of.[0-9]* | wc -l)" -ge 1 ] || fail "no file named by pid"
for file in "$tmp"/of.*; do
	grep -q "^vspawn: pid ${file##*.} " "$file" || fail "$file: other pid"
done
host VSPAWN_STATS=stderr
grep -q '^vspawn: pid ' "$tmp/err" || fail "no summary on stderr"
# A file at its limit is no reason to die.
head -c 8192 /dev/zero >"$tmp/limited"
(
	ulimit -f 8
	host VSPAWN_STATS="$tmp/limited"
) || fail "killed by a summary that is too long"
host VSPAWN_STATS=/no/such/folder/file
grep -q 'VSPAWN_STATS=/no/such/folder/file: ' "$tmp/err" ||
	fail "no word about a summary that cannot be written"
# The name it was started by, not the title that it wrote over that.
# shellcheck disable=SC2016
env LD_PRELOAD="$lib" VSPAWN_STATS=stderr \
	perl -e '$0 = "a title"; system("true;")' 2>"$tmp/err"
grep -q '^vspawn: pid [0-9]* (perl)$' "$tmp/err" || fail "not the name of perl"
# A process that makes no child says nothing.
env LD_PRELOAD="$lib" VSPAWN_STATS=stderr perl -e 1 2>"$tmp/err"
[ ! -s "$tmp/err" ] || fail "a summary of nothing"
# But for the one that vspawn --stats has started.
env LD_PRELOAD="$lib" VSPAWN_STATS=stderr VSPAWN_STATS_PID=1 \
	perl -e 1 2>"$tmp/err"
[ ! -s "$tmp/err" ] || fail "a summary of nothing, by another"
# shellcheck disable=SC2016
sh -c 'export LD_PRELOAD="$1" VSPAWN_STATS=stderr VSPAWN_STATS_PID=$$
	exec perl -e 1' sh "$lib" 2>"$tmp/err"
grep -q 'no call of fork() or the like' "$tmp/err" || fail "nothing of nothing"

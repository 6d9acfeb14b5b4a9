#!/bin/sh
# SPDX-License-Identifier: MIT
# Files of rules: those that are not taken, those that change, come and go; and
# that nobody sees how they are read.
# timeout: 180
# shellcheck source=test/lib/rules.sh
. "$(dirname "$0")/../lib/rules.sh"

# ---- files that are not taken: one line each, and the program goes on ----
# says WORDS [ENGINE CALLS]
says() {
	run env VSPAWN_FORK=txn perl "$tmp/host.pl"
	if [ "$(wc -l <"$tmp/err")" != 1 ] || ! grep -qF "$1" "$tmp/err"; then
		cat "$tmp/err"
		fail "not said once: $1"
	fi
	: >"$tmp/err"
	engine "$2" "$3"
}
rule '* trn' '* native'
says "vspawn: $rules:1: \"trn\" is not known; allowed: auto, native, txn," \
	native 3
rule '* trn' '*' '* native x' 'perl native'
says 'strict=off|log:SIZE|fail:SIZE; and 2 more: vspawn rules --check' native 3
rule '* native'
chmod 666 "$rules"
says "$rules is writable by others, and not read" txn 2
chmod 664 "$rules"
says "$rules is writable by others, and not read" txn 2
rm -f "$rules"
mkdir "$rules"
says "$rules is no regular file" txn 2
rmdir "$rules"
mkfifo -m 600 "$rules"
says "$rules is no regular file" txn 2
rm -f "$rules"
run env VSPAWN_FORK=txn perl "$tmp/host.pl"
engine txn 2
head -c 1100000 /dev/zero | tr '\0' '#' >"$rules"
says "$rules is too long, and not read; allowed: 1 MiB" txn 2
if [ "$(id -u)" = 0 ]; then
	rule '* native'
	chown 12345 "$rules"
	says "$rules is another user's, and not read" txn 2
	rm -f "$rules"
fi
# stderr may be another file by now, which is not ours to write to.
rule '* trn' '* native'
run perl -e "open(STDERR, '>', '$tmp/other'); do '$tmp/host.pl'"
engine native 3
[ ! -s "$tmp/other" ] || fail "wrote to another stderr"

# ---- a file that changes, comes and goes: seen within some forks ----
cat >"$tmp/turns.pl" <<'EOF'
$| = 1;
my $big = "x" x 30_000_000;
while (!-e $ARGV[0]) {
	my $pid = fork() // exit(1);
	exec("true") if !$pid;
	waitpid($pid, 0);
	select(undef, undef, undef, 0.05);
}
EOF
rm -f "$rules" "$tmp/stop"
env LD_PRELOAD="$lib" VSPAWN_RULES="$rules" VSPAWN_FORK=txn \
	VSPAWN_LOG="$tmp/changes" perl "$tmp/turns.pl" "$tmp/stop" &
turns=$!
undo "kill -KILL $turns"
waits_for() {
	for _ in $(seq 300); do
		grep -q "$1" "$tmp/changes" 2>/dev/null && return
		sleep 0.1
	done
	fail "not seen: $1"
}
sleep 0.3
rule '* first'
waits_for '"first" is not known'
rule '* second'
waits_for '"second" is not known'
rm -f "$rules"
sleep 1.5
rule '* strict=log:1M' '* native'
waits_for 'native fork of a big process: switched off'
: >"$tmp/stop"
wait "$turns" || fail "status $? of the host"

# ---- no descriptor that another thread could see ----
rule '* txn'
env LD_PRELOAD="$lib" VSPAWN_RULES="$rules" VSPAWN_LOG="$tmp/log" \
	"$hosts/rules_watch" "$rules" 4 >"$tmp/out" || fail "rules_watch: $?"
grep -qx 'seen -1' "$tmp/out" || fail "rules_watch: $(cat "$tmp/out")"

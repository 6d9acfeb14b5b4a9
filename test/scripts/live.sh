#!/bin/sh
# SPDX-License-Identifier: MIT
# VSPAWN_LIVE, vspawn stats and top: every call is counted, once, whoever makes
# it; the numbers can be read while the program runs and after it was killed;
# and nothing is left behind.
# shellcheck source=test/lib/live.sh
. "$(dirname "$0")/../lib/live.sh"

# ---- each way to end; all calls are there, once ----
for how in exit _exit kill; do
	rm -rf "$live"
	run -- mb=20 fork=7 stay=2 spawn=3 system=4 "$how" 2>"$tmp/err"
	status=$?
	[ "$how" != kill ] || status=$((status - 137))
	[ "$status" = 0 ] || fail "$how: status $status: $(cat "$tmp/err")"
	counted "fork, $how" 9 "$(of fork)"
	counted "posix_spawn, $how" 3 "$(of posix_spawn)"
	counted "system, $how" 4 "$(of system)"
	counted "schema" 1 '.[0].schema'
	counted "those by site" 16 '[.[].sites[].calls] | add'
	counted "those by process" 16 '[.[].processes[].calls] | add'
	counted "durations" 9 '[.[].calls[] | select(.function == "fork")
		| .log2_ns | add] | add'
done
"$stats" stats --all --dir="$live" >"$tmp/text"
grep -q '^gone, ' "$tmp/text" || fail "it runs, although it was killed"
"$stats" stats --dir="$live" >"$tmp/out" 2>"$tmp/err" &&
	fail "of what is gone, without --all: $(cat "$tmp/out")"
"$stats" stats --all --dir="$live" --json >"$tmp/json"
if grep -q '"engine":"txn"' "$tmp/json"; then
	counted "committed" 7 '.[0].committed'
	counted "rolled back" 2 '.[0].rolled_back'
	counted "rolled back, by site" 2 '[.[].sites[].rolled_back] | add'
	counted "system calls" 2 '[.[].rolled_back_by[].calls] | add'
fi
grep -q 'by_spawn' "$tmp/json" || fail "no symbol"
jq -e '.sites[] | select(.symbol == "by_fork") | .offset > 0' "$tmp/json" \
	>/dev/null || fail "no site of fork()"

# ---- in processes that it forks, with another user and root ----
rm -rf "$live"
run -- mb=20 fork=1 child=1 fork=2 spawn=3 child=1 spawn=4 exit ||
	fail "status $?"
counted "symbols" '["by_fork","by_spawn","in_child"]' \
	'[.[0].sites[].symbol] | unique'
counted "in children" 5 "$(of fork)"
counted "by them" 7 "$(of posix_spawn)"
counted "by process" '[2,4,6]' '[.[0].processes[].calls] | sort'
[ "$(files)" = 1 ] || fail "$(files) files of one program"
if [ "$(id -u)" = 0 ]; then
	rm -rf "$live"
	run -- fork=1 user=1 child=1 stay=5 kill 2>/dev/null
	counted "as nobody" 7 "$(of fork)"
	rm -rf "$live"
	run -- stay=1 root=1 stay=5 exit || fail "in an empty root: $?"
	counted "in an empty root" 6 "$(of fork)"
fi

# ---- of many that are gone, few are left ----
# many N ARG...: as many processes, one after the other.
many() {
	rm -rf "$live"
	n=$1
	shift
	while [ "$n" -gt 0 ]; do
		n=$((n - 1))
		run -- "$@"
	done 2>/dev/null
}
# One in eight sweeps.
many 250 exec=1 exit
[ "$(files)" -lt 200 ] || fail "$(files) files with nothing in them"
many 300 spawn=1 kill
[ "$(files)" -lt 280 ] || fail "$(files) files are left of 300 processes"
[ "$(files)" -ge 64 ] || fail "only $(files) are left of 300 processes"

# ---- after an exec it is another program ----
rm -rf "$live"
# shellcheck disable=SC2016
env LD_PRELOAD="$lib" VSPAWN_LIVE="$live" VSPAWN_REPORT=program \
	HOST="$host" perl -e '
	print "$$\n"; system("true;"); system("true;");
	exec $ENV{HOST}, "spawn=3", "kill"' >"$tmp/out" 2>/dev/null
[ "$(files)" = 2 ] || fail "$(files) files of two programs"
"$stats" stats --all --dir="$live" --json "$(cat "$tmp/out")" |
	jq -e '.program == "reported" and .calls[0].calls == 3' >/dev/null ||
	fail "not the program that the process was in the end"

# ---- numbers only grow, and are never torn ----
rm -rf "$live"
run -- mb=20 spawn=150 fork=150 spawn=150 exit &
last=0
while kill -0 $! 2>/dev/null; do
	now=$("$stats" stats --all --dir="$live" --json 2>/dev/null | jq -e '
		if ([.calls[].calls] | add // 0) as $n
			| ([.processes[].calls] | add // 0) <= $n
			and $n <= 450
		then [.calls[].calls] | add // 0 else error("torn") end') ||
		[ -z "$now" ] || fail "torn"
	[ "${now:-0}" -ge "$last" ] || fail "$now after $last"
	last=${now:-$last}
done
wait
counted "all of them" 450 '[.[].calls[].calls] | add'

# ---- while it runs ----
rm -rf "$live"
mkfifo "$tmp/in"
env LD_PRELOAD="$lib" VSPAWN_FORK=txn VSPAWN_LIVE="$live" \
	VSPAWN_STATS_SIGNAL=USR1 "VSPAWN_STATS=$tmp/summary" \
	"$host" mb=20 fork=3 wait <"$tmp/in" >"$tmp/out" 2>&1 &
pid=$!
exec 3>"$tmp/in"
until grep -q ready "$tmp/out"; do
	kill -0 "$pid" || fail "it is gone"
	sleep 0.1
done
"$stats" stats "$pid" >"$tmp/text" || fail "no numbers of $pid"
grep -q '^running, ' "$tmp/text" || fail "it does not run: $(cat "$tmp/text")"
"$stats" stats --json "$pid" | jq -e '.calls[0].calls == 3' >/dev/null ||
	fail "other numbers by its pid"
"$stats" top --times=2 --interval=0.1 "$pid" >"$tmp/top"
[ "$(grep -c " *$pid reported .* 3 " "$tmp/top")" = 2 ] ||
	fail "top: $(cat "$tmp/top")"
"$stats" stats --prometheus="$tmp/vspawn.prom" "$pid" || fail "no metrics"
grep -q "^vspawn_up{pid=\"$pid\",program=\"reported\"} 1$" "$tmp/vspawn.prom" ||
	fail "not up in $(cat "$tmp/vspawn.prom")"
awk '/^#/ { if ($2 == "TYPE") seen[$3]++; next }
	!/^[a-z_]+\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\} [0-9.e+-]+$/ { bad = 1 }
	/^vspawn_calls_total/ { sum += $NF }
	END { for (m in seen) if (seen[m] != 1) bad = 1
		exit bad || sum != 3 }' "$tmp/vspawn.prom" ||
	fail "not in the format: $(cat "$tmp/vspawn.prom")"
ls "$tmp"/vspawn.prom.* 2>/dev/null && fail "a temporary file is left"
# A signal prints the summary, and a second one another.
for times in 1 2; do
	kill -USR1 "$pid"
	until [ "$(grep -c '^vspawn: pid ' "$tmp/summary" 2>/dev/null)" = \
		$times ]; do
		kill -0 "$pid" || fail "killed by the signal"
		sleep 0.1
	done
done
# What is not there.
"$stats" stats $$ >/dev/null 2>"$tmp/err" && fail "numbers of a shell"
grep -q 'library is not in' "$tmp/err" || fail "why not: $(cat "$tmp/err")"
exec 3>&-
wait "$pid" || fail "its status"
pid=

# A handler of the program's wins, and so does SIG_IGN.
for action in IGNORE 'sub { print "own\n" }'; do
	case $action in
	IGNORE) action="'IGNORE'" ;;
	esac
	rm -f "$tmp/summary"
	# shellcheck disable=SC2016
	env LD_PRELOAD="$lib" VSPAWN_STATS_SIGNAL=USR1 \
		VSPAWN_STATS="$tmp/summary" perl -e '
		$SIG{USR1} = '"$action"'; system("true;"); kill "USR1", $$;
		sleep 0; $SIG{USR1} = "IGNORE"; exec "true"' >"$tmp/out" ||
		fail "status $? with $action"
	[ ! -e "$tmp/summary" ] || fail "printed although perl has $action"
done

# ---- the program alone ----
rm -rf "$live"
# shellcheck disable=SC2016
env LD_PRELOAD="$lib" VSPAWN_LIVE="$live" VSPAWN_REPORT=program \
	"VSPAWN_STATS=$tmp/alone" VSPAWN_STATS_FORMAT=line \
	perl -e 'for (1 .. 3) { system("sh -c true; true") }' || fail "status $?"
[ "$(wc -l <"$tmp/alone")" = 1 ] || fail "more than one line: $(cat "$tmp/alone")"
grep -q '^vspawn: pid [0-9]* (perl): calls 3, ' "$tmp/alone" ||
	fail "not perl's: $(cat "$tmp/alone")"
[ "$(files)" = 1 ] || fail "files of others"
exit 0

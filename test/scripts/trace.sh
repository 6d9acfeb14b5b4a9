#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# VSPAWN_TRACE: a line of JSON for every call and nothing else, whole even if
# many processes write to one file; what was run is in it; nobody sees a
# descriptor of it, and nobody is harmed where it cannot be written.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs jq
temporary_folder
host=$hosts/reported
trace=$tmp/trace

run() {
	env LD_PRELOAD="$lib" VSPAWN_FORK="${mode-txn}" VSPAWN_TRACE="$trace" \
		"$host" "$@"
}

# is WHAT NUMBER FILTER: so many lines are selected.
is() {
	got=$(jq -c "select($3)" "$trace" | wc -l) || fail "$1: no JSON"
	[ "$got" = "$2" ] || {
		head -n 20 "$trace"
		fail "$1: $got, not $2"
	}
}

# ---- every call, with all that there is to say ----
run mb=20 fork=3 stay=1 spawn=2 system=2 exec=1 exit || fail "status $?"
is 'all lines' 9 true
is fork 4 '.function == "fork" and .result == "ok" and .child > 0'
is posix_spawn 2 '.function == "posix_spawn" and .engine == "spawn"
	and .ns > 0 and (.argv | length) == 4 and .argv[1] == "an \"argument\"\n"
	and .argv[3] == ""'
is system 2 '.function == "system" and .argv == ["sh", "-c", "exit 0"]'
is exec 1 '.function == "execv" and .executable == "/no/such/file"
	and has("engine") == false'
is sites 8 '.site // "" | test("^reported\\+0x[0-9a-f]+$")'
is everywhere 9 '.ts > 1e9 and .pid > 0 and .tid > 0
	and .program == "reported"'
is children 6 '.child and .child != .pid'
if grep -q '"engine":"txn"' "$trace"; then
	is committed 3 '.function == "fork" and .engine == "txn"
		and (.executable | test("/nop$")) and .argv[0] == "nop"'
	is 'rolled back' 1 '.undone and .by == "exit_group" and .reason'
fi
# The bytes that are no UTF-8 come back.
if command -v python3 >/dev/null; then
	python3 -c 'import json, os, sys
for line in open(sys.argv[1]):
	argv = json.loads(line).get("argv", [])
	if "spawn" in line and os.fsencode(argv[2]) != b"\xff\xfe":
		sys.exit(1)' "$trace" || fail "other arguments"
fi

# ---- natively the child says what it runs, by its id ----
rm "$trace"
mode=native run fork=2 exit || fail "native: status $?"
is 'native forks' 2 '.function == "fork" and .engine == "native" and .reason'
[ "$(jq -s '[.[] | select(.function == "fork").child] - [.[]
	| select(.function == "execv").pid] | length' "$trace")" = 0 ] ||
	fail "children that do not say what they run: $(cat "$trace")"

# ---- an argument that is too long, many, and one that cannot be read ----
rm "$trace"
# shellcheck disable=SC2016
env LD_PRELOAD="$lib" VSPAWN_TRACE="$trace" VSPAWN_FORK=txn perl -e '
	my $long = "\xff\"" x 50000;
	for my $list ([$long], [("x") x 20000], ["\1" x 700]) {
		if (!(my $pid = fork())) { exec("true", @$list) }
		wait;
		system("true", @$list);
	}' || fail "perl: status $?"
is 'long ones' 6 '.cut and .executable'
awk '{ if (length($0) > 4095) exit 1 }' "$trace" || fail "a line is too long"

# ---- many processes, one file ----
rm "$trace"
i=0
while [ $i -lt 8 ]; do
	i=$((i + 1))
	run exec=6200 spawn=50 exec=6200 fork=50 watch=$((i % 4 == 0)) \
		exec=100 spawn=20 exit || echo "status $?" >>"$tmp/wrong" &
done
wait
[ ! -e "$tmp/wrong" ] || fail "$(cat "$tmp/wrong")"
jq -c '[.pid, .function, .ts]' "$trace" >"$tmp/lines" ||
	fail "a line is torn"
[ "$(wc -l <"$trace")" = "$(wc -l <"$tmp/lines")" ] || fail "lines are joined"
awk -F'[][,"]+' '{ n[$3]++; if ($3 == "execv") of[$2]++ }
	END { for (p in of) procs++
		exit n["execv"] != 100000 + 8 * 50 * '"$(
	grep -c '"engine":"txn"' "$trace" | awk '{ print $1 == 0 }'
)"' || n["fork"] != 400 || n["posix_spawn"] != 560 }' "$tmp/lines" ||
	fail "other numbers: $(cut -d, -f2 "$tmp/lines" | sort | uniq -c)"
echo "$(wc -l <"$trace") lines, none torn"

# ---- where it cannot be written: said once, and nobody is harmed ----
# lost FILE N WHAT: the summary says so.
lost() {
	rm -f "$tmp/summary"
	VSPAWN_STATS=$tmp/summary trace=$1 run fork=1 spawn=2 exit ||
		fail "$3: status $?"
	[ "$(grep -c "^trace lost  *$2  lines" "$tmp/summary")" = 1 ] ||
		fail "$3: not a word of it in $(cat "$tmp/summary")"
}
lost /no/such/folder/trace 3 'no folder'
lost "$tmp" 3 'a folder'
mkfifo "$tmp/pipe"
lost "$tmp/pipe" 3 'a pipe that nobody reads'
[ ! -w /dev/full ] || lost /dev/full 3 'a full disk'
head -c 8192 /dev/zero >"$tmp/limited"
(
	ulimit -f 8
	trace=$tmp/limited run fork=1 spawn=2 exit
) || fail "killed by a file at its limit"
# A filter of the program's own that kills for write().
rm -f "$trace"
run spawn=1 filter=1 spawn=2 _exit || fail "killed by a filter: $?"
is 'before the filter' 1 true
# %p is the pid, also of what is forked.
trace=$tmp/of.%p run child=1 spawn=1 child=1 spawn=1 exit || fail "%p: $?"
for file in "$tmp"/of.*; do
	jq -e ".pid == ${file##*.}" "$file" >/dev/null || fail "$file: other pid"
done
[ "$(find "$tmp" -name 'of.*' | wc -l)" -ge 3 ] || fail "not a file for each"

# ---- what the manual says ----
rm -f "$trace"
run mb=20 fork=3 spawn=2 exit
jq -n -f scripts/trace2perfetto.jq "$trace" >"$tmp/perfetto" ||
	fail "trace2perfetto.jq"
jq -e '(.traceEvents | map(select(.ph == "X")) | length) == 5 and
	(.traceEvents | map(.ts) | min) >= 0 and
	all(.traceEvents[]; .pid > 0 and .name)' "$tmp/perfetto" >/dev/null ||
	fail "not for Perfetto: $(cat "$tmp/perfetto")"
# shellcheck disable=SC2016
sed -n -e 's/\\e/\\/g' -e 's|@libexecdir@/vspawn|scripts|' \
	-e 's/^\(jq .*\) TRACE.*/\1 "$trace"/p' scripts/man/libvspawn.7 >"$tmp/examples"
[ "$(wc -l <"$tmp/examples")" -ge 4 ] || fail "no examples in libvspawn(7)"
while read -r example; do
	eval "$example" >"$tmp/out" || fail "$example"
	[ -s "$tmp/out" ] || fail "$example: nothing"
done <"$tmp/examples"
exit 0

#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 600
# bench: that it says what it is to say. Not how fast anything is; its arithmetic
# is bench_arithmetic.sh.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs awk od make jq
temporary_folder
bench=$PWD/scripts/bench
out=$(make -s hosts 2>&1) || {
	echo "$out"
	skip 'its programs do not compile with this libc'
}

# ---- all of it ----
# However much else this machine does.
export BENCH_SECONDS=500
sh "$bench/run" --quick --library="$lib" --hosts="$PWD/build/bench" \
	--out="$tmp/out" >"$tmp/table" 2>"$tmp/progress" || {
	cat "$tmp/table" "$tmp/progress"
	fail "status $?"
}
json=$tmp/bench.json
cp "$tmp/out/bench.json" "$json"

# holds WHAT FILTER
holds() {
	jq -e "$2" "$json" >/dev/null || {
		jq . "$json" | head -n 40
		tail -n 20 "$tmp/table"
		fail "bench.json: $1"
	}
}
holds 'a machine' '.format == 1 and (.machine | .kernel and .libc and .cpus > 0
	and .quick == "yes" and .seconds >= 0)'
holds 'figures in order' '.figures | length > 100 and all(.n > 0 and
	.p50 <= .p90 and .p90 <= .p99 and .p99 <= .max)'
holds 'ratios in order' '.ratios | length > 100 and all(.pairs > 0 and
	.low <= .median and .median <= .high)'
for group in size threads maps loaded stall rate child rollback first load; do
	holds "group $group" "[.figures[] | select(.group == \"$group\")] |
		length > 0"
done
for label in native/fork vspawn/fork share/fork native/floor native/vfork \
	vspawn/vfork native/posix_spawn vspawn/posix_spawn; do
	holds "$label" "[.figures[] | select(.group == \"size\" and
		.label == \"$label\" and .figure == \"call\") | .mb] |
		sort == [16, 64, 256]"
done
for figure in reaped cpu faults stall_touch stall_mmap stall_store cow_faults \
	children_per_s copied extra cpu_s wall_s; do
	holds "$figure" "any(.figures[]; .figure == \"$figure\")"
done
for label in native/fork vspawn/fork share/fork native/vfork native/floor \
	native/posix_spawn; do
	for group in hosts threads maps loaded; do
		holds "$group: $label" "any(.figures[]; .group == \"$group\" and
			.label == \"$label\" and .figure == \"call\")"
	done
done
holds 'units' 'all(.figures[]; .unit == {call: "us", reaped: "us", cpu: "us",
	copied: "bytes", read: "bytes", children_per_s: "1/s", wall_s: "s",
	cpu_s: "s", extra: "us", stall_touch: "us", stall_mmap: "us",
	stall_store: "us"}[.figure])'
holds 'each figure once' '[.figures[] | [.group, .program, .mb, .threads, .maps,
	.huge, .loaded, .label, .figure]] | length == (unique | length)'
holds 'what has been left out' '(.left_out | type) == "array" and
	(.errors | type) == "array"'
# In the table are the same numbers.
jq -r '.figures[] | select(.group == "rollback" and .figure == "call") |
	"\(.label) \(.n)"' "$json" | sort >"$tmp/its"
sed -n '/^rollback:/,/^$/p' "$tmp/out/table.txt" |
	awk '$2 == "call," { print $1, $4 }' | sort | diff - "$tmp/its" ||
	fail 'table.txt and bench.json differ'
# What other groups have counted is not theirs.
holds 'what the first forks were' 'any(.did[]; .group == "first")'
# Natively each of these writes is a fault; nothing else is known beforehand.
holds 'the faults after a native fork' 'any(.figures[];
	.label == "native/fork:cow" and .figure == "cow_faults" and .p50 > 900)'
grep -q '^A C program of 256 MB' "$tmp/table" || fail 'no last line'
[ "$(grep -c '^\[' "$tmp/progress")" -gt 10 ] || fail 'no progress'
if command -v gnuplot >/dev/null; then
	for plot in size maps histogram stall rate; do
		grep -q '<path' "$tmp/out/$plot.svg" || fail "no plot $plot.svg"
	done
fi

# ---- a library against itself ----
cp "$lib" "$tmp/old.so"
sh "$bench/run" --against="$tmp/old.so" --quick --library="$lib" \
	--hosts="$PWD/build/bench" >"$tmp/against" 2>&1 ||
	fail "--against: $(cat "$tmp/against")"
[ "$(grep -cE ' same\??$' "$tmp/against")" -ge 30 ] || {
	cat "$tmp/against"
	fail '--against: not the same as itself'
}
# One of some hundred runs may find by chance that one figure differs, and then
# those that go with it.
[ "$(grep -cE ' (slower|faster|more|fewer)$' "$tmp/against")" -le 3 ] || {
	cat "$tmp/against"
	fail '--against: differs from itself'
}

# ---- what it is asked for ----
# Before it begins, and naming what is wrong and what may be said.
run() {
	sh "$bench/run" --hosts="$PWD/build/bench" --library="$lib" "$@"
}
# no WHAT SAID: what it says begins so.
no() {
	# shellcheck disable=SC2086
	timeout 10 sh "$bench/run" --hosts="$PWD/build/bench" \
		--library="$lib" $1 >"$tmp/said" 2>&1
	[ $? = 2 ] || fail "$1: no error: $(cat "$tmp/said")"
	grep -qF "bench: $2" "$tmp/said" || fail "$1: says $(cat "$tmp/said")"
}
no --sideways '--sideways: no such option; allowed: --quick '
no 'size no-such-group' 'no-such-group: no such group; allowed: size '
no '--where lisp' 'lisp: no such program; allowed: malloc '
no --against=/dev/null/x.so '/dev/null/x.so: not there'
no '--against=x.so size' 'size: --against takes no groups'
no --against '--against: a library is missing'
no '--where --against=x.so' '--against: not together with --where'
no --out= '--out=: a folder is missing'
no '--out=/dev/null/x size' '--out=/dev/null/x: cannot be written to; allowed:'
for wrong in 0 012 1234567890123 --memory= --memory=0 --memory=much; do
	no "$wrong" "$wrong: not a size; allowed: "
done
run --help | grep -q -- --out=DIR || fail '--help'

# Whatever the caller has set is not measured, and of what was there before
# nothing is left.
: >"$tmp/out/rate.png"
: >"$tmp/out/mine.txt"
TMPDIR=$tmp/'a b'
export TMPDIR
mkdir "$TMPDIR"
LD_PRELOAD=$lib VSPAWN_FORK=native VSPAWN_STATS_FORMAT=json \
	run --quick --memory=400 --out="$tmp/out" threads >"$tmp/table" 2>&1 ||
	fail "in odd surroundings: $(cat "$tmp/table")"
unset TMPDIR
grep -q 'counted: fork: txn' "$tmp/table" || fail "as the caller has it: $(
	cat "$tmp/table")"
[ -e "$tmp/out/mine.txt" ] || fail 'a file that is not of bench is gone'
[ ! -e "$tmp/out/rate.png" ] || fail 'a plot of an earlier run is still there'
run --quick --memory=10 --out="$tmp/none" size >"$tmp/table" 2>&1 &&
	fail 'nothing measured, and no error'
grep -q '^Left out: size: malloc, 16 MB' "$tmp/table" ||
	fail "nothing measured: $(cat "$tmp/table")"

# A signal ends it at once, and nothing is left.
mkdir "$tmp/work"
TMPDIR=$tmp/work sh "$bench/run" --hosts="$PWD/build/bench" --library="$lib" \
	--out="$tmp/killed" size >/dev/null 2>&1 &
pid=$!
while ! [ -s "$(echo "$tmp"/work/*/plan)" ]; do
	kill -0 $pid || fail 'it has ended'
	sleep 0.1
done
kill $pid
wait $pid
[ $? = 143 ] || fail 'it did not end by the signal'
[ ! "$(ls "$tmp/work")" ] || fail "left: $(ls "$tmp/work")"
[ ! -e "$tmp/killed" ] || fail 'an empty folder is left'
echo "$(jq '.figures | length' "$json") figures, $(jq '.ratios | length' \
	"$json") ratios in $(jq .machine.seconds "$json") s"

#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 600
# bench: that it says what it is to say, and that its arithmetic is right. Not
# how fast anything is.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs awk od make jq
temporary_folder
bench=$PWD/scripts/bench
stats="$bench/stats.awk"
out=$(make -s hosts 2>&1) || {
	echo "$out"
	skip 'its programs do not compile with this libc'
}

# ---- the arithmetic, on figures that are known ----
# Twelve rounds of three children: natively 100 us, with the other 90 to 112,
# and one slow instant that must not count.
awk 'BEGIN {
	for (r = 0; r <= 12; r++)
		for (i = 1; i <= 3; i++) {
			slow = r == 5 && i == 2 ? 1e9 : 0
			print "native/fork", r, 100000 + slow, 200000, "-"
			print "new/fork", r, 88000 + 2000 * r, 100000 + slow, "-"
		}
	print "new/fork", 1, "used", 10, 50, 7000, 300
	print "new/fork@2", 1, "rate", 50, 1e9
}' >"$tmp/lines"
awk -f "$stats" -f "$bench/collect.awk" -v what=x -v bases=native/fork \
	-v figures="$tmp/figures" -v ratios="$tmp/ratios" "$tmp/lines"

# has FILE FIELDS...
has() {
	file=$1
	shift
	grep -qx "$(printf '%s\t' "$@" | sed 's/	$//')" "$tmp/$file" || {
		cat "$tmp/$file"
		fail "$file: no $*"
	}
}
has figures x native/fork call 36 100 100 1.0001e+06 1.0001e+06
has figures x new/fork call 36 100 110 112 112
has figures x new/fork faults 1 5 5 5 5
has figures x new/fork cpu 1 700 700 700 700
has figures x new/fork@2 children_per_s 1 50 50 50 50
# The third smallest and largest of twelve: 96.1 % of heads and tails.
has ratios x new/fork call native/fork 12 1.01 0.94 1.08 0.9614
has ratios x new/fork reaped native/fork 12 0.5 0.5 0.5 0.9614

# The best tenth of a turn is the first of three; a label that is there again has
# no figures, but is what others are compared with.
rm "$tmp/figures" "$tmp/ratios"
awk '$1 == "native/fork" && NR % 2 { $3 += 7000 } { print }' "$tmp/lines" |
	awk -f "$stats" -f "$bench/collect.awk" -v what=x -v bases=native/fork \
		-v figures="$tmp/figures" -v ratios="$tmp/ratios" -v best=1 \
		-v again=native/fork
has figures x new/fork call_best 12 100 110 112 112
has ratios x new/fork reaped_best native/fork 12 0.5 0.5 0.5 0.9614
! grep '	native/fork	.*	.*	.*	.*	.*	' "$tmp/figures" ||
	fail 'figures a second time'

# says VERDICT LOW HIGH
says() {
	printf 'time\tC\t64\t1\t-\t-\tno\tnew/fork\tcall\t9\t5\t5\t5\t5\n' \
		>"$tmp/figures"
	printf 'time\tC\t64\t1\t-\t-\tno\tnew/fork\tcall\told/fork\t12\t1\t%s\t%s\t1\n' \
		"$2" "$3" >"$tmp/ratios"
	awk -f "$bench/verdict.awk" "$tmp/figures" "$tmp/ratios" >"$tmp/verdict"
	grep -qF " $1" "$tmp/verdict" || {
		cat "$tmp/verdict"
		fail "[$2 $3] is not $1"
	}
}
says slower 1.03 1.2
says faster 0.8 0.97
says same 0.99 1.09
says same 0.95 1.01
says 'same?' 0.99 1.4
says 'same?' 0.7 1.01

# ---- where the time of a fork goes ----
# Five forks: the clone comes after 10 us, the child makes its exec 20 later and
# the parent is back after 100; what it did beside that does not count.
printf 'POINT(%s, %s, "%s")\n' begin PARENT '' clone PARENT before born CHILD \
	child execve CHILD exec cloned PARENT beside asleep PARENT beside \
	woken PARENT awake end PARENT after >"$tmp/point.def"
awk 'BEGIN {
	for (i = 0; i < 5; i++) {
		t = 1000000 * i
		print t, 1001
		print t, 0; print t + 10000, 1; print t + 15000, 4
		print t + 12000, 2; print t + 16000, 5; print t + 17000, 6
		print t + 30000, 3; print t + 70000, 6; print t + 100000, 7
		print t + 100000, 1000; print t + 100010, 1000
	}
}' >"$tmp/lists"
awk 'BEGIN { for (i = 0; i < 5; i++) print 102000, 300000, "-" }' \
	>"$tmp/samples"
awk -v skip=0 -f "$stats" -f "$bench/where.awk" "$tmp/point.def" \
	"$tmp/samples" "$tmp/lists" | awk '{ print $1, $2 }' >"$tmp/where"
printf '%s\n' 'us share' '10.0 10.0%' '2.0 2.0%' '18.0 18.0%' '40.0 40.0%' \
	'30.0 30.0%' '100.0 100.0%' '80.0 80.0%' '20.0 20.0%' '5.0 5.0%' \
	'6.0 6.0%' '0.1 0.1%' '102.0 102.0%' | diff - "$tmp/where" ||
	fail 'where.awk adds up wrongly'
grep -ho 'VS_POINT([a-z]*)' -r preload | sed 's/.*(\(.*\))/\1/' |
	grep -vx name | sort -u >"$tmp/used"
sed -n 's/^POINT(\([a-z]*\),.*/\1/p' preload/kernel/point.def | sort >"$tmp/named"
diff "$tmp/named" "$tmp/used" || fail 'point.def has other points'

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

#!/bin/sh
# SPDX-License-Identifier: MIT
# The arithmetic of bench, on figures that are known; and that what it says of
# where the time goes has a name for each point that there is.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs awk
temporary_folder
bench=scripts/bench
stats=$bench/stats.awk

# ---- figures and ratios ----
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
exit 0

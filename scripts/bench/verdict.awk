# SPDX-License-Identifier: MIT
# verdict.awk FIGURES RATIOS: what --against says. That they differ by more than
# 2 % is sure, or not: then it is "same", and "same?" where they may well differ
# by more than 10 %, for all that is known.
BEGIN {
	FS = "\t"
	printf("%-26s%-14s%-12s%10s%10s  %-7s%-16s%6s %6s  %s\n", "program",
		"method", "figure", "old", "new", "ratio", "range", "pairs",
		"sure", "verdict")
}

FNR == 1 {
	current = FILENAME
	sub(/.*\//, "", current)
}

{
	experiment = $2 ($3 == "-" ? "" : ", " $3 " MB") \
		($4 > 1 ? ", " $4 " threads" : "")
}

current == "figures" {
	middle[$1, experiment, $8, $9] = $11
	next
}

# What the counter slows says nothing, nor how long vfork takes for a program
# that another library is loaded into.
function wanted(kind, figure) {
	if (kind == "calls")
		return figure == "calls"
	if (kind == "load")
		return figure == "reaped" || figure == "faults"
	return figure ~ /^(call|reaped)(_best)?$|^(faults|cpu)$/
}

$8 ~ /^new\// && wanted($1, $9) {
	method = substr($8, 5)
	verdict = $13 < 0.9 || $14 > 1.1 ? "same?" : "same"
	if ($13 > 1.02)
		verdict = $9 == "calls" || $9 == "faults" ? "more" : "slower"
	if ($14 < 0.98)
		verdict = $9 == "calls" || $9 == "faults" ? "fewer" : "faster"
	printf("%-26s%-14s%-12s%10.5g%10.5g  %-7.3f%-16s%6d %5.1f%%  %s\n",
		experiment == last ? "" : experiment,
		method == shown && experiment == last ? "" : method, $9,
		middle[$1, experiment, "old/" method, $9],
		middle[$1, experiment, $8, $9], $12,
		sprintf("[%.3f %.3f]", $13, $14), $11, 100 * $15, verdict)
	last = experiment
	shown = method
	shown_any = 1
}

END {
	if (shown_any)
		print "call, reaped, cpu in us; _best: the best tenth of each " \
			"turn. faster, slower, fewer, more:\nby more than 2 %, as " \
			"sure as the column says. same?: no more is known than " \
			"the range."
}

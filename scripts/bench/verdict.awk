# SPDX-License-Identifier: MIT
# verdict.awk FIGURES RATIOS: what --against says. "same": that they differ by
# more than 2 % is not sure; the range tells by how much they may.
BEGIN {
	FS = "\t"
	printf("%-22s%-13s%-8s%10s%10s  %-7s%-16s%6s %6s  %s\n", "program",
		"method", "figure", "old", "new", "ratio", "range", "pairs",
		"sure", "verdict")
}

FNR == 1 {
	current = FILENAME
	sub(/.*\//, "", current)
}

{ experiment = $2 ", " $3 " MB" ($4 > 1 ? ", " $4 " threads" : "") }

current == "figures" {
	middle[experiment, $8, $9] = $11
	next
}

$8 ~ /^new\// {
	method = substr($8, 5)
	verdict = "same"
	if ($13 > 1.02)
		verdict = "slower"
	if ($14 < 0.98)
		verdict = "faster"
	# Counts, and what does not hang on time.
	if ($9 == "faults" || $9 == "cpu" || $9 == "call" || $9 == "reaped")
		printf("%-22s%-13s%-8s%10.5g%10.5g  %-7.3f%-16s%6d %5.1f%%  %s\n",
			experiment == last ? "" : experiment,
			method, $9, middle[experiment, "old/" method, $9],
			middle[experiment, $8, $9], $12,
			sprintf("[%.3f %.3f]", $13, $14), $11, 100 * $15,
			verdict)
	last = experiment
}

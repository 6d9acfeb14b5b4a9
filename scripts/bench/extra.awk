# SPDX-License-Identifier: MIT
# extra.awk: of each round of turns, how much longer a label took than
# nothing/load, in us, as lines for collect.awk.

$2 > 0 && NF == 5 && $3 ~ /^[0-9]+$/ {
	sample[$1, $2, ++n[$1, $2]] = $4 / 1000
	label[$1] = 1
	if ($2 > rounds)
		rounds = $2
}

function median_of(which, round,	a, i) {
	for (i = 1; i <= n[which, round]; i++)
		a[i] = sample[which, round, i]
	sort(a, i - 1)
	return i > 1 ? middle(a, i - 1) : ""
}

END {
	for (which in label)
		for (r = 1; r <= rounds; r++)
			if (which != "nothing/load")
				print which, r, "value", "extra",
					median_of(which, r) - \
					median_of("nothing/load", r)
}

# SPDX-License-Identifier: MIT
# collect.awk: what turns has printed, as figures and ratios. -v what= is the
# beginning of each line: the experiment, in fields with tabs between; -v
# bases= are the labels that others are compared with; -v figures=, ratios=
# the files that lines are added to, -v level= how sure a range is to be, -v
# again= a label that has its figures already, -v best=1: also the best tenth of
# each turn.
#
#	figure: label, name, number of samples, p50, p90, p99, worst
#	ratio:  label, name, of which label, pairs, median, low, high, sure
#
# Times are microseconds. Of each child: call, until the call has returned;
# reaped, until the child was; stall_*, how long a second thread was held up;
# cow_faults, of 1,000 pages that the parent writes to after the call. Of each
# turn, and divided by its children: faults, cpu (of parent and child, so
# milliseconds for 1,000), calls, read and copied (bytes). A pair is one round:
# the medians of two turns. The ratio's range is that of order statistics: the
# median of all pairs there could be is in it with a probability of `sure`.

function add(label, name, round, value,	key) {
	key = label SUBSEP name
	if (!(key in n))
		keys[++known] = key
	sample[key, ++n[key]] = value
	of_round[key, n[key]] = round
	if (round > rounds)
		rounds = round
}

# What the third number of a sample is, by its method.
function extra(label) {
	if (label ~ /:cow$/)
		return "cow_faults"
	sub(/.*:/, "", label)
	return "stall_" label
}

# The order is that of the first turns.
!($1 in place) {
	place[$1] = ++labels
	by_place[labels] = $1
}

$2 == 0 && !first { next }

$3 == "failed:" {
	label = $1
	sub(/^[^ ]* [^ ]* failed: /, "")
	failed[label] = $0
	next
}

$3 == "rate" { if ($5) add($1, "children_per_s", $2, $4 * 1e9 / $5); next }
$3 == "value" { add($1, $4, $2, $5); next }
$3 == "calls" { if (children) add($1, "calls", $2, $4 / children); next }

$3 == "used" {
	children = $4
	if (!children)
		next
	add($1, "faults", $2, $5 / children)
	add($1, "cpu", $2, $6 / children)
	add($1, "read", $2, $7 / children)
	next
}

NF == 5 && $3 ~ /^[0-9]+$/ {
	add($1, "call", $2, $3 / 1000)
	add($1, "reaped", $2, $4 / 1000)
	if ($5 != "-")
		add($1, extra($1), $2, extra($1) ~ /faults/ ? $5 : $5 / 1000)
}

# The worst of a turn, for what happens now and then; else the median.
function median_of(key, round,	a, i, m) {
	for (i = 1; i <= n[key]; i++)
		if (of_round[key, i] == round)
			a[++m] = sample[key, i]
	if (!m)
		return ""
	sort(a, m)
	return key ~ /stall_/ ? a[m] : quantile(a, m, 0.5)
}

# The value that a tenth of a turn's samples does not exceed: it says less about
# who else was running than the median does.
function add_best(label, name,	a, i, key, m, r) {
	key = label SUBSEP name
	for (r = 1; r <= rounds; r++) {
		for (i = m = 0; i++ < n[key]; )
			if (of_round[key, i] == r)
				a[++m] = sample[key, i]
		sort(a, m)
		if (m)
			add(label, name "_best", r, quantile(a, m, 0.1))
	}
}

function figure(key,	a, i, part) {
	split(key, part, SUBSEP)
	if (part[1] == again)
		return
	for (i = 1; i <= n[key]; i++)
		a[i] = sample[key, i]
	sort(a, n[key])
	printf "%s\t%s\t%s\t%d\t%.6g\t%.6g\t%.6g\t%.6g\n", what, part[1],
		part[2], n[key], quantile(a, n[key], 0.5),
		quantile(a, n[key], 0.9), quantile(a, n[key], 0.99),
		a[n[key]] >>figures
}

function ratio(key, base,	a, m, part, r, other, x, y) {
	split(key, part, SUBSEP)
	# "native/*": natively by the same method; "*/fork": of the same column;
	# else with the same suffix.
	if (sub(/^\*/, "", base))
		base = substr(part[1], 1, index(part[1], "/") - 1) base
	else if (sub(/\*$/, "", base))
		base = base substr(part[1], index(part[1], "/") + 1)
	else if (base !~ /[:@#]/ && match(part[1], /[:@#].*/))
		base = base substr(part[1], RSTART)
	other = base SUBSEP part[2]
	if (other == key || !(other in n) || part[2] ~ /^(read|copied)$/)
		return
	for (r = 0; r <= rounds; r++) {
		x = median_of(key, r)
		y = median_of(other, r)
		if (x != "" && y != "" && y > 0)
			a[++m] = x / y
	}
	if (!m)
		return
	sort(a, m)
	r = rank(m, level ? level : 0.95)
	printf "%s\t%s\t%s\t%s\t%d\t%.4g\t%.4g\t%.4g\t%.4g\n", what, part[1],
		part[2], base, m, middle(a, m), a[r], a[m + 1 - r],
		sure_of_rank(m, r) >>ratios
}

# Bytes that are copied for a child, in memory and by reads, beyond those of one
# that shares memory: its faults are of the new program. A native fork copies
# page tables, too, 8 bytes for a page.
function add_copied(	l, r, faults, bytes, base, base_bytes, tables) {
	split(what, field, "\t")
	if (field[1] != "child")
		return
	for (r = 1; r <= rounds; r++) {
		base = median_of("native/vfork" SUBSEP "faults", r)
		base_bytes = median_of("native/vfork" SUBSEP "read", r)
		for (l = 1; l <= labels; l++) {
			if (by_place[l] ~ /:/ || base == "")
				continue
			faults = median_of(by_place[l] SUBSEP "faults", r) - base
			bytes = median_of(by_place[l] SUBSEP "read", r)
			tables = by_place[l] == "native/fork" ? field[3] * 2048 : 0
			bytes += faults * 4096 - base_bytes + tables
			add(by_place[l], "copied", r, bytes > 0 ? bytes : 0)
		}
	}
}

END {
	add_copied()
	for (l = 1; best && l <= labels; l++) {
		add_best(by_place[l], "call")
		add_best(by_place[l], "reaped")
	}
	what_text = what
	gsub(/\t/, " ", what_text)
	for (label in failed)
		printf("%s: %s: %s\n", what_text, label, failed[label]) \
			>>"/dev/stderr"
	count = split(bases, base, " ")
	for (l = 1; l <= labels; l++)
		for (k = 1; k <= known; k++) {
			split(keys[k], part, SUBSEP)
			if (place[part[1]] != l)
				continue
			figure(keys[k])
			for (b = 1; b <= count; b++)
				ratio(keys[k], base[b])
		}
}

# SPDX-License-Identifier: MIT
# where.awk POINT.DEF SAMPLES LISTS: where the time of one fork() goes. Reads
# the table of points, what the program measured ("call reaped ..." in ns, a
# line for each child) and the lists that the library left (kernel/point.c), as
# od -An -v -tu8 prints them. -v skip=N: children before it has learned; -v call=
# what the program has called.
#
# On the path from call to return are the parent's points up to the clone, the
# child's up to its execve, and then the parent's again: each step is the time
# between two of these, so that they add up to the whole. Of the forks the
# fifth in the middle counts, by how long they took, and of these the mean; and
# beside it ("quick") those from the 5th to the 15th percentile, which nobody
# has kept from a processor.

FILENAME ~ /point\.def$/ {
	if (!/^POINT\(/)
		next
	text = $0
	sub(/^POINT\(/, "", text)
	sub(/,.*/, "", text)
	name[points] = text
	at[text] = points
	child[points] = /, CHILD,/
	text = $0
	sub(/^[^"]*"/, "", text)
	sub(/"\)$/, "", text)
	what[points++] = text
	next
}

NF == 3 {
	if (++samples > skip)
		took_call[samples - skip] = $1
	next
}

NF != 2 { next }

# A list begins: nanoseconds of another clock.
$2 == 1001 {
	begin_ns = $1
	n = costs = 0
	next
}

$2 == 1000 {
	if (++costs == 1) {
		first_cost = $1
		next
	}
	cost[++lists] = $1 - first_cost
	end_list()
	next
}

{ time[n] = $1; point[n++] = $2 }

# Adds up the steps of the list at hand.
function end_list(	i, side, last, exec) {
	if (lists == 1) {
		first_ns = begin_ns
		first_at = time[0]
	}
	last_ns = begin_ns
	last_at = time[0]
	last = time[0]
	for (i = 1; i < n; i++)
		if (point[i] == at["execve"])
			exec = time[i]
	for (i = 1; i < n; i++) {
		if (point[i] == at["cloned"] || point[i] == at["asleep"])
			beside[lists, point[i]] = time[i] - cloned
		if (!on_path(point[i], time[i], exec))
			continue
		if (time[i] < last)
			backwards++
		took[lists, point[i]] += time[i] - last
		times[lists, point[i]]++
		last = time[i]
		if (point[i] == at["clone"])
			cloned = last
	}
	whole[lists] = last - time[0]
}

# Of the parent's nothing between the clone and the child's execve.
function on_path(p, when, exec) {
	if (child[p] || p <= at["clone"])
		return 1
	return p >= at["woken"] && when > exec
}

function line(us, share, quick, count, text) {
	printf("%9.1f %5.1f%% %9s %6s  %s\n", us, share, quick, count, text)
}

# The mean of the forks that took from low to high, in cycles: sum, step[],
# count[] and aside[], of `used`.
function mean(low, high,	i, p) {
	used = sum = own = 0
	for (p = 1; p < points; p++)
		step[p] = count[p] = aside[p] = 0
	for (i = skip + 1; i <= lists; i++) {
		if (whole[i] < low || whole[i] > high)
			continue
		used++
		sum += whole[i]
		own += cost[i]
		for (p = 1; p < points; p++) {
			step[p] += took[i, p]
			count[p] += times[i, p]
			aside[p] += beside[i, p]
		}
	}
	us = scale / 1000 / used
}

# The mean of what lies between two quantiles of a sorted a[1..n].
function mean_between(a, n, low, high,	i, m, all) {
	low = quantile(a, n, low)
	high = quantile(a, n, high)
	for (i = 1; i <= n; i++) {
		if (a[i] < low || a[i] > high)
			continue
		all += a[i]
		m++
	}
	return all / m
}

END {
	if (lists < skip + 5) {
		print "where: no transactions, see VSPAWN_STATS"
		exit 1
	}
	scale = lists > 1 && last_at > first_at ? \
		(last_ns - first_ns) / (last_at - first_at) : 1
	for (i = skip + 1; i <= lists; i++)
		order[++m] = whole[i]
	sort(order, m)
	mean(quantile(order, m, 0.05), quantile(order, m, 0.15))
	for (p = 1; p < points; p++)
		quick[p] = sprintf("%.1f", step[p] * us)
	quick_whole = sprintf("%.1f", sum * us)
	mean(quantile(order, m, 0.4), quantile(order, m, 0.6))
	printf("%9s %6s %9s %6s\n", "us", "share", "quick", "times")
	for (p = 1; p < points; p++) {
		if (!count[p])
			continue
		who = child[p] ? "child   " : "parent  "
		line(step[p] * us, 100 * step[p] / sum, quick[p],
			sprintf("%.3g", count[p] / used), who what[p])
		all += count[p]
		half[child[p]] += step[p]
	}
	line(sum * us, 100, quick_whole, "",
		sprintf("the whole, mean of %d of %d forks", used, m))
	line(half[0] * us, 100 * half[0] / sum, "", "", "  of it in the parent")
	line(half[1] * us, 100 * half[1] / sum, "", "", "  of it in the child")
	line(aside[at["cloned"]] * us, 100 * aside[at["cloned"]] / sum, "", "",
		"beside it: clone, until it returns in the parent")
	line(aside[at["asleep"]] * us, 100 * aside[at["asleep"]] / sum, "", "",
		"beside it: clone, until the parent sleeps")
	line(own * us * all / used, 100 * own / sum * all / used, "", "",
		sprintf("what %.0f points cost, at %.3f us", all / used,
		own * us))
	if (samples > skip) {
		sort(took_call, samples - skip)
		seen = mean_between(took_call, samples - skip, 0.4, 0.6) / 1000
		quick_seen = mean_between(took_call, samples - skip, 0.05,
			0.15) / 1000
		line(seen, 100 * seen / (sum * us), sprintf("%.1f", quick_seen),
			"", call " as the program sees it, with what it does " \
			"around fork()")
	}
	if (backwards)
		printf "%d steps went backwards: the clock is not even\n",
			backwards
}

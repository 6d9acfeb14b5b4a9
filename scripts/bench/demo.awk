# SPDX-License-Identifier: MIT
# demo.awk LINES: what turns has printed, as demo's table, in ms. -v title= mb=,
# and -v summary= the file for one line.

!($1 in known) {
	known[$1] = 1
	label[++labels] = $1
}

$3 == "failed:" {
	sub(/^[^ ]* [^ ]* /, "")
	failed[$0] = 1
}

$2 > 0 && NF == 5 && $3 ~ /^[0-9]+$/ {
	m = ++n[$1]
	call[$1, m] = $3 / 1e6
	reaped[$1, m] = $4 / 1e6
	stall[$1, m] = $5 == "-" ? -1 : $5 / 1e6
	round[$1, m] = $2
	if ($2 > rounds)
		rounds = $2
}

function of(list, which, p, r,	a, i, m) {
	for (i = 1; i <= n[which]; i++)
		if (list[which, i] >= 0 && (!r || round[which, i] == r))
			a[++m] = list[which, i]
	if (!m)
		return -1
	sort(a, m)
	return quantile(a, m, p)
}

function faster(native, ours,	r, a, m, x, y) {
	for (r = 1; r <= rounds; r++) {
		x = of(call, native, 0.5, r)
		y = of(call, ours, 0.5, r)
		if (x >= 0 && y > 0)
			a[++m] = x / y
	}
	if (!m)
		return ""
	sort(a, m)
	x = middle(a, m)
	return sprintf(x < 10 ? "%.2f x" : "%.0f x", x)
}

function ms(x) {
	return x < 0 ? "-" : sprintf("%.3f", x)
}

function row(which, name, with, gain) {
	if (!n[which]) {
		printf("  %-19s%-8s failed\n", name, with)
		return
	}
	printf("  %-19s%-8s%6d%9s%9s%9s%9s%9s%10s\n", name, with, n[which],
		ms(of(call, which, 0.5)), ms(of(call, which, 0.99)),
		ms(of(reaped, which, 0.5)), ms(of(stall, which, 0.5)),
		ms(of(stall, which, 1)), gain)
}

END {
	for (i = 1; i <= labels; i++) {
		method = label[i]
		sub(/.*\//, "", method)
		if (label[i] ~ /^native\// || !method)
			continue
		name = method
		sub(/:all/, ", 2 threads", name)
		if (method == "vfork" && title ~ /^C/)
			name = "vfork, bare"
		with = label[i]
		sub(/\/.*/, "", with)
		native = "native/" method
		row(native, name, "nothing", "")
		row(label[i], "", with, faster(native, label[i]))
		if (title == "C, malloc" && label[i] == "vspawn/fork" &&
		    n[native] && n[label[i]])
			say(of(call, native, 0.5), of(call, label[i], 0.5))
	}
	for (why in failed)
		print "  " why
}

function say(native, ours,	size) {
	size = mb < 1024 ? mb " MB" : sprintf("%.3g GB", mb / 1024)
	printf("On this machine a C program of %s starts a child by fork and " \
		"exec in ", size) >summary
	if (native / ours < 1.2)
		printf("%.2f ms with vspawn and in %.2f ms without: no gain.\n",
			ours, native) >summary
	else
		printf(native / ours < 10 ? \
			"%.2f ms instead of %.2f ms: %.1f times faster.\n" : \
			"%.2f ms instead of %.2f ms: %.0f times faster.\n", ours,
			native, native / ours) >summary
}

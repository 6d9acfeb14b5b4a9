# SPDX-License-Identifier: MIT
# table.awk MACHINE DID RATIOS FIGURES: the same for people. Each ratio is the
# median of the pairs, and how far the range that it surely lies in reaches. With
# units.awk.
BEGIN {
	FS = "\t"
	bases = split("native/fork native/floor native/vfork native/posix_spawn",
		base, " ")
}

FNR == 1 {
	current = FILENAME
	sub(/.*\//, "", current)
}

current == "machine" {
	machine[$1] = $2
	next
}

{ experiment = $1 FS $2 FS $3 FS $4 FS $5 FS $6 FS $7 }

current == "did" {
	did[experiment] = did[experiment] (did[experiment] ? " | " : "") $8
	next
}

function further(low, middle, high) {
	return 100 * (high - middle > middle - low ? high - middle : \
		middle - low) / middle
}

# A base may have a suffix; of other bases there is only one.
current == "ratios" {
	of = $10
	sub(/[:@#].*/, "", of)
	for (b = bases; b > 0 && of != base[b]; )
		b--
	far = $12 ? further($13, $12, $14) : 0
	text = sprintf("%.3g %s", $12, far < 999 ? sprintf("±%.0f%%", far) : "±")
	if (!b && $10 !~ /^native/)
		text = text " of " $10
	if (!b)
		b = 1
	ratio[experiment, $8, $9, b] = text
	next
}

function describe(	text) {
	text = $2
	if ($3 != "-")
		text = text ", " $3 " MB"
	if ($4 != "-" && $4 != 1)
		text = text ", " $4 " threads"
	if ($5 != "-" && $5 != 0)
		text = text ", " $5 " mappings"
	if ($6 == "madvise" || $6 == "always")
		text = text ", huge pages: " $6
	if ($7 == "yes")
		text = text ", loaded machine"
	return $1 ": " text
}

# The sign is two bytes, which some count as one column.
function pad(text,	n) {
	n = 12 - length(text) + (length("±") == 2 && text ~ /±/)
	return n > 0 ? text sprintf("%" n "s", "") : text " "
}

function of_bases(name,	text, b) {
	for (b = 1; b <= bases; b++)
		text = text pad(ratio[experiment, $8, name, b])
	sub(/ +$/, "", text)
	return text
}

function number(x) {
	return sprintf(x < 1000 && x > -1000 ? "%.4g" : "%.0f", x)
}

function header() {
	printf("\n%s\n  %-26s%-15s%6s%9s%9s%9s%9s  %s\n", describe(), "label",
		"figure", "n", "p50", "p90", "p99", "max",
		"of native   of floor    of vfork    of posix_spawn")
	if (did[experiment])
		print "  vspawn has counted: " did[experiment]
}

current == "figures" {
	if (experiment != last)
		header()
	last = experiment
	if ($9 == "read")
		next
	printf("  %-26s%-15s%6d%9s%9s%9s%9s  %s\n", $8 == label ? "" : $8,
		$9 (unit($9) ~ /us|bytes/ ? ", " unit($9) : ""), $10, number($11), number($12), number($13), number($14),
		of_bases($9))
	label = $8
	if ($1 == "size" && $9 == "call" && $8 == "native/fork")
		native[$3] = $11
	if ($1 == "size" && $9 == "call" && $8 == "vspawn/fork" &&
	    $3 in native) {
		mb = $3
		ours = $11
	}
}

END {
	printf("\n%s, %s CPUs (%s), %s MB free, %s, libc %s, load %s\n",
		machine["machine"], machine["cpus"], machine["cpu"],
		machine["free_mb"], machine["kernel"], machine["libc"],
		machine["load"])
	print "us: microseconds; faults, cpu, calls and copied are of one " \
		"child, with what it costs its\nparent: 1,000 children take " \
		"as many milliseconds of processor as cpu says. The child is\n" \
		"a static program that exits at once: what the library costs " \
		"one that loads it is group\nload. The rest is in vspawn(1), BENCH."
	print "±: so far does the range reach that the median of all pairs " \
		"lies in, 95 % sure\nwhere there are six or more (bench.json " \
		"has both); one pair is a turn each."
	if (!mb)
		exit
	times = native[mb] / ours
	printf("A C program of %s MB starts a child by fork and exec in %.3g " \
		"ms with vspawn and in %.3g ms without: %s\n", mb,
		ours / 1000, native[mb] / 1000, (times < 1.2 ? "no gain." : \
		sprintf(times < 10 ? "%.1f times faster." : \
			"%.0f times faster.", times)))
}

# SPDX-License-Identifier: MIT
#
# How deep the stack gets below a function, by what gcc -fcallgraph-info=su
# writes beside each object:
#
#	awk -f test/lint/depth.awk -v root=FUNCTION [-v times='FUNCTION=N ...']
#		[-v outside='FUNCTION...'] FILE.ci...
#
# One line: the bytes and the path that takes most, "F1 96 F2 1024 ...". A static
# function is called FILE.c:FUNCTION. A function that calls itself counts as often as `times` says. One that has no
# size, a circle of several, or a pointer to a function that is called is an
# error, unless it is one of `outside`: then what it takes is not counted
# (__indirect_call is the name for any pointer).
# Of static ones "FILE.c:FUNCTION".
function name_of(title)
{
	sub(/^.*\//, "", title)
	return title
}

function bad(text)
{
	if (!(text in said))
		print text >"/dev/stderr"
	said[text] = 1
	wrong = 1
}

# Sets path[f], too.
function depth(f,	n, i, to, list, d, most, deepest)
{
	if (f in done)
		return done[f]
	if (name_of(f) in skip)
		return 0
	if (!(f in size)) {
		bad(name_of(f) ": of unknown size")
		return 0
	}
	if (f in open) {
		bad(name_of(f) ": calls itself by way of others")
		return 0
	}
	open[f] = 1
	n = split(calls[f], list, "\n")
	for (i = 1; i <= n; i++) {
		to = list[i]
		if (to == f) {
			if (!(name_of(f) in many))
				bad(name_of(f) ": calls itself")
			continue
		}
		d = depth(to)
		if (d > most) {
			most = d
			deepest = path[to]
		}
	}
	delete open[f]
	d = size[f] * (name_of(f) in many ? many[name_of(f)] : 1)
	path[f] = name_of(f) " " d (deepest ? " " deepest : "")
	return done[f] = most + d
}

BEGIN {
	FS = "\""
	n = split(times, list, " ")
	for (i = 1; i <= n; i++) {
		split(list[i], pair, "=")
		many[pair[1]] = pair[2]
	}
	n = split(outside, list, " ")
	for (i = 1; i <= n; i++)
		skip[list[i]] = 1
}

# The label's lines: name, place, "N bytes (static)".
/^node:/ && match($4, /[0-9]+ bytes/) {
	size[$2] = substr($4, RSTART, RLENGTH) + 0
	if ($4 !~ /\(static\)/)
		dynamic[$2] = 1
}

/^edge:/ && !(($2, $4) in seen) {
	seen[$2, $4] = 1
	calls[$2] = calls[$2] (calls[$2] ? "\n" : "") $4
}

END {
	for (f in dynamic)
		delete size[f]
	for (f in size) {
		if (name_of(f) == root)
			start = f
	}
	print depth(start), path[start]
	exit wrong
}

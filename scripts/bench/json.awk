# SPDX-License-Identifier: MIT
# json.awk MACHINE DID FIGURES RATIOS: the same in JSON.
BEGIN {
	FS = "\t"
	split("group program mb threads maps huge loaded label", what, " ")
	split("counted", did, " ")
	split("figure n p50 p90 p99 max", figure, " ")
	split("figure of pairs median low high sure", ratio, " ")
	printf "{\"format\": 1"
}

function string(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	gsub(/[\001-\037]/, " ", s)
	return "\"" s "\""
}

function value(s) {
	return s ~ /^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[-+]?[0-9]+)?$/ ? s : \
		string(s)
}

function object(names, size, count,	i) {
	printf "%s\n{", separator
	separator = ","
	for (i = 1; i <= count; i++)
		printf("%s%s: %s", (i > 1 ? ", " : ""), string(what[i]),
			value($i))
	for (i = 1; i <= size; i++)
		printf ", %s: %s", string(names[i]), value($(count + i))
	printf "}"
}

FNR == 1 {
	# A file may be empty: the sections go by the name.
	section(FILENAME)
}

function section(name) {
	sub(/.*\//, "", name)
	if (name == current)
		return
	if (current)
		printf("%s", (current == "machine" ? "}" : "]"))
	printf(",\n%s: %s", string(name), (name == "machine" ? "{" : "["))
	separator = ""
	current = name
}

current == "machine" {
	printf "%s\n%s: %s", separator, string($1), value($2)
	separator = ","
}

current == "did" { object(did, 1, 7) }
current == "figures" { object(figure, 6, 8) }
current == "ratios" { object(ratio, 7, 8) }

END {
	if (current)
		printf("%s", (current == "machine" ? "}" : "]"))
	print "}"
}

# SPDX-License-Identifier: MIT
# json.awk MACHINE DID LEFT_OUT ERRORS FIGURES RATIOS: the same in JSON. With
# units.awk.
BEGIN {
	FS = "\t"
	split("group program mb threads maps huge loaded label", what, " ")
	split("counted", did, " ")
	split("figure n p50 p90 p99 max", figure, " ")
	split("figure of pairs median low high sure", ratio, " ")
	# In this order, whether there are any or not.
	sections = split("machine did left_out errors figures ratios", section, " ")
}

function string(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	gsub(/[\001-\037\177]/, " ", s)
	return "\"" s "\""
}

# "-" is what does not apply.
function value(s) {
	if (s == "-")
		return "null"
	return s ~ /^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[-+]?[0-9]+)?$/ ? s : \
		string(s)
}

function put(text) {
	text_of[current] = text_of[current] \
		(text_of[current] ? "," : "") "\n" text
}

function object(names, size, count,	i, text) {
	text = "{"
	for (i = 1; i <= count; i++)
		text = text (i > 1 ? ", " : "") string(what[i]) ": " value($i)
	for (i = 1; i <= size; i++)
		text = text ", " string(names[i]) ": " value($(count + i))
	if (current == "figures")
		text = text ", \"unit\": " (unit($9) ? string(unit($9)) : "null")
	put(text "}")
}

FNR == 1 {
	current = FILENAME
	sub(/.*\//, "", current)
}

current == "machine" { put(string($1) ": " value($2)) }
current == "did" { object(did, 1, 7) }
current == "left_out" || current == "errors" { put(string($0)) }
current == "figures" { object(figure, 6, 8) }
current == "ratios" { object(ratio, 7, 8) }

END {
	printf "{\"format\": 1"
	for (i = 1; i <= sections; i++) {
		open = section[i] == "machine" ? "{" : "["
		printf ",\n%s: %s%s%s", string(section[i]), open,
			text_of[section[i]], (open == "{" ? "}" : "]")
	}
	print "}"
}

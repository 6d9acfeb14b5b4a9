# SPDX-License-Identifier: MIT
# did.awk: what the library has counted, from the summaries of VSPAWN_STATS, in
# one line: "fork: txn 10, native 1; committed 10, rolled back 0; ...".

function add(text) {
	if (!(text in known))
		line = line "; " text
	known[text] = 1
}

/^[a-z_]+ +[a-z]+ +[0-9]+ / { add($1 ": " $2 " " $3) }

/^transactions / {
	sub(/^transactions +/, "")
	add($0)
}

/^ +(native|rolled back) +[0-9]+ +[a-z]/ {
	match($0, /[0-9]+/)
	times = substr($0, RSTART, RLENGTH)
	way = $1 == "native" ? "native" : "rolled back"
	sub(/^[^0-9]*[0-9]+ +/, "")
	add(way " " times ": " $0)
}

END {
	if (line)
		print (what ? what "\t" : "  vspawn: ") substr(line, 3)
}

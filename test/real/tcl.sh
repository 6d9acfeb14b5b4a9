#!/bin/sh
# SPDX-License-Identifier: MIT
# packages: tclsh:tcl
# tcl: exec and open, whose pipelines are forked and exec'd.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs tclsh
server_folder

cat >"$tmp/test.tcl" <<'EOF'
set big [string repeat x 50000000]
proc try_it {args} {
	set failed [catch {uplevel 1 $args} out options]
	set code [expr {$failed ? [dict get $options -errorcode] : ""}]
	puts "$failed [list $out] [lindex $code 0] [lindex $code end]"
}
for {set round 0} {$round < 2} {incr round} {
	try_it exec echo one
	try_it exec sh -c "echo out; exit 3"
	try_it exec sh -c "kill -TERM $$"
	try_it exec sh -c "echo err >&2"
	try_it exec sh -c "echo err >&2" 2>@1
	try_it exec echo a b c | tr { } \n | sort -r << ignored
	try_it exec tr a-z A-Z << [string repeat upper 20000] | cksum
	try_it exec no_such_program
	try_it exec echo x > /no/such/file
	try_it exec -ignorestderr sh -c "echo err; echo err >&2" 2>/dev/null
	set file [open "|sh -c {cat; exit 4}" r+]
	puts $file through
	chan close $file write
	try_it read $file
	try_it close $file
	set file [open "|cat | tr a-z A-Z" r+]
	fconfigure $file -buffering line -blocking 0
	fileevent $file readable {if {[gets $::file line] >= 0} {set ::got $line}}
	puts $file event
	chan close $file write
	vwait got
	puts "$got [llength [pid $file]]"
	fconfigure $file -blocking 1
	close $file
	exec sleep 0.1 &
	set files {}
	for {set n 0} {$n < 20} {incr n} { lappend files [open "|sh -c {echo $n; exit $n}"] }
	foreach file $files { puts -nonewline [gets $file]; try_it close $file }
	cd [expr {$round ? "/" : "/usr"}]
	try_it exec pwd
	set ::env(COLOUR) red
	try_it exec sh -c {echo $COLOUR}
	puts [string length $big]
}
EOF

scenario() {
	in_mode "$1" tclsh "$tmp/test.tcl" 2>&1
}
in_all_modes scenario
committed txn tclsh

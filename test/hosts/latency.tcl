# SPDX-License-Identifier: MIT
# The Tcl counterpart of bench/host: same arguments, same lines. There is no
# second thread: the third number is "-". exec returns when the child has been
# reaped: the call and that are one.

# Strings of 1 KB to 100 KB.
proc fill {mb} {
	set memory {}
	set left [expr {$mb << 20}]
	while {$left > 0} {
		set size [expr {1024 * (1 + [llength $memory] * 37 % 100)}]
		lappend memory [string repeat x $size]
		incr left -$size
	}
	return $memory
}

proc run {count ms} {
	set limit [expr {[clock microseconds] + $ms * 1000}]
	set said {}
	for {set i 0} {$i < $count} {incr i} {
		set start [clock microseconds]
		exec ./nop
		set reaped [clock microseconds]
		set took [expr {($reaped - $start) * 1000}]
		append said "$took $took -\n"
		if {$reaped > $limit} break
	}
	return $said
}

set memory [fill [lindex $argv 0]]
fconfigure stdout -buffering full
puts ready
flush stdout
while {[gets stdin line] >= 0} {
	if {[catch {run [lindex $line 1] [lindex $line 2]} said]} {
		puts "failed: $said"
	} else {
		puts "${said}end"
	}
	flush stdout
}

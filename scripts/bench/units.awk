# SPDX-License-Identifier: MIT
# What a figure is counted in; see collect.awk. Of those in "us", cpu is that of
# one child, so that 1,000 of them take as many milliseconds.

function unit(figure) {
	if (figure ~ /^(call|reaped|extra|cpu)$|^stall_/)
		return "us"
	if (figure ~ /^(copied|read)$/)
		return "bytes"
	if (figure ~ /_s$/)
		return figure ~ /_per_s$/ ? "1/s" : "s"
	return ""
}

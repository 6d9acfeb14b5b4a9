#!/bin/sh
# SPDX-License-Identifier: MIT
# A program under a limit of its memory, as softlimit sets them, needs little
# more of it to start.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs true
temporary_folder
more=1500 step=50 # KiB

# least MODE LETTER: the smallest limit, in KiB, that lets a program start.
least() {
	size=$step
	# shellcheck disable=SC2016
	until in_mode "$1" sh -c 'ulimit -S -"$0" "$1" && exec true' \
		"$2" "$size" 2>"$tmp/said" && [ ! -s "$tmp/said" ]; do
		size=$((size + step))
		[ $size -lt 100000 ] || fail "ulimit -$2: no limit is enough"
	done
	echo $size
}

for letter in d v; do
	natively=$(least native $letter)
	preloaded=$(least auto $letter)
	echo "ulimit -$letter: $natively KiB natively, $preloaded preloaded"
	[ "$preloaded" -le $((natively + more)) ] ||
		fail "ulimit -$letter: $more KiB more are not enough"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# A program under a limit of its memory, as softlimit sets them, needs little
# more of it to start.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs true
temporary_folder
more=1580 # KiB
# glibc before 2.34 has dlsym() in a library of its own.
! ldd "$lib" | grep -q 'libdl\.so' || more=$((more + 40))

# starts MODE LETTER SIZE
starts() {
	# shellcheck disable=SC2016
	in_mode "$1" sh -c 'ulimit -S -"$0" "$1" && exec true' \
		"$2" "$3" 2>"$tmp/said" && [ ! -s "$tmp/said" ]
}

# least MODE LETTER: the smallest limit, in KiB, that lets a program start; to
# the page, for what is compared is a difference.
least() {
	size=50
	until starts "$1" "$2" $size; do
		size=$((size + 50))
		[ $size -lt 100000 ] || fail "ulimit -$2: no limit is enough"
	done
	while starts "$1" "$2" $((size - 4)); do
		size=$((size - 4))
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

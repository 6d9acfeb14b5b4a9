#!/bin/sh
# SPDX-License-Identifier: MIT
# The addresses that the kernel picks for a program's mappings depend on what is
# mapped: with its first forks the library takes none that the program has left
# free, and may want back. They are as before them, which they are natively;
# where they are not random, too.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder

for mb in 1 64; do
	for hole in unmap move; do
		same_in_all_modes "$hosts/places" $mb $hole
		setarch -R true 2>"$tmp/err" || continue
		same_in_all_modes setarch -R "$hosts/places" $mb $hole
	done
done
in_mode txn VSPAWN_STATS="$tmp/stats" "$hosts/places" 64 unmap >"$tmp/out"
commits "$tmp/stats" places
setarch -R true || skip "the rest is fine; $(cat "$tmp/err")"

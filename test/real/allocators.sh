#!/bin/sh
# SPDX-License-Identifier: MIT
# Other allocators, linked with and preloaded on either side of us, while
# threads allocate: they have their own mappings and fork handlers.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
found=

# compare PRELOAD COMMAND...
compare() {
	preload=$1
	shift
	for run in auto txn; do
		rm -f "$tmp/stats"
		VSPAWN_FORK=$run VSPAWN_STATS=$tmp/stats LD_PRELOAD=$preload \
			"$@" >"$tmp/$run" || fail "$* $run $preload: status $?"
		diff "$tmp/native" "$tmp/$run" || fail "$* $run $preload"
		# auto may find that a true fork is faster, for the moment.
		[ "$run" = auto ] || commits "$tmp/stats" "$* $run $preload"
	done
}

for name in jemalloc tcmalloc_minimal mimalloc; do
	for file in /usr/lib/*/"lib$name".so.[0-9] \
		/usr/lib*/"lib$name".so.[0-9]; do
		[ -f "$file" ] || continue
		found="$found $name"
		LD_PRELOAD=$file "$hosts/ways" 30 2 2 >"$tmp/native" ||
			fail "$name natively: status $?"
		compare "$lib:$file" "$hosts/ways" 30 2 2
		compare "$file:$lib" "$hosts/ways" 30 2 2
		"${CC:-gcc}" -D_GNU_SOURCE= -o "$tmp/ways" test/hosts/ways.c \
			-pthread -Wl,--no-as-needed "$file" || continue
		compare "$lib" "$tmp/ways" 30 2 2
	done
done
echo "as natively:$found"
[ "$found" ] || skip "no jemalloc, tcmalloc, mimalloc"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs in another root folder, where the library is not: a loader that is
# told to preload it says so on stderr. Natively nobody tells it: with the
# library a child of a process in another root starts as silently, whatever it
# is made by, and with the environment that it was given.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs ldd chroot
[ "$(id -u)" = 0 ] || skip "not root"
temporary_folder
root=$tmp/root
mkdir -p "$root/bin"
chmod 755 "$tmp" "$root"

# put PROGRAM NAME: there, with the libraries that it needs.
put() {
	cp "$1" "$root/bin/$2"
	ldd "$1" 2>"$tmp/err" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' |
		while read -r file; do
			mkdir -p "$root$(dirname "$file")"
			cp -L "$file" "$root$file"
		done
}

put "$hosts/state" static
put /bin/true dynamic
chroot "$root" /bin/dynamic || skip "no program starts in a chroot"
[ ! -e "$root$lib" ] || fail "the library is in $root"

# silent WHERE HOW PROGRAM: in all modes.
silent() {
	for run in native auto txn share; do
		in_mode $run "$hosts/unreachable" "$root" "$@" \
			>"$tmp/out" 2>"$tmp/err" || fail "$*, $run: status $?"
		[ ! -s "$tmp/err" ] || {
			cat "$tmp/err"
			fail "$*, $run: a word on stderr"
		}
		[ $run != native ] || cp "$tmp/out" "$tmp/native"
		diff "$tmp/native" "$tmp/out" || fail "$*, $run"
	done
	cat "$tmp/native"
}

for program in static dynamic; do
	silent inside fork /bin/$program
	silent inside vfork /bin/$program
	for where in self number; do
		for how in fork vfork spawn; do
			silent $where $how /bin/$program
		done
	done
done

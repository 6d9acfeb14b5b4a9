#!/bin/sh
# SPDX-License-Identifier: MIT
# VSPAWN_LIVE where no file can be made, and files that are none: it is said
# once, and nobody is harmed.
# shellcheck source=test/lib/live.sh
. "$(dirname "$0")/../lib/live.sh"

# ---- where it cannot be made: said once, and nobody is harmed ----
# unmade NAME: the summary says so.
unmade() {
	rm -f "$tmp/summary"
	run "VSPAWN_STATS=$tmp/summary" -- spawn=2 exit || fail "$1: status $?"
	[ "$(grep -c '^live .* no file could be made' "$tmp/summary")" = 1 ] ||
		fail "$1: not a word of it in $(cat "$tmp/summary")"
}
rm -rf "$live"
mkdir -m 0777 "$live"
unmade 'others may write there'
rmdir "$live"
mkdir "$tmp/other"
ln -s "$tmp/other" "$live"
unmade 'a symbolic link'
rm "$live"
: >"$live"
unmade 'a file'
rm "$live"
(
	ulimit -f 8
	unmade 'a limit of the size of files'
) || exit 1
[ "$(files)" = 0 ] || fail "half a file is left"
mkdir -m 1777 "$tmp/sticky"
live=$tmp/sticky run -- spawn=1 exit
[ "$(find "$tmp/sticky" -type f -perm 600 | wc -l)" = 1 ] ||
	fail "not in a folder like /tmp, or not for its owner alone"
# A full disk is no SIGBUS.
if [ "$(id -u)" = 0 ] && mkdir "$tmp/full" &&
	mount -t tmpfs -o size=32k none "$tmp/full" 2>/dev/null; then
	live=$tmp/full
	unmade 'a full disk'
	left=$(files)
	umount "$tmp/full"
	[ "$left" = 0 ] || fail "a file is left on the full disk"
fi
live=$tmp/live

# What is no live file is none.
rm -rf "$live"
mkdir "$live"
for bad in 1.0123456789abcdef 2.0123456789abcdef; do
	head -c 100000 /dev/urandom >"$live/$bad"
done
: >"$live/3.0123456789abcdef"
mkfifo "$live/4.0123456789abcdef"
ln -s /dev/zero "$live/5.0123456789abcdef"
"$stats" stats --all --dir="$live" >"$tmp/out" 2>"$tmp/err" &&
	fail "read: $(cat "$tmp/out")"
[ ! -s "$tmp/out" ] || fail "read: $(cat "$tmp/out")"
exit 0

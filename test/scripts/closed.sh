#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that are started without stdin, stdout or stderr: their children
# have the descriptors that they have natively, none of ours among them.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder

# run MODE CLOSED WAY DOOR: one child, started so by a program without the
# descriptors CLOSED.
run() {
	(
		for fd in $2; do
			eval "exec $fd>&-"
		done
		in_mode "$1" VSPAWN_STATS="$tmp/stats" "$hosts/env_host" \
			"$3" "$4" "$hosts/show" "$tmp/shown" "LD_PRELOAD="
	) || fail "$1 $3 $4 without $2: status $?"
	# Pipes have new numbers each time.
	sed '/^p*pid /d; s/pipe:.[0-9]*./pipe/' "$tmp/shown" >"$tmp/$1.out"
	rm "$tmp/shown"
}

for closed in '' 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
	for how in 'fork execv' 'fork execlp' 'fork system' 'fork popen' \
		'fork posix_spawn' 'vfork execve' 'none posix_spawnp' \
		'none system' 'none popen'; do
		# shellcheck disable=SC2086
		run native "$closed" $how
		for mode in auto txn; do
			rm -f "$tmp/stats"
			# shellcheck disable=SC2086
			run $mode "$closed" $how
			diff "$tmp/native.out" "$tmp/$mode.out" ||
				fail "$mode $how without $closed"
		done
		case $how in
		'fork exec'*) commits "$tmp/stats" "$how without $closed" ;;
		esac
	done
done

# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests of VSPAWN_LIVE share: a program that makes so many calls, and
# what vspawn stats makes of its file.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs jq
[ -x build/stats ] || skip "no build/stats"
temporary_folder
host=$hosts/reported
stats=$PWD/build/stats
live=$tmp/live
pid=

# shellcheck disable=SC2317
cleanup() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
}

# run [NAME=VALUE...] -- ARG...: the host, with a live file in $live.
run() {
	more=
	while [ "$1" != -- ]; do
		more="$more $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	env LD_PRELOAD="$lib" VSPAWN_FORK=txn VSPAWN_LIVE="$live" $more \
		"$host" "$@"
}

# counted WHAT NUMBER FILTER: what jq makes of all the files in $live.
counted() {
	got=$("$stats" stats --all --dir="$live" --json | jq -cs "$3") ||
		fail "$1: no JSON"
	[ "$got" = "$2" ] || {
		"$stats" stats --all --dir="$live"
		fail "$1: $got, not $2"
	}
}

# of FUNCTION: how many calls of it.
of() {
	echo "[.[].calls[] | select(.function == \"$1\") | .calls] | add // 0"
}

files() {
	find "$live" -type f | wc -l
}

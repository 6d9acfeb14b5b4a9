#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# soak.sh [N]: N children of all kinds of one program leave nothing behind.
# Natively a tenth, to see that the program itself does not.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
n=${1:-10000}

# soak MODE N
soak() {
	in_mode "$1" VSPAWN_STATS="$tmp/stats" "$hosts/soak" "$2" \
		"$hosts/state" || fail "$1"
	echo "$1: as above"
}

soak native $((n / 10))
soak auto $((n / 10))
soak txn "$n"
cat "$tmp/stats"
commits "$tmp/stats" soak

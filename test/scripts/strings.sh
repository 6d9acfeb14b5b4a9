#!/bin/sh
# SPDX-License-Identifier: MIT
# The strings of an exec are brought in alone, and not the memory around each.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs jq
temporary_folder
env LD_PRELOAD="$lib" VSPAWN_FORK=txn VSPAWN_TRACE="$tmp/trace" \
	"$hosts/strings" "$hosts/nop" || fail "status $?"
txns=$(grep -c '"engine":"txn"' "$tmp/trace")
[ "$txns" -gt 0 ] || skip 'no transactions here'
most=$(jq -s 'map(.fetched_kb // 0) | max' "$tmp/trace")
# A chunk of 16 KB for each of them would be 960.
[ "$most" -lt 320 ] || fail "$most KB were brought in for 60 short strings"

#!/bin/sh
# SPDX-License-Identifier: MIT
# System calls with odd arguments do what they do natively also where the
# library is switched off or partly so, for its functions are in the way then,
# too, and where it changes the environment of what is exec'd.
# suites: own_tls pointers pointers_across
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
VSPAWN_TEST_HOSTS=$hosts
export VSPAWN_TEST_HOSTS
for suite in own_tls pointers pointers_across; do
	program=$(dirname "$hosts")/suites/$suite
	"$program" >"$tmp/out" || {
		cat "$tmp/out"
		fail "$suite, natively"
	}
	for setting in VSPAWN=off VSPAWN_FORK=native VSPAWN_SPAWN=off \
		VSPAWN_CHILDREN=keep VSPAWN_CHILDREN=drop \
		VSPAWN_STATS="$tmp/stats"; do
		env "$setting" LD_PRELOAD="$lib" "$program" >"$tmp/out" || {
			cat "$tmp/out"
			fail "$suite, $setting"
		}
	done
done

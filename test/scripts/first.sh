#!/bin/sh
# SPDX-License-Identifier: MIT
# What is looked up for the first child leaves malloc() and dlerror() alone.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
for way in fork exit clone vfork posix_spawn posix_spawnp system; do
	same_in_all_modes "$hosts/first" $way
	for setting in VSPAWN_FORK=share VSPAWN_CHILDREN=keep \
		VSPAWN_STATS="$tmp/stats"; do
		env "$setting" LD_PRELOAD="$lib" "$hosts/first" $way \
			>"$tmp/set.out"
		diff "$tmp/native.out" "$tmp/set.out" || fail "$way, $setting"
	done
done

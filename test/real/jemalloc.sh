#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# suites: fork_memory fork_maps fork_maps_advised fork_stacks fork_atfork fork_exec
# Another allocator, preloaded on either side of us: it has its own mappings
# and its own fork handlers. The suites that depend on memory pass with it.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
jemalloc=
for file in /usr/lib/*/libjemalloc.so.2 /usr/lib*/libjemalloc.so.2; do
	[ -f "$file" ] && jemalloc=$file
done
[ "$jemalloc" ] || skip "no libjemalloc.so.2"
programs=$(dirname "$hosts")/suites

# shellcheck disable=SC2013
for suite in $(sed -n 's/^# suites: //p' "$0"); do
	for preload in "$jemalloc" "$lib:$jemalloc" "$jemalloc:$lib"; do
		echo "$suite with $preload"
		VSPAWN_FORK=txn LD_PRELOAD=$preload "$programs/$suite" ||
			fail "$suite with $preload"
	done
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# suites: plugin
# A plugin may have the only threads. Beside one loaded with RTLD_DEEPBIND
# there are transactions; beside another libc, whose fork() we do not see, there
# are none.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
VSPAWN_TEST_HOSTS=$hosts
export VSPAWN_TEST_HOSTS
"$hosts/unthreaded" "$hosts/plugin.so" || fail "threads, natively: $?"
LD_PRELOAD=$lib "$hosts/unthreaded" "$hosts/plugin.so" || fail "threads: $?"
# The ways of plugin.c.
for way in 1 2; do
	VSPAWN_FORK=txn VSPAWN_STATS=$tmp/$way LD_PRELOAD=$lib \
		"$(dirname "$hosts")/suites/plugin" $way || fail "way $way"
done
commits "$tmp/1" 'beside RTLD_DEEPBIND'
grep -q 'native .* another copy of libc' "$tmp/2" ||
	no_transactions "$tmp/2" || {
	cat "$tmp/2"
	skip "the rest is fine; libc does not tell of dlmopen"
}

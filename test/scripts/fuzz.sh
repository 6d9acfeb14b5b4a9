#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# Programs that once differed, then new ones: see test/fuzz/run.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
[ "$(id -u)" = 0 ] || skip "the programs change their user: not root"
[ "$(uname -m)" = x86_64 ] || skip "the fuzzer is for x86-64"
needs make join od flock
out=$(make -s -f test/programs.mk fuzz 2>&1) || {
	echo "$out"
	skip "the fuzzer does not compile with this libc"
}
VSPAWN_TEST_HOSTS=$PWD/build/hosts
export VSPAWN_TEST_HOSTS

# There were transactions of both kinds, or nothing has been tested.
some() {
	cat "$tmp/out"
	if grep -q ' 0 committed\|, 0 rolled back' "$tmp/out"; then
		fail "no transactions to compare: $*"
	fi
}

temporary_folder
sh test/fuzz/run -r - <test/fuzz/corpus >"$tmp/out" || {
	cat "$tmp/out"
	fail "the corpus"
}
some "the corpus"
# Of the scenes, see test/fuzz/scenes/scene.h, none holds yet.
sh test/fuzz/run -k steps -n 500 >"$tmp/out" || {
	cat "$tmp/out"
	fail "new programs"
}
some "new programs"
sh test/fuzz/run -s -n 250 || fail "posix_spawn"

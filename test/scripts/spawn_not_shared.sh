#!/bin/sh
# SPDX-License-Identifier: MIT
# Valgrind turns the clone into a plain fork: noticed at the first spawn, the
# rest is left to libc. So does qemu-user, with which check-arch runs this on
# other CPUs; a program that runs there starts programs of this CPU.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
emulator=${VSPAWN_EMULATOR:-valgrind -q --error-exitcode=9}
needs "${emulator%% *}"
temporary_folder

# shellcheck disable=SC2086
VSPAWN_STATS=$tmp/stats LD_PRELOAD=$lib $emulator "$hosts/spawn_host" \
	"${VSPAWN_TEST_SHOW:-$hosts/show}" "$tmp/show" || fail "the host"
cat "$tmp/stats"
grep -q '^posix_spawn  *spawn  *1 ' "$tmp/stats" ||
	fail "not noticed at the first"
grep -q ' 7  the kernel did not share memory' "$tmp/stats" ||
	fail "not left to libc"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Valgrind turns the clone into a plain fork: noticed at the first spawn, the
# rest is left to libc.
# shellcheck source=test/common.sh
. "$(dirname "$0")/common.sh"
needs valgrind
temporary_folder

VSPAWN_STATS=$tmp/stats LD_PRELOAD=$lib valgrind -q --error-exitcode=9 \
	"$hosts/spawn_host" "$hosts/show" "$tmp/show" || fail "the host"
cat "$tmp/stats"
grep -q '^posix_spawn  *spawn  *1 ' "$tmp/stats" ||
	fail "not noticed at the first"
grep -q ' 7  the kernel did not share memory' "$tmp/stats" ||
	fail "not left to libc"

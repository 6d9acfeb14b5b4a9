#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# suites: exact_exec_pointers exact_filters exact_filters_strict
# suites: exact_namespaces exact_pid_namespaces
# suites: handlers handlers_sandbox fork_fds fork_full
# What is reported changes nothing: suites that look closely, with all of it on.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
suites=$(dirname "$hosts")/suites
# Some of its children are other users.
chmod 1777 "$tmp"

# shellcheck disable=SC2013
for suite in $(sed -n 's/^# suites: //p' "$0"); do
	[ -x "$suites/$suite" ] || continue
	env LD_PRELOAD="$lib" VSPAWN_FORK=txn VSPAWN_LIVE="$tmp" \
		VSPAWN_STATS="$tmp/stats" VSPAWN_STATS_FORMAT=json \
		VSPAWN_TRACE="$tmp/trace" "$suites/$suite" || fail "$suite"
done
[ -s "$tmp/trace" ] || fail "no trace"
[ -s "$tmp/stats" ] || fail "no statistics"
if command -v jq >/dev/null; then
	jq -e .pid "$tmp/trace" >/dev/null || fail "a line is torn"
	jq -e .schema "$tmp/stats" >/dev/null || fail "a summary is torn"
fi
exit 0

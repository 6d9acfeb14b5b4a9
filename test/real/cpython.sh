#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# CPython's own tests of everything that makes processes fail, or not, in the
# same places.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
python=/usr/bin/python3.11
tests='test_subprocess test_os test_posix test_fork1 test_wait3 test_wait4
	test_popen'
"$python" -c 'import test.libregrtest, test.test_wait3' 2>/dev/null ||
	skip "no $python with its tests"
temporary_folder

# The tests that ran, and how each ended, in alphabetical order.
results() {
	(
		cd "$tmp" || exit 1
		# shellcheck disable=SC2086
		in_mode "$1" "$python" -m test -v --timeout 100 -j2 $tests
	) >"$tmp/$1.log" 2>&1
	sed -n 's/^\(test[A-Za-z0-9_]* ([^)]*)\).* \.\.\. \(.*\)/\1 \2/p' \
		"$tmp/$1.log" | sort >"$tmp/$1.results"
	grep -E '^(FAIL|ERROR):' "$tmp/$1.log" | sort -u >"$tmp/$1.failed"
	grep -E '^(Total tests|Tests result|Total duration)' "$tmp/$1.log"
}

results native
results txn
diff "$tmp/native.failed" "$tmp/txn.failed" || {
	grep -A 30 -E '^(FAIL|ERROR):' "$tmp/txn.log" | head -n 100
	fail "other failures than natively"
}
count=$(wc -l <"$tmp/native.results")
echo "$count results compared"
[ "$count" -gt 500 ] || fail "found only $count results"
# asyncio says of a slow call that it was slow, in place of the result.
sed -n 's/) Executing <.* took .*/)/p' "$tmp"/*.results >"$tmp/slow"
for run in native txn; do
	grep -vFf "$tmp/slow" "$tmp/$run.results" >"$tmp/$run.compared"
done
diff "$tmp/native.compared" "$tmp/txn.compared" || fail "other results"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Under valgrind, whether it follows children or not, programs go on as usual,
# it finds no mistake that is not there natively, and fork() is libc's.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs valgrind perl
temporary_folder

# compare OPTION...: of valgrind.
compare() {
	for run in native txn; do
		in_mode $run VSPAWN_STATS="$tmp/stats" valgrind -q \
			--error-exitcode=9 "$@" "$hosts/ways" 4 1 0 \
			>"$tmp/$run" || fail "$* $run: status $?"
	done
	diff "$tmp/native" "$tmp/txn" || fail "$*: output"
	steps_aside "$tmp/stats" 'a sanitizer or valgrind' "$*"
	rm "$tmp/stats"
}
compare --trace-children=no
compare --tool=none --trace-children=yes
# By then valgrind's own variables are gone.
cat >"$tmp/test.pl" <<'END'
delete $ENV{LD_PRELOAD};
for (1 .. 3) {
	fork() or exec("true");
	wait() > 0 && !$? or die "status $?";
}
END
VSPAWN_FORK=txn VSPAWN_STATS=$tmp/stats LD_PRELOAD=$lib \
	valgrind -q --error-exitcode=9 perl "$tmp/test.pl" || fail "perl: status $?"
steps_aside "$tmp/stats" 'a sanitizer or valgrind' perl

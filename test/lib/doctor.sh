# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests of vspawn doctor share. It runs in $tmp, where a program
# `plain` forks, and leaves a file `ran` there if it is run.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
: "${CC:=cc}"
[ -x build/doctor ] || skip "no build/doctor: make"
temporary_folder
unset VSPAWN VSPAWN_FORK VSPAWN_SPAWN VSPAWN_CHILDREN VSPAWN_STATS VSPAWN_LIVE
unset VSPAWN_RULES
# Where anybody gets at it, and without what the test itself has set.
chmod 755 "$tmp"
cp build/doctor build/stats build/rules "$lib" "$tmp/" || exit 1
lib=$tmp/libvspawn.so
left_out=
man=$PWD/scripts/man
: >"$tmp/checks"
cd "$tmp" || exit 1

without() {
	left_out="$left_out${left_out:+, }$1"
}

# doctor STATUS ARG...: its report in out. DOCTOR is what runs it.
doctor() {
	wanted=$1
	shift
	# shellcheck disable=SC2086
	env -u VSPAWN_LIB -u VSPAWN_TEST_HOSTS ${DOCTOR-} "$tmp/doctor" \
		"$lib" "$@" >"$tmp/out" 2>&1
	status=$?
	sed -nE 's/^(ok|warning|no|unknown) +([a-z0-9-]+) .*/\2/p' \
		"$tmp/out" >>"$tmp/checks"
	[ "$status" = "$wanted" ] || {
		cat "$tmp/out"
		fail "doctor $*: status $status, not $wanted"
	}
}

# says MARK CHECK WORDS: one line has all that.
says() {
	grep -E "^$1 +$2 .*$3" "$tmp/out" >/dev/null || {
		cat "$tmp/out"
		fail "no line '$1 $2 $3'"
	}
}

# brief WORDS ARG...: the wrapper's line has the words; none if they are ''.
brief() {
	words=$1
	shift
	env -u VSPAWN_LIB -u VSPAWN_TEST_HOSTS "$tmp/doctor" --brief "$lib" \
		auto "$@" >"$tmp/out" 2>&1
	if [ -z "$words" ]; then
		[ ! -s "$tmp/out" ] || fail "a word: $(cat "$tmp/out")"
		return
	fi
	[ "$(wc -l <"$tmp/out")" = 1 ] || fail "not one line about $*"
	grep -qF -e "$words" "$tmp/out" ||
		fail "no '$words': $(cat "$tmp/out")"
}

cat >forks.c <<'END'
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>
int main(void)
{
	FILE *ran = fopen("ran", "w");
	pid_t pid = fork();
	if (pid == 0)
		_exit(ran == NULL);
	waitpid(pid, NULL, 0);
	return 0;
}
END
# build NAME COMPILER FLAG...: of $source, or forks.c; false if that compiler is
# not here.
build() {
	name=$1
	shift
	if command -v "$1" >/dev/null; then
		"$@" -o "$name" "${source-forks.c}" 2>/dev/null
	fi
	[ -x "$name" ]
}

# becomes PID NAME: it has exec'd by now.
becomes() {
	until [ "$(cat /proc/"$1"/comm)" = "$2" ]; do
		sleep 0.1
	done
}

# ends: the manual has each check that was made; and what was left out.
ends() {
	[ ! -e ran ] || fail "it has run what it was asked about"
	sed -n '/^\.Sh DOCTOR/,/^As JSON/s/^\.It Cm \([a-z0-9-]*\)$/\1/p' \
		"$man/vspawn.1" | sort -u >listed
	sort -u checks >seen
	[ "$(wc -l <seen)" -gt 20 ] || fail "hardly any checks"
	comm -13 listed seen >missing
	[ ! -s missing ] || fail "not in vspawn(1): $(cat missing)"
	echo "ok${left_out:+, without: $left_out}"
}

# ---- what this machine has ----
doctor 0
dispatch=
# shellcheck disable=SC2034
! grep -qE '^ok +trial-fork' out || dispatch=1
build plain "$CC" || skip "no compiler"

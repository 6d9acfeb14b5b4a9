# SPDX-License-Identifier: MIT
# For the scripts in test/ and test/real/, which begin with
#	. "$(dirname "$0")/../common.sh"
# A script says what it did; its exit status is the verdict: see scripts/check.
# shellcheck shell=sh
set -u
lib=${VSPAWN_LIB:-$PWD/build/libvspawn.so}
# shellcheck disable=SC2034
hosts=${VSPAWN_TEST_HOSTS:-$PWD/build/hosts}

skip() {
	echo "$*"
	exit 77
}

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

needs() {
	for tool; do
		command -v "$tool" >/dev/null 2>&1 || skip "no $tool"
	done
}

# A folder that is gone at the end; cleanup() may be defined by the script.
cleanup() {
	:
}

temporary_folder() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/vspawn-test.XXXXXX") || exit 1
	trap 'cleanup; rm -rf "$tmp"' EXIT
	trap 'exit 1' HUP INT TERM
}

# in_mode MODE COMMAND...: natively, or preloaded with VSPAWN_FORK=MODE.
in_mode() {
	mode=$1
	shift
	if [ "$mode" = native ]; then
		env "$@"
	else
		env VSPAWN_FORK="$mode" LD_PRELOAD="$lib" "$@"
	fi
}

# same_in_all_modes COMMAND...: standard output and status as natively.
same_in_all_modes() {
	in_mode native "$@" >"$tmp/native.out"
	expected=$?
	cat "$tmp/native.out"
	for run in auto txn txn; do
		in_mode "$run" "$@" >"$tmp/$run.out"
		status=$?
		diff "$tmp/native.out" "$tmp/$run.out" ||
			fail "$1 under $run: other output"
		[ "$status" = "$expected" ] ||
			fail "$1 under $run: status $status, not $expected"
	done
}

# SPDX-License-Identifier: MIT
# For test/scripts/*.sh and test/real/*.sh, which begin with
#	. "$(dirname "$0")/../lib/common.sh"
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

# undo COMMAND: when the script is over, even if it is killed, by a process in a
# session of its own; it keeps the locks that the script has until then.
undo() {
	# shellcheck disable=SC2016
	setsid sh -c 'while kill -0 "$1" 2>/dev/null; do
		sleep 0.1
	done
	eval "$2"' undo "$$" "$1" >/dev/null 2>&1 </dev/null &
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

# The summary FILE says that this machine has no transactions.
no_transactions() {
	grep -E 'kernel without|no system call stub|refused|is not usable' "$1"
}

# commits FILE WHAT: there was a transaction, if there can be one.
commits() {
	grep -q 'committed [1-9]' "$1" || no_transactions "$1" ||
		grep 'is attached' "$1" || {
		cat "$1"
		fail "$2: no transaction"
	}
}

# steps_aside FILE REASON WHAT: none was tried, and the summary says why.
steps_aside() {
	if grep -q 'committed 0, rolled back 0' "$1"; then
		grep -q "native .* $2" "$1" && return
	fi
	no_transactions "$1" || {
		cat "$1"
		fail "$3: not left to libc because $2"
	}
}

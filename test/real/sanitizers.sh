#!/bin/sh
# SPDX-License-Identifier: MIT
# A program built with each sanitizer, its runtime linked in each way, runs as
# it does natively. No transaction where the runtime watches every access; the
# others are none of our business.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
built=

# Children with mistakes: what the sanitizer says of each, as a status.
cat >"$tmp/faults.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile block;

static void child(int n)
{
	char *argv[] = {"true", NULL};

	block = malloc(100);
	if (n == 0)
		((char *)block)[100] = 1;
	if (n == 1)
		block = NULL;
	if (n == 2)
		free(block);
	if (n == 2)
		((char *)block)[1]++;
	if (n != 1)
		execv("/bin/true", argv);
	exit(0);
}

int main(void)
{
	char *big = malloc(20 << 20);

	memset(big, 1, 20 << 20);
	for (int n = 0; n < 4; n++) {
		int status = -1;

		if (!fork())
			child(n);
		wait(&status);
		printf("%d %#x\n", n, status);
	}
	free(big);
}
END

# build COMPILER OPTION...: false if this machine lacks the runtime, or if
# what it makes does not run.
build() {
	"$@" -O1 -D_GNU_SOURCE= -o "$tmp/ways" test/hosts/ways.c -pthread \
		2>"$tmp/log" && "$tmp/ways" 4 1 0 >/dev/null 2>&1 &&
		"$@" -w -o "$tmp/faults" "$tmp/faults.c"
}

# run NAME=VALUE...: what both programs print, their own words apart. Without
# threads: beside them a child that allocates may hang natively.
run() {
	env "$@" "$tmp/ways" 8 1 0 2>&1
	echo "status $?"
	env "$@" VSPAWN_STATS= "$tmp/faults" 2>"$tmp/log"
	echo "status $?"
}

# compare WHAT PRELOAD...: with that in LD_PRELOAD.
compare() {
	what=$1 preload=$2
	shift 2
	rm -f "$tmp/stats"
	run "$@" VSPAWN_FORK=txn LD_PRELOAD="$preload" \
		VSPAWN_STATS="$tmp/stats" >"$tmp/out"
	diff "$tmp/native" "$tmp/out" || fail "$what"
	case $what in
	*address* | *thread* | *memory*)
		steps_aside "$tmp/stats" 'a sanitizer' "$what"
		;;
	*) commits "$tmp/stats" "$what" ;;
	esac
}

# try COMPILER OPTION...
try() {
	command -v "$1" >/dev/null || return
	build "$@" || {
		echo "$*: not here"
		return
	}
	built="$built $*,"
	run A= >"$tmp/native"
	# Asan wants to be first and is told not to mind, as its users do.
	compare "$*" "$lib" ASAN_OPTIONS=verify_asan_link_order=0
	runtime=$(ldd "$tmp/ways" |
		sed -n 's/^.*lib[at]san\.so[^ ]* => \([^ ]*\) .*/\1/p')
	[ ! "$runtime" ] || compare "$* first" "$runtime:$lib" ASAN_OPTIONS=
	echo "$*: as natively:" "$(tr '\n' ' ' <"$tmp/native")"
}

try gcc -fsanitize=address
try gcc -fsanitize=address -static-libasan
try clang -fsanitize=address
try clang -fsanitize=memory
try gcc -fsanitize=undefined
try clang -fsanitize=undefined
try gcc -fsanitize=leak
try gcc -fsanitize=thread
try gcc -fsanitize=thread -static-libtsan
try clang -fsanitize=thread
[ "$built" ] || skip "no sanitizer"

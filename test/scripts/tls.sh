#!/bin/sh
# SPDX-License-Identifier: MIT
# What a child of fork() needs before anything can be brought in for it, and
# cannot do without: thread-local data, of any size, though a big malloc() has
# become one mapping with it; and the frames of its callers, also of another
# library's fork(). Such children commit, and none dies unnoticed.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
: "${CC:=cc}"
needs "$CC" timeout
temporary_folder
cores=
mkdir "$tmp/cores"
# They would be written to where the program is.
# shellcheck disable=SC3045
if [ "$(cat /proc/sys/kernel/core_pattern)" = core ] &&
	ulimit -c unlimited 2>"$tmp/err"; then
	cores=yes
fi

# as_natively OTHERS PRELOADED PROGRAM WAY: with OTHERS preloaded natively, with
# PRELOADED in auto and in txn.
as_natively() {
	others=$1
	preloaded=$2
	shift 2
	(
		cd "$tmp/cores" || exit 1
		timeout 60 env LD_PRELOAD="$others" "$@" 64 >"$tmp/native"
	) || fail "$* natively: $?"
	for run in auto txn; do
		rm -f "$tmp/stats"
		(
			cd "$tmp/cores" || exit 1
			timeout 60 env VSPAWN_FORK=$run \
				VSPAWN_STATS="$tmp/stats" \
				LD_PRELOAD="$preloaded" "$@" 64 >"$tmp/out"
		) || fail "$* in $run: $?"
		diff "$tmp/native" "$tmp/out" || fail "$* in $run: other output"
		[ $run = auto ] || commits "$tmp/stats" "$preloaded, $*"
		if grep 'the child died' "$tmp/stats"; then
			fail "$* in $run: a child died"
		fi
		[ -z "$(ls "$tmp/cores")" ] || fail "$* in $run: a core file"
	done
	cat "$tmp/native"
}

for kib in 8 64 256; do
	"$CC" -O2 -D_GNU_SOURCE= -DTLS=$((kib << 10)) -o "$tmp/tls$kib" \
		test/hosts/tls.c -lpthread || fail "tls.c"
	for way in main alloca thread thread-alloca; do
		as_natively '' "$lib" "$tmp/tls$kib" $way
	done
done
other=$hosts/deep_fork.so
for way in main alloca thread thread-alloca; do
	as_natively '' "$lib" "$hosts/tls" $way
	for program in "$hosts/tls" "$tmp/tls64"; do
		as_natively "$other" "$other:$lib" "$program" $way
		as_natively "$other" "$lib:$other" "$program" $way
	done
done
[ -n "$cores" ] || echo "core files go elsewhere: not looked for"

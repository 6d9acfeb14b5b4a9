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

# as_natively PRELOADED PROGRAM WAY: natively, in auto and in txn, behind what
# is preloaded anyway, which may be nothing.
as_natively() {
	(
		cd "$tmp/cores" || exit 1
		timeout 60 env LD_PRELOAD="$1" "$2" "$3" 64 >"$tmp/native"
	) || fail "$* natively: $?"
	for run in auto txn; do
		rm -f "$tmp/stats"
		(
			cd "$tmp/cores" || exit 1
			timeout 60 env VSPAWN_FORK=$run \
				VSPAWN_STATS="$tmp/stats" \
				LD_PRELOAD="$1:$lib" "$2" "$3" 64 >"$tmp/out"
		) || fail "$* in $run: $?"
		diff "$tmp/native" "$tmp/out" || fail "$* in $run: other output"
		[ $run = auto ] || commits "$tmp/stats" "$*"
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
		as_natively '' "$tmp/tls$kib" $way
	done
done
for way in main alloca thread thread-alloca; do
	as_natively '' "$hosts/tls" $way
	as_natively "$hosts/deep_fork.so" "$hosts/tls" $way
	as_natively "$hosts/deep_fork.so" "$tmp/tls64" $way
done
[ -n "$cores" ] || echo "core files go elsewhere: not looked for"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Other libraries that people preload, on either side of us: libfaketime, which
# has another clock, also one that stands still; eatmydata; fakeroot.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
found=

# compare FILE COMMAND...: with FILE preloaded.
compare() {
	file=$1
	shift
	[ -f "$file" ] || return
	LD_PRELOAD=$file "$@" >"$tmp/native" || fail "$file: status $?"
	for preload in "$file:$lib" "$lib:$file"; do
		for run in auto txn; do
			rm -f "$tmp/stats"
			VSPAWN_FORK=$run VSPAWN_STATS=$tmp/stats \
				LD_PRELOAD=$preload "$@" >"$tmp/$run" ||
				fail "$* $run $preload: status $?"
			diff "$tmp/native" "$tmp/$run" ||
				fail "$* $run $preload"
			commits "$tmp/stats" "$* $run $preload"
		done
	done
	found="$found ${file##*/}"
}

for folder in /usr/lib/* /usr/lib64; do
	for FAKETIME in '2001-02-03 04:05:06' '+1d x100'; do
		export FAKETIME
		compare "$folder/faketime/libfaketimeMT.so.1" \
			"$hosts/ways" 30 2 2
	done
	unset FAKETIME
	compare "$folder/libeatmydata.so" "$hosts/ways" 30 2 2
done

# fakeroot preloads its library itself.
cat >"$tmp/test" <<'EOF'
touch "$FILE" && chown 1:2 "$FILE" && stat -c %u:%g "$FILE"
LD_PRELOAD=$LD_PRELOAD:$LIB "$WAYS" 30 2 0
LD_PRELOAD=$LIB:$LD_PRELOAD "$WAYS" 30 2 0
EOF
if command -v fakeroot >/dev/null; then
	export WAYS="$hosts/ways" FILE="$tmp/file"
	LIB='' fakeroot sh "$tmp/test" >"$tmp/native"
	LIB=$lib VSPAWN_FORK=txn VSPAWN_STATS=$tmp/stats \
		fakeroot sh "$tmp/test" >"$tmp/txn" || fail "fakeroot: $?"
	diff "$tmp/native" "$tmp/txn" || fail fakeroot
	commits "$tmp/stats" fakeroot
	found="$found fakeroot"
fi
echo "as natively:$found"
[ "$found" ] || skip "no libfaketime, eatmydata, fakeroot"

#!/bin/sh
# SPDX-License-Identifier: MIT
# What the shared object exports and needs; and whether libc has grown a way
# to make a process that we do not know of.
# shellcheck source=test/common.sh
. "$(dirname "$0")/common.sh"
needs nm readelf ldd
temporary_folder
export LC_ALL=C

# Functions of libc whose names sound like processes but that need no wrapper.
cat >"$tmp/exceptions" <<'EOF'
pthread_atfork			registers handlers, makes nothing
__register_atfork		the same
__posix_spawn.*			internal
posix_spawnattr_.*		builds what posix_spawn reads by getters
__libc_system			not to be linked with
_IO_popen			popen's old name, not to be linked with
_IO_proc_open			popen's old parts
__clone				clone's other name, in no header
__clone2			clone of another CPU
wordexp				uses posix_spawn inside libc since 2.31
openpty				makes no process
login_tty			makes no process
posix_openpt			makes no process
re_?exec|regexec		regular expressions
rexec.*				a remote host
sig.*emptyset			not about a pty
EOF

nm -D --defined-only --without-symbol-versions "$lib" |
	awk '$2 != "A" { print $3 }' | sort -u >"$tmp/exports"
sed -n 's/^ENTRY(\([A-Za-z0-9_]*\),.*/\1/p' preload/entry.def |
	sort >"$tmp/entries"
[ -s "$tmp/entries" ] || fail "no entries in entry.def"
uniq -d "$tmp/entries" | grep . && fail "twice in entry.def"
diff "$tmp/entries" "$tmp/exports" >"$tmp/diff" || {
	cat "$tmp/diff"
	fail "exports (>) are not those of entry.def (<)"
}

# posix_spawn has an old version on the older CPUs only.
if nm -D --defined-only "$lib" | grep -q '@.*GLIBC_2.15'; then
	for name in posix_spawn posix_spawnp; do
		[ "$(nm -D --defined-only "$lib" |
			grep -c " $name@")" = 2 ] ||
			fail "$name does not come in two versions"
	done
fi

readelf -dW "$lib" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$tmp/needed"
grep -vE '^(libc\.so|libc\.musl|libdl\.so|ld-)' "$tmp/needed" &&
	fail "linked with more than libc"
readelf -lW "$lib" | grep GNU_STACK | grep -q 'RWE' &&
	fail "executable stack"
readelf -lW "$lib" | grep -q GNU_STACK || fail "no stack note"
readelf -lW "$lib" | grep LOAD | grep -q 'RWE' &&
	fail "writable code"
readelf -dW "$lib" | grep -q TEXTREL && fail "text relocations"
readelf -dW "$lib" | grep -qE 'BIND_NOW|NOW' || fail "lazy binding"

# One build serves old systems.
nm -D --undefined-only "$lib" | sed -n 's/^ *U //p' |
	awk -F'@GLIBC_2[.]' '$2 + 0 > 17 { bad = 1; print } END { exit bad }' ||
	fail "needs a newer glibc than 2.17"

libc=$(ldd "$(command -v ls)" | awk '$1 ~ /^libc\.so/ { print $3 }')
[ -f "$libc" ] || skip "no libc.so found"
nm -D --defined-only --without-symbol-versions "$libc" | awk '{ print $3 }' |
	grep -E 'fork|spawn|exec|popen|system|clone|daemon|pty|wordexp' |
	sort -u >"$tmp/libc"
[ "$(wc -l <"$tmp/libc")" -gt 20 ] || fail "libc has no functions?"
sed 's/[[:space:]].*//; s/.*/^(&)$/' "$tmp/exceptions" >"$tmp/patterns"
grep -vxFf "$tmp/entries" "$tmp/libc" | grep -vEf "$tmp/patterns" &&
	fail "in libc, but neither in entry.def nor in this test's exceptions"
echo "$(wc -l <"$tmp/exports") symbols"

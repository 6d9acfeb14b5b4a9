#!/bin/sh
# SPDX-License-Identifier: MIT
# What the shared object exports and needs; and whether libc has grown a way
# to make a process that we do not know of.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs nm readelf ldd
temporary_folder
export LC_ALL=C

# Functions of libc whose names sound like processes and that are left alone on
# purpose: a pattern, and why.
cat >"$tmp/exceptions" <<'EOF'
pthread_atfork			registers handlers, makes nothing
__register_atfork		the same
__(new_)?posix_spawn.*		internal
posix_spawnattr_.*		libc's object, which we read by its getters
__libc_(fork|system)		private: libpthread's, which we wrap, called it
_IO_proc_close			waits, makes nothing
pclose				the same: our popen() makes libc's streams
pidfd_getpid			reads a number from /proc
pidfd_(open|getfd|send_signal)	system calls on what is there already
openpty				opens a terminal, makes no process
login_tty			the same, for the calling process
posix_openpt|getpt		the same
grantpt				ran pt_chown before glibc 2.33, if built to
re_?exec|regexec		regular expressions
rexec(_af|options)?		a remote host
svcerr_systemerr		an answer to a remote host
sig.*emptyset			not about a pty
.*usershell			a list of names
EOF

# Needed although newer than the oldest glibc we run with, and why.
cat >"$tmp/newer" <<'EOF'
dlsym				moved to libc in 2.34; libdl has it before
dlvsym				the same, if built on 2.34 or newer
EOF

nm -D --defined-only "$lib" | sed 's/@.*//' |
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
sed 's/[[:space:]].*//; s/.*/^&@/' "$tmp/newer" >"$tmp/allowed"
nm -D --undefined-only "$lib" | sed -n 's/^ *U //p' |
	grep -vf "$tmp/allowed" |
	awk -F'@GLIBC_2[.]' '$2 + 0 > 17 { bad = 1; print } END { exit bad }' ||
	fail "needs a newer glibc than 2.17"

libc=$(ldd "$(command -v ls)" | awk '$1 ~ /^libc\.so/ { print $3 }')
[ -f "$libc" ] || skip "no libc.so found"
folder=${libc%/*}
# Until glibc 2.34 some of it was in these.
for file in "$libc" "$folder"/libpthread.so.0 "$folder"/libutil.so.1; do
	[ ! -f "$file" ] ||
		nm -D --defined-only "$file" | sed 's/@.*//' |
		awk -v file="${file##*/}" '$2 != "A" { print file $1, $3 }'
done | sort -u >"$tmp/symbols"
sed 's/[[:space:]].*//; s/.*/^(&)$/' "$tmp/exceptions" >"$tmp/patterns"

unknown() {
	sort -u | grep -vxFf "$tmp/entries" | grep -vEf "$tmp/patterns"
}

sounds='fork|spawn|exec|popen|pclose|proc_(open|close)|system|shell|clone'
sounds="$sounds|daemon|pty|getpt|grantpt|login_tty|wordexp|pidfd"
cut -d ' ' -f 2 "$tmp/symbols" | grep -E "$sounds" >"$tmp/suspects"
[ "$(wc -l <"$tmp/suspects")" -gt 20 ] || fail "libc has no functions?"
unknown <"$tmp/suspects" &&
	fail "in libc, but neither in entry.def nor in this test's exceptions"

# What we wrap may have other names that do not tell.
sed -nE 's/^ENTRY\((\w*), (MAKES|EXECS)\)/\1/p' preload/entry.def |
	sort >"$tmp/makers"
awk 'NR == FNR { maker[$1] = 1; next }
	maker[$2] { at[$1] = 1 }
	{ line[FNR] = $1; name[FNR] = $2; n = FNR }
	END { for (i = 1; i <= n; i++) if (line[i] in at) print name[i] }' \
	"$tmp/makers" "$tmp/symbols" >"$tmp/aliases"
[ -s "$tmp/aliases" ] || fail "libc has none of our functions?"
unknown <"$tmp/aliases" &&
	fail "another name of a function that we wrap"
echo "$(wc -l <"$tmp/exports") symbols"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Every folder in arch/ keeps the port contract, arch/port.h: the same files,
# which define the same names. What the stub defines is asked of the assembler
# if there is one for the CPU. Where a CPU has no folder the library can be built
# all the same, and fork() is libc's.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs nm make perl
temporary_folder
verdict=0

bad() {
	echo "$*"
	verdict=1
}

# contract FILE: the names that port.h lists for it.
contract() {
	sed -n "/^ \* $1\.[hS]	/,/^ \*\(\/\|\$\)/p" arch/port.h |
		grep -oE '^ \*	[^	]*(	?| {2})' |
		grep -oE '\<(VS_|vs_|_*vfork\>)[A-Za-z0-9_]*' | sort -u
}

# With what is included beside it.
text() {
	cat "$1"
	sed -n 's|^#include "\.\./\(.*\)"|arch/\1|p' "$1" |
		while read -r beside; do
			text "$beside"
		done
}

# Only on some CPUs, by what port.h says of them.
optional() {
	case $2 in
	VS_GLIBC_OLD_SPAWN | VS_CYCLES | vs_cycles) return 0 ;;
	VS_DWARF_* | vs_share_clone)
		! grep -qE 'VS_ARCH_SHARE +1' "$1/context.h"
		;;
	*) return 1 ;;
	esac
}

has_names() {
	names=$(contract "$2")
	[ "$(echo "$names" | wc -l)" -ge 4 ] || fail "port.h: $2 is not found"
	for name in $names; do
		text "$1/$3" | grep -qE "\\<$name\\>" || optional "$1" "$name" ||
			bad "$1/$3: no $name"
	done
}

# stub_symbols ARCH COMPILER: those of its stub.
stub_symbols() {
	"$2" -c -o "$tmp/stub.o" "arch/$1/stub.S" || return 1
	nm -g --defined-only "$tmp/stub.o" | sed 's/.* //' | sort -u >"$tmp/has"
	for name in $(contract stub); do
		optional "arch/$1" "$name" || echo "$name"
	done | sort -u >"$tmp/shall"
	diff "$tmp/shall" "$tmp/has"
}

# The folder that the Makefile takes for a compiler.
folder_of() {
	# shellcheck disable=SC2016
	printf 'include arch/name.mk\nall:\n\t@echo $(ARCH)\n' |
		make -s -f - CC="$1"
}

for folder in arch/*/; do
	folder=${folder%/}
	ls "$folder" >"$tmp/files"
	printf '%s\n' context.h stub.S syscall.h | diff - "$tmp/files" ||
		bad "$folder: other files than port.h lists"
	has_names "$folder" syscall syscall.h
	has_names "$folder" context context.h
	# generic has nothing to assemble.
	grep -qE 'VS_ARCH_STUB[[:blank:]]+1' "$folder/syscall.h" || continue
	has_names "$folder" stub stub.S
done

tried=
for compiler in gcc $(ls /usr/bin/*-linux-gnu*-gcc 2>/dev/null); do
	command -v "$compiler" >/dev/null || continue
	arch=$(folder_of "$compiler")
	if [ -z "$arch" ] || [ "$arch" = generic ]; then
		continue
	fi
	stub_symbols "$arch" "$compiler" || bad "arch/$arch/stub.S: see above"
	tried="$tried $arch"
done
echo "assembled:$tried"

# generic, by this compiler: it has to run, too.
make -s B="$tmp/generic" ARCH=generic "$tmp/generic/libvspawn.so" \
	>"$tmp/make" 2>&1 || {
	cat "$tmp/make"
	fail 'does not build for a CPU that has no folder'
}
LD_PRELOAD=$tmp/generic/libvspawn.so VSPAWN_FORK=txn VSPAWN_STATS=$tmp/stats \
	perl -e 'fork() || exit(3); wait; exit($? >> 8)'
[ $? = 3 ] || bad 'generic: a child of fork() is lost'
grep -q 'not on this CPU' "$tmp/stats" || bad "generic: $(cat "$tmp/stats")"

# CPUs differ in arch/ and nowhere else.
find preload Makefile -type f -exec grep -nwE \
	'_*(x86(_64)?|i386|amd64|aarch64|arm64|riscv(64)?|s390x?|powerpc(64)?|ppc(64)?|mips(64)?|loongarch(64)?)_*' \
	{} + && bad "named outside arch/: see above"

[ "$verdict" = 0 ] || fail "see above"

#!/bin/sh
# SPDX-License-Identifier: MIT
# What the manuals say is true: they have each setting, option, check, reason,
# function, key of JSON and word of the rules, and none that there is not; they
# are mdoc without a fault, and can be read.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs mandoc
temporary_folder
pages='vspawn.1 libvspawn.7 vspawn-rules.5'

# ---- they are mdoc, and can be read ----
# What other manuals there are is this machine's business. Each warning, even
# of style, is a fault; a test of the test: one is put in.
faults() {
	mandoc -T lint -W style "$1" 2>&1 |
		grep -vE 'referenced manual not found|outdated mandoc.db'
}
for page in $pages; do
	faults "scripts/man/$page" && fail "$page is not clean"
	for format in utf8 html; do
		mandoc -T $format "scripts/man/$page" >"$tmp/page" 2>/dev/null ||
			fail "$page cannot be read as $format"
		[ "$(wc -l <"$tmp/page")" -gt 80 ] || fail "$page: hardly a line"
	done
	# In as many columns as a terminal has, but for what is literal.
	mandoc -T utf8 -O width=78 "scripts/man/$page" 2>/dev/null |
		sed "s/.$(printf '\b')//g" | LC_ALL=C.UTF-8 grep -E '.{81}' &&
		fail "lines of $page are too long"
done
{ cat scripts/man/vspawn.1 && echo '.Xq a fault'; } >"$tmp/bad.1"
faults "$tmp/bad.1" >"$tmp/said" || fail "mandoc finds no fault in a bad page"

# Long lines, as mandoc allows, without what makes letters bold.
plain() {
	mandoc -T ascii -O width=1000 "scripts/man/$1" 2>/dev/null |
		sed "s/.$(printf '\b')//g"
}
for page in $pages; do
	plain "$page" >"$tmp/$page"
done

# section PAGE NAME: that one, to its end.
section() {
	awk -v name="$2" '/^[A-Z]/ { in_it = $0 == name } in_it' "$tmp/$1"
}

# both WHAT CODE MANUAL: files of words, one a line; the same ones.
both() {
	sort -u "$2" >"$2.sorted"
	sort -u "$3" >"$3.sorted"
	[ "$(wc -l <"$2.sorted")" -gt 2 ] || fail "no $1 are found in the source"
	comm -23 "$2.sorted" "$3.sorted" >"$tmp/missing"
	[ ! -s "$tmp/missing" ] || fail "$1 not in the manual: $(cat "$tmp/missing")"
	comm -13 "$2.sorted" "$3.sorted" >"$tmp/missing"
	[ ! -s "$tmp/missing" ] || fail "$1 that there are not: $(cat "$tmp/missing")"
	echo "$(wc -l <"$2.sorted") $1"
}

# all WHAT CODE PAGE: each line of the file is somewhere in the page's text.
all() {
	[ "$(wc -l <"$2")" -gt 2 ] || fail "no $1 are found in the source"
	while read -r words; do
		tr -s ' \n' ' ' <"$tmp/$3" | grep -qF -e "$words" ||
			fail "$1 not in $3: $words"
	done <"$2"
	echo "$(wc -l <"$2") $1"
}

# ---- settings ----
grep -o '"VSPAWN[A-Z_]*"' preload/base/config.c | tr -d '"' >"$tmp/code"
section libvspawn.7 ENVIRONMENT |
	sed -n 's/^ *\(VSPAWN[A-Z_]*\)=.*/\1/p' >"$tmp/manual"
both settings "$tmp/code" "$tmp/manual"
# With its values: lists of words.
sed -n '/^static const char main_switch/,/;$/p' preload/base/config.c |
	grep -o '"[^"]*"' | tr -d '" ' | tr ',' '\n' | sort -u >"$tmp/code"
[ "$(wc -l <"$tmp/code")" -gt 15 ] || fail "config.c has no values"
section libvspawn.7 ENVIRONMENT | grep '^ *VSPAWN' | tr -s ' =|' '\n' \
	>"$tmp/values"
while read -r value; do
	grep -qx -e "$value" "$tmp/values" || fail "value not in the manual: $value"
done <"$tmp/code"

# ---- options ----
# Of the wrapper: its table.
sed -n "/^vspawn_options='/,/^'/s/^\(--[a-z-]*[a-z]\).*/\1/p" scripts/vspawn |
	sort -u >"$tmp/code"
section vspawn.1 OPTIONS | grep -oE '^ *--[a-z-]+' | tr -d ' ' \
	>"$tmp/manual"
both options "$tmp/code" "$tmp/manual"
sh scripts/vspawn --help | grep -oE '^  (--[a-z-]+)|  --version' |
	tr -d ' ' >"$tmp/help"
sort -u "$tmp/help" >"$tmp/help.sorted"
comm -23 "$tmp/help.sorted" "$tmp/code.sorted" | grep . &&
	fail "--help has options that there are not"
comm -13 "$tmp/help.sorted" "$tmp/code.sorted" | grep . &&
	fail "options that are not in --help"
{
	grep -oE '"--(json|prometheus|all|dir|interval|times)"' scripts/stats/main.c
	grep -oE '"--(check|explain)"' scripts/rules/main.c
	grep -oE '"--json"' scripts/doctor/main.c
} | tr -d '"' >"$tmp/more"
grep -oE '"--[a-z]+"' scripts/stats/main.c scripts/rules/main.c | grep -v -- --help |
	sed 's/.*"\(.*\)"/\1/' >>"$tmp/more"
sed -n 's/^	\(--[a-z]*\)[=*)].*/\1/p' scripts/bench/run |
	grep -vE -e '--(library|hosts|scripts|where)$' >>"$tmp/more"
cat "$tmp/code" "$tmp/more" >"$tmp/every"
grep -oE -e '--[a-z][a-z-]*' "$tmp/vspawn.1" | grep -vx -e --config \
	>"$tmp/named"
both 'options, with those of its commands' "$tmp/every" "$tmp/named"
grep -E '^1[a-z]+( \| 1[a-z]+)*\)$' scripts/vspawn | grep -oE '1[a-z]+' |
	tr -d 1 >"$tmp/code"
awk '/^SYNOPSIS/,/^DESCRIPTION/' "$tmp/vspawn.1" |
	sed -n 's/^ *vspawn \([a-z]*\) .*/\1/p' >"$tmp/manual"
both commands "$tmp/code" "$tmp/manual"

# ---- the doctor's checks; doctor.sh sees to it that each is printed ----
grep -rhoE '\b(OK|NO|WARNING|UNKNOWN), *"[a-z0-9-]+"' scripts/doctor |
	sed 's/.*"\(.*\)"/\1/' >"$tmp/checks"
sed -n '/^\.Sh DOCTOR/,/^As JSON/s/^\.It Cm \([a-z0-9-]*\)$/\1/p' \
	scripts/man/vspawn.1 >"$tmp/listed"
[ "$(wc -l <"$tmp/checks")" -gt 20 ] || fail "hardly a check is found"
while read -r check; do
	grep -qx -e "$check" "$tmp/listed" || fail "check not in vspawn(1): $check"
done <"$tmp/checks"
while read -r check; do
	grep -rqF -e "\"$check\"" scripts/doctor ||
		fail "check that there is not: $check"
done <"$tmp/listed"

# ---- reasons, functions ----
sed -n 's/^\(NATIVE\|UNDONE\)([A-Z_]*, "\(.*\)")$/\2/p' \
	preload/stats/reason.def >"$tmp/code"
section libvspawn.7 REASONS >"$tmp/reasons"
all reasons "$tmp/code" reasons
sed -n 's/^\(NATIVE\|UNDONE\)(\([A-Z_]*\),.*/\2/p' preload/stats/reason.def \
	>"$tmp/code"
sed -n 's/^\.It Cm \([A-Z_]*\)$/\1/p' scripts/man/libvspawn.7 >"$tmp/manual"
both 'names of reasons' "$tmp/code" "$tmp/manual"
# Of two names for one function the one that is in the headers.
sed -n 's/^ENTRY(\([a-z_A-Z0-9]*\), .*/\1/p' preload/entry/entry.def |
	grep -vE '^(__|_IO_|posix_spawn_file_actions_(add|destroy))|64$' \
		>"$tmp/code"
awk '/^   Functions/ { on = 1; next } /^   [A-Z]/ { on = 0 } on' \
	"$tmp/libvspawn.7" | grep -oE '[a-zA-Z_0-9]+\(\)' | tr -d '()' >"$tmp/manual"
both functions "$tmp/code" "$tmp/manual"
# What a seccomp filter must let through.
sed -n '/^static const struct call /,/^};/p' preload/txn/able/filter.c |
	grep -o '{SYS_[a-z_0-9]*' | sed 's/{SYS_//' >"$tmp/code"
section libvspawn.7 'SYSTEM CALLS' >"$tmp/calls"
all 'system calls' "$tmp/code" calls

# ---- keys of JSON ----
keys_in() {
	tr -s ' ,:;*()' '\n' <"$tmp/$1" | sort -u
}
section libvspawn.7 'LIVE FILES' >"$tmp/live"
section libvspawn.7 TRACE >"$tmp/trace"
# keys NAME TEXT SECTION FILE...: each key that the source writes, and no other.
keys() {
	name=$1 page=$2 title=$3
	shift 3
	grep -ohE '\([a-z>-]*to, "[a-z0-9_]+"' "$@" |
		sed 's/.*"\(.*\)"/\1/' | sort -u >"$tmp/code"
	grep -ohE ',\\?"?\\"[a-z_]+\\":' "$@" | grep -oE '[a-z_]+' >>"$tmp/code"
	[ "$(wc -l <"$tmp/code")" -gt 5 ] || fail "no keys of the $name are found"
	keys_in "$page" >"$tmp/words"
	while read -r key; do
		grep -qx -e "$key" "$tmp/words" ||
			fail "key of the $name not in libvspawn(7): $key"
	done <"$tmp/code"
	awk -v title=".Sh $title" '/^\.Sh/ { on = $0 == title } on' \
		scripts/man/libvspawn.7 | sed -n 's/^\.\(It \)*Cm //p' |
		tr ' ' '\n' | grep -E '^[a-z0-9_]+$' | sort -u >"$tmp/words"
	while read -r key; do
		grep -qx -e "$key" "$tmp/code" ||
			fail "key of the $name that there is not: $key"
	done <"$tmp/words"
	echo "$(wc -l <"$tmp/code") keys of the $name"
}
keys summary live 'LIVE FILES' preload/stats/report/json.c
keys trace trace TRACE preload/stats/line.c
section vspawn.1 DOCTOR >"$tmp/doctor"
keys_in doctor >"$tmp/words"
grep -oE '\\"[a-z]+\\":' scripts/doctor/report.c | grep -oE '[a-z]+' >"$tmp/code"
[ "$(wc -l <"$tmp/code")" -gt 5 ] || fail "no keys of the doctor are found"
while read -r key; do
	grep -qx -e "$key" "$tmp/words" ||
		fail "key of the doctor not in vspawn(1): $key"
done <"$tmp/code"
sed -n 's/.*{"\(vspawn_[a-z_]*\)", .*/\1/p' scripts/stats/prometheus.c \
	>"$tmp/code"
grep -oE 'vspawn_[a-z_]+' "$tmp/vspawn.1" >"$tmp/manual"
both metrics "$tmp/code" "$tmp/manual"

# ---- words of the rules ----
{
	sed -n 's/^static const char actions.*{\(.*\)};/\1/p' \
		preload/rules/rule.c | grep -oE '"[a-z]+"'
	grep -oE '"(at|exec|strict)="' preload/rules/rule.c
} | tr -d '"=' >"$tmp/code"
sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' scripts/man/vspawn-rules.5 >"$tmp/manual"
both 'words of rules' "$tmp/code" "$tmp/manual"
# Its example is a file of rules.
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' scripts/man/vspawn-rules.5 |
	grep -v '^\.' >"$tmp/rules"
chmod 644 "$tmp/rules"
build/rules --check "$tmp/rules" || fail "vspawn-rules(5): a wrong example"

# ---- as installed: nothing is left to be filled in, twice the same ----
for to in one two; do
	make -s install DESTDIR="$tmp/$to" prefix=/usr >/dev/null || fail "install"
done
diff -r "$tmp/one/usr/share" "$tmp/two/usr/share" || fail "not the same twice"
grep -rE '@(version|[a-z]*dir)@' "$tmp/one/usr/share" "$tmp/one/usr/bin" &&
	fail "not filled in"
for page in $pages; do
	installed=$tmp/one/usr/share/man/man${page##*.}/$page
	mandoc -T ascii "$installed" 2>/dev/null | grep -q "vspawn [0-9]" ||
		fail "$page does not tell its version"
	faults "$installed" && fail "$page is not clean when it is installed"
done
make -s uninstall DESTDIR="$tmp/one" prefix=/usr >/dev/null
[ -z "$(find "$tmp/one" -type f)" ] || fail "left: $(find "$tmp/one" -type f)"
exit 0

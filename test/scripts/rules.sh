#!/bin/sh
# SPDX-License-Identifier: MIT
# Rules: of which program and site, and what they decide; VSPAWN_STRICT,
# VSPAWN_LOG; vspawn rules.
# timeout: 180
# shellcheck source=test/lib/rules.sh
. "$(dirname "$0")/../lib/rules.sh"

# ---- which program ----
for program in "$perl" perl "${perl%/*}/*" '*' 'p[a-f]r?' "$tmp/host.pl" \
	host.pl; do
	rule "nobody txn" "$program native # why" "* txn"
	run perl "$tmp/host.pl"
	engine native 3
	run "$tmp/host.pl"
	engine native 3
done
rule '/usr/*/nobody native' 'pythonic native' 'true native' '* txn'
run perl "$tmp/host.pl"
engine txn 2
rule "$tmp/host.pl native" '* txn'
cd "$tmp" || exit 1
run perl host.pl
engine native 3
run ./host.pl
engine native 3
cd - >/dev/null || exit 1

# ---- which site ----
rule "$perl txn"
run env VSPAWN_LOG="$tmp/log" perl "$tmp/host.pl"
site=$(sed -n 's/.* fork at \([^ ]*+0x[0-9a-f]*\)[ :].*/\1/p' "$tmp/log")
symbol=$(sed -n 's/.* fork at [^ ]* (\([^)]*\)): .*/\1/p' "$tmp/log")
[ -n "$site" ] || fail "no site in the log: $(cat "$tmp/log")"
[ "$(wc -l <"$tmp/log")" = 1 ] || fail "more than a line in the log"
grep -q ': rolled back: ' "$tmp/log" || fail "log: $(cat "$tmp/log")"
for at in "$site" "${site%+*}+*" ${symbol:+"$symbol"}; do
	rule "* at=$at native" "* txn"
	run perl "$tmp/host.pl"
	engine native 3
done
rule "* at=${site}0 native" "* at=no_such native" "* txn"
run perl "$tmp/host.pl"
engine txn 2

# ---- which child ----
true=$(command -v env)
true=${true%/*}/true
rule "* exec=$true native" "* txn"
run perl "$tmp/host.pl" "$true"
engine native 3
grep -q ' a rule forbids ' "$tmp/stats" || fail "no reason"
rule "* exec=*/false native" "* txn"
run perl "$tmp/host.pl" "$true"
engine txn 2

# ---- off; and what wins ----
rule "* off"
run perl "$tmp/host.pl"
engine native 3
rule "* txn"
run env VSPAWN_FORK=native perl "$tmp/host.pl"
engine txn 2
run env VSPAWN=off perl "$tmp/host.pl"
engine native 3
rule "* native"
run env VSPAWN_FORK=txn VSPAWN_RULES= perl "$tmp/host.pl"
engine txn 2

# ---- a site is found while another thread has the loader's list ----
rule '* at=nobody native' '* txn'
run env VSPAWN_LOG="$tmp/log" "$hosts/listed"
grep -q 'listed.*: rolled back: ' "$tmp/log" || fail "log: $(cat "$tmp/log")"
rule '* share'
run "$hosts/listed"

# ---- strict ----
rm -f "$rules"
run env VSPAWN_FORK=native VSPAWN_STRICT=log:1M perl "$tmp/host.pl"
[ "$(grep -c 'native fork of a big process' "$tmp/err")" = 3 ] ||
	fail "strict=log: $(cat "$tmp/err")"
run env VSPAWN_FORK=native VSPAWN_STRICT=log:1G perl "$tmp/host.pl"
engine native 3
run env VSPAWN_FORK=native VSPAWN_STRICT=fail:1M perl "$tmp/host.pl"
[ "$(grep -c '^no fork: Cannot allocate memory$' "$tmp/out")" = 3 ] ||
	fail "strict=fail: $(cat "$tmp/out")"
grep -q 'refused with ENOMEM' "$tmp/stats" || fail "not in the summary"
# What execs is a transaction, and is made; what does not would be native.
rule '* strict=fail:1M' '* txn'
run perl "$tmp/host.pl"
[ "$(grep -c '^no fork: Cannot allocate memory$' "$tmp/out")" = 1 ] ||
	fail "strict=fail in a rule: $(cat "$tmp/out")"
grep -qE '^fork +txn +2 ' "$tmp/stats" || fail "strict: not two transactions"
rule '* strict=off'
run env VSPAWN_FORK=native VSPAWN_STRICT=fail:1M perl "$tmp/host.pl"
engine native 3
rm -f "$rules"
run env VSPAWN_STRICT=80G perl "$tmp/host.pl"
grep -q 'VSPAWN_STRICT=80G is not known; allowed: off, log:SIZE, fail:SIZE' \
	"$tmp/err" || fail "VSPAWN_STRICT: $(cat "$tmp/err")"

# ---- vspawn rules ----
tool() {
	sh "$(dirname "$0")/../../scripts/vspawn" rules "$@"
}
rule '* trn' "$perl at=no_such txn" '* exec=/bin/x native' '* share' 'perl off'
tool --check "$rules" >"$tmp/out" 2>"$tmp/err" && fail "--check: status 0"
grep -q "^$rules:1: \"trn\" is not known; allowed: " "$tmp/err" ||
	fail "--check: $(cat "$tmp/err")"
VSPAWN_RULES=$rules
export VSPAWN_RULES
tool --explain "$tmp/host.pl" >"$tmp/out" 2>/dev/null
unset VSPAWN_RULES
for line in "program  *$perl" "executed as  *$tmp/host.pl" 'line 2  *.*' \
	'line 3  *.*' 'line 4  *.*' 'never  *line 5  *.*'; do
	grep -qx "$line" "$tmp/out" ||
		fail "--explain: no $line: $(cat "$tmp/out")"
done
rule '* txn'
tool --check "$rules" >/dev/null || fail "--check of a good one"
tool --check >/dev/null 2>&1
[ $? = 2 ] || fail "--check of nothing"
tool --explain no-such-program >/dev/null 2>&1
[ $? = 2 ] || fail "--explain of nothing"

# ---- /etc/vspawn/rules ----
if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	skip "the rest is fine; not root: /etc/vspawn/rules was not tried"
fi
mkdir "$tmp/etc" "$tmp/etc/vspawn"
cp -a /etc/ld.so.cache /etc/passwd /etc/alternatives /etc/perl "$tmp/etc" \
	2>/dev/null
cat >"$tmp/in_etc.sh" <<'EOF'
mount --bind "$1/etc" /etc || exit 77
shift
for value in native txn; do
	echo "* $value" >/etc/vspawn/rules
	for settings in '' VSPAWN_FORK=txn VSPAWN_RULES=; do
		rm -f "$STATS"
		env LD_PRELOAD="$LIB" VSPAWN_STATS="$STATS" \
			${settings:+"$settings"} perl "$@" >/dev/null
		echo "$value:$settings:$(sed -n 's/^fork  *\([a-z]*\) .*/\1/p' \
			"$STATS" | head -n 1)"
	done
done
EOF
STATS=$tmp/stats LIB=$lib unshare -m sh "$tmp/in_etc.sh" "$tmp" \
	"$tmp/host.pl" >"$tmp/out"
[ $? != 77 ] || skip "the rest is fine; nothing can be mounted"
diff - "$tmp/out" <<'EOF' || fail "/etc/vspawn/rules"
native::native
native:VSPAWN_FORK=txn:txn
native:VSPAWN_RULES=:txn
txn::txn
txn:VSPAWN_FORK=txn:txn
txn:VSPAWN_RULES=:txn
EOF

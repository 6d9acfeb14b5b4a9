#!/bin/sh
# SPDX-License-Identifier: MIT
# The vspawn command: status, signals and pid are the command's, preloads are
# kept in order, mistakes are told, and it works from where it is installed.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
# Misspelt settings, to the wrapper.
unset VSPAWN_LIB VSPAWN_TEST_HOSTS
vspawn=scripts/vspawn
# For --live.
export XDG_RUNTIME_DIR="$tmp"

# expect STATUS COMMAND...: its output in out, its errors in err.
expect() {
	wanted=$1
	shift
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ "$status" = "$wanted" ] ||
		fail "$*: status $status, not $wanted: $(cat "$tmp/err")"
}

says() {
	grep -qF -e "$2" "$tmp/$1" ||
		fail "no '$2' in: $(cat "$tmp/$1")"
}

# shellcheck disable=SC2016
{
	expect 7 $vspawn sh -c 'exit 7'
	expect 143 $vspawn sh -c 'kill $$'
	expect 127 $vspawn -- no-such-command
	expect 126 $vspawn /etc/passwd
	expect 0 sh -c 'echo $$; exec '$vspawn' sh -c "echo \$\$"'
	[ "$(sort -u "$tmp/out" | wc -l)" = 1 ] || fail 'another process id'

	expect 0 $vspawn --fork=txn --spawn=off --stats=x -- sh -c \
		'echo "$VSPAWN_FORK $VSPAWN_SPAWN $VSPAWN_STATS"'
	says out "txn off $PWD/x"
	expect 0 $vspawn --children=drop sh -c 'echo "$VSPAWN_CHILDREN"'
	says out drop
	expect 0 $vspawn --live --trace=t --report=all --stats-format=line \
		--stats-signal=USR2 sh -c \
		'echo "$VSPAWN_LIVE $VSPAWN_TRACE $VSPAWN_REPORT" \
		"$VSPAWN_STATS_FORMAT $VSPAWN_STATS_SIGNAL $VSPAWN_STATS"'
	says out "auto $PWD/t all line USR2 stderr"
	expect 0 $vspawn --live=x sh -c 'echo "$VSPAWN_LIVE"; echo $$
		echo "$VSPAWN_REPORT"'
	says out "$PWD/x"
	rm -r x
	expect 0 $vspawn --report=program sh -c 'test "$VSPAWN_REPORT" = $$'
	expect 0 $vspawn --off sh -c 'echo "$VSPAWN"'
	says out off
}

for wrong in --fork=maybe --spawn=yes --children=all --frk=txn --report=me \
	--stats-format=xml --stats-signal=KILL --trace= --live= --stats=; do
	expect 2 $vspawn $wrong true
	says err "${wrong%%=*}"
	says err allowed
done
says err 'a file name is missing'
expect 2 $vspawn
says err usage
expect 0 $vspawn --help
says out usage

# It is the dynamic linker who has the last word on LD_PRELOAD.
library=$PWD/build/libvspawn.so
for other in 'a.so b.so' 'a.so:b.so'; do
	LD_PRELOAD=$other expect 0 $vspawn env
	says out "LD_PRELOAD=$library:a.so:b.so"
done
LD_PRELOAD=/x/libasan.so.8:a.so expect 0 $vspawn env
says out "LD_PRELOAD=/x/libasan.so.8:$library:a.so"
LD_PRELOAD=$library:a.so expect 0 $vspawn env
says out "LD_PRELOAD=$library:a.so"

# What nothing can be done for is told in one line, and started all the same.
expect 0 $vspawn build/bench/nop
if ldd build/bench/nop >/dev/null 2>&1; then
	[ ! -s "$tmp/err" ] || fail "a word about nop"
else
	says err 'build/bench/nop: static'
	[ "$(wc -l <"$tmp/err")" = 1 ] || fail "more than one line"
fi
for silent in "--quiet build/bench/nop" "sh -c :"; do
	# shellcheck disable=SC2086
	expect 0 $vspawn $silent
	[ ! -s "$tmp/err" ] || fail "a word: $(cat "$tmp/err")"
done
VSPAWN_FROK=txn expect 0 $vspawn true
says err 'VSPAWN_FROK is no setting; is VSPAWN_FORK meant?'
# One that would not even start with the library does without.
echo 'int main(void) { return 5; }' >"$tmp/musl.c"
if musl-gcc -o "$tmp/musl" "$tmp/musl.c" 2>/dev/null; then
	expect 5 $vspawn "$tmp/musl"
	says err 'it uses musl'
fi
# By name, whatever it does then.
printf '#!/bin/sh\nexit 0\n' >"$tmp/script"
chmod 755 "$tmp/script"
cp "$(command -v env)" "$tmp/python3"
expect 0 $vspawn --fork=share "$tmp/python3"
says err 'it will not live long'
expect 0 $vspawn --fork=txn "$tmp/python3"
[ ! -s "$tmp/err" ] || fail "a word: $(cat "$tmp/err")"

# With --stats that command says so if it has nothing to say, and only it; a
# shell leaves by _exit(), and ls closes stderr.
expect 0 $vspawn --stats -- true
says err 'no call of fork() or the like'
[ "$(grep -c '^vspawn: pid' "$tmp/err")" = 1 ] || fail 'not one summary'
expect 0 $vspawn --stats -- sh -c 'ls; ls; :'
grep 'no call of fork() or the like' "$tmp/err" && fail "of a child"

mkdir "$tmp/with space" "$tmp/with space/scripts" "$tmp/with space/build"
cp scripts/vspawn "$tmp/with space/scripts/"
cp "$lib" "$tmp/with space/build/"
cp Makefile "$tmp/with space/"
expect 2 "$tmp/with space/scripts/vspawn" true
says err 'with a space or a colon'

expect 0 make install prefix="$tmp/usr"
expect 0 "$tmp/usr/bin/vspawn" --version
grep -q '^vspawn [0-9]' "$tmp/out" || fail "version: $(cat "$tmp/out")"
number=$(sed -n 's/^vspawn //p' "$tmp/out")
says out "libvspawn.so $number $tmp/usr/lib/libvspawn.so"
expect 0 $vspawn --version
says out "libvspawn.so $number "
expect 0 "$tmp/usr/bin/vspawn" sh -c 'cat /proc/$$/maps'
says out "$tmp/usr/lib/libvspawn.so"
ln -s "$tmp/usr/bin/vspawn" "$tmp/link"
expect 3 "$tmp/link" sh -c 'exit 3'
expect 0 "$tmp/usr/bin/vspawn" doctor
says out 'verdict: works here'
expect 2 "$tmp/usr/bin/vspawn" doctor no-such-command
if command -v od >/dev/null && command -v awk >/dev/null; then
	expect 0 "$tmp/usr/bin/vspawn" bench --quick --out="$tmp/bench" 16
	says out 'A C program of 16 MB'
	[ -s "$tmp/bench/bench.json" ] || fail 'bench left no bench.json'
fi
expect 0 make uninstall prefix="$tmp/usr"
[ -z "$(find "$tmp/usr" -type f)" ] || fail "left: $(find "$tmp/usr" -type f)"
echo 'ok'

# Sharing memory is not for interpreters: said before they start.
warned() {
	sh "$vspawn_sh" "$@" 2>&1 >/dev/null | grep -q "children of .* write to"
}
vspawn_sh=$(dirname "$0")/../../scripts/vspawn
warned --fork=share sh -c : || fail "no warning for a shell with share"
printf '#!/usr/bin/env sh\n' >"$tmp/script"
chmod 755 "$tmp/script"
warned --fork=share "$tmp/script" || fail "no warning for a script with share"
warned --fork=share true && fail "a warning for true"
warned --fork=txn sh -c : && fail "a warning for a shell with txn"
true

#!/bin/sh
# SPDX-License-Identifier: MIT
# vspawn doctor -p: it is right about processes of each kind.
# shellcheck source=test/lib/doctor.sh
. "$(dirname "$0")/../lib/doctor.sh"

build static "$CC" -static || without static

# ---- processes ----
LD_PRELOAD=$lib VSPAWN_FORK=native sleep 60 &
with=$!
sleep 60 &
bare=$!
LD_PRELOAD=$lib VSPAWN_LIVE=$tmp/live sleep 60 &
live=$!
cleanup() {
	# shellcheck disable=SC2086
	kill $with $bare $live
}
# starts NAME: with the library, as $!; it is killed at the end.
starts() {
	LD_PRELOAD=$lib "./$1" &
	live="$live $!"
	becomes "$!" "$1"
}
for pid in $with $bare $live; do
	becomes "$pid" sleep
done
doctor 0 -p "$with"
says ok loaded "$lib, version [0-9]"
says ok process "$with of $(id -un), since [0-9]"
says ok settings VSPAWN_FORK=native
says ok 'done' 'not asked for'
doctor 0 -p "$live"
says ok 'done' transactions
doctor 1 -p "$bare"
says no loaded 'not set'
says ok library-access .
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	DOCTOR='setpriv --reuid 65534 --regid 65534 --clear-groups' \
		doctor 2 -p "$with"
	says unknown loaded 'cannot be read'
else
	doctor 2 -p 1
fi
doctor 2 -p 999999999
# One that no loader has loaded anything into, and one that had no say.
echo 'int pause(void); int main(void) { return pause(); }' >pause.c
if [ -x static ] && "$CC" -static -o waits pause.c; then
	starts waits
	doctor 1 -p $!
	says no loaded 'although its LD_PRELOAD names it'
	says no static .
fi
if [ "$(id -u)" = 0 ] && "$CC" -o changes pause.c && chown 65534 changes; then
	chmod 4755 changes
	starts changes
	doctor 1 -p $!
	says no setuid AT_SECURE
fi
# Replaced by another while it runs.
cp "$lib" "$tmp/new.so"
mv "$tmp/new.so" "$lib"
doctor 0 -p "$with"
says warning loaded 'replaced since'

ends

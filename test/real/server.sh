# SPDX-License-Identifier: MIT
# For the scripts that start servers, which begin with
#	. "$(dirname "$0")/server.sh"
# Each runs in the foreground, in $tmp, on a port of its own.
# shellcheck shell=sh disable=SC2034
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
PATH=$PATH:/usr/sbin:/sbin
servers=

# Some that change their user load the library and write their summaries.
server_folder() {
	temporary_folder
	chmod 755 "$tmp"
	cp "$lib" "$tmp/libvspawn.so" || exit 1
	chmod 755 "$tmp/libvspawn.so"
	lib=$tmp/libvspawn.so
	user=$(id -un)
	[ "$user" != root ] || user=nobody
	group=$(id -gn "$user")
}

# What does not end when it is told to, and what it leaves behind, is killed.
cleanup() {
	for server in $servers; do
		kill "$server" 2>/dev/null
	done
	for server in $servers; do
		tries=0
		until [ "$tries" -ge 50 ] || gone "$server"; do
			tries=$((tries + 1))
			sleep 0.1
		done
		kill -KILL "$server" "-$server" 2>/dev/null
	done
	servers=
}

# start MODE COMMAND...: its pid is $server. In a process group of its own:
# some servers send signals to all of theirs.
start() {
	mode=$1
	shift
	[ "$mode" = native ] ||
		set -- VSPAWN_FORK="$mode" LD_PRELOAD="$lib" "$@"
	setsid env "$@" >>"$tmp/log" 2>&1 &
	server=$!
	servers="$servers $server"
}

# free_port: one of the loopback that nobody has; try again if it is taken
# before you get it.
free_port() {
	port=$((20000 + ($$ + ${port:-0}) % 20000))
	while grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf %04X $port) " \
		/proc/net/tcp /proc/net/tcp6 2>/dev/null; do
		port=$((port + 1))
	done
}

# until_true COMMAND...: 20 seconds long.
until_true() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || {
			tail -n 10 "$tmp/log" >&2
			fail "$run: not in 20 seconds: $*"
		}
		sleep 0.1
	done
}

# Or a zombie, if nobody waits for it.
gone() {
	! grep -q '^State:.[^Z]' "/proc/$1/status" 2>/dev/null
}

# ended PID: its status, once it has ended by itself.
ended() {
	until_true gone "$1"
	wait "$1"
	echo "status $?"
}

# in_all_modes FUNCTION: "FUNCTION MODE" prints the same in each.
in_all_modes() {
	for run in native auto txn; do
		VSPAWN_STATS=$tmp/stats.$run
		# Of all users.
		: >"$VSPAWN_STATS"
		chmod 666 "$VSPAWN_STATS"
		export VSPAWN_STATS
		"$1" "$run" >"$tmp/$run.out"
		diff "$tmp/native.out" "$tmp/$run.out" ||
			fail "$run: differs from native"
		echo "$run: as natively"
	done
	cat "$tmp/native.out"
}

# summaries RUN NAME: those of the programs whose names begin so.
summaries() {
	awk -v name="($2" '/^vspawn: pid/ { on = index($0, name) } on' \
		"$tmp/stats.$1"
}

# in_use RUN NAME: the library made its children, or says why it did not.
in_use() {
	summaries "$1" "$2" >"$tmp/summary"
	grep -q '^fork\|^vfork\|^posix_spawn\|^_Fork' "$tmp/summary" || {
		cat "$tmp/stats.$1"
		fail "$1: the library was not in use by $2"
	}
}

# committed RUN NAME; rolled_back RUN NAME REASON
committed() {
	in_use "$1" "$2"
	commits "$tmp/summary" "$2"
}

rolled_back() {
	in_use "$1" "$2"
	grep -q "rolled back .* $3" "$tmp/summary" ||
		no_transactions "$tmp/summary" || {
		cat "$tmp/summary"
		fail "$1: $2: nothing was rolled back because: $3"
	}
}

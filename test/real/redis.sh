#!/bin/sh
# SPDX-License-Identifier: MIT
# redis-server forks without exec: BGSAVE and the rewriting of its log have to
# see the data as it was at the fork.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs redis-server redis-cli
temporary_folder
socket=$tmp/socket
server=

cleanup() {
	[ -z "$server" ] || kill -9 "$server" 2>/dev/null
}

cli() {
	redis-cli -s "$socket" "$@" 2>&1
}

start() {
	in_mode "$1" redis-server --port 0 --unixsocket "$socket" --dir "$tmp" \
		--save '' --appendonly no --enable-debug-command yes \
		>>"$tmp/log" 2>&1 &
	server=$!
	wait_for PONG ping
}

# wait_for ANSWER COMMAND...: until redis gives it, 20 seconds long.
wait_for() {
	want=$1 tries=0
	shift
	until cli "$@" | tr -d '\r' | grep -q "$want"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || {
			tail -n 5 "$tmp/log"
			fail "redis: no $want from $*"
		}
		sleep 0.1
	done
}

stop() {
	cli shutdown nosave >/dev/null
	wait "$server"
	server=
}

one_mode() {
	rm -f "$tmp/dump.rdb"
	start "$1"
	cli debug populate 100000 key 100 | grep -q OK || fail "populate"
	cli lpush list a b c >/dev/null
	cli set counter 1 >/dev/null
	digest=$(cli debug digest)
	for round in 1 2 3; do
		cli bgsave | grep -q started || fail "$1: bgsave"
		# Written while the child saves: must not get into its file.
		for n in 1 2 3 4 5; do
			cli incrby counter "$n" >/dev/null
		done
		wait_for rdb_bgsave_in_progress:0 info persistence
		wait_for rdb_last_bgsave_status:ok info persistence
		[ "$round" = 3 ] || cli set counter 1 >/dev/null
	done
	cli bgrewriteaof >/dev/null
	wait_for aof_rewrite_in_progress:0 info persistence
	wait_for aof_last_bgrewrite_status:ok info persistence
	[ "$(cli get counter)" = 16 ] || fail "$1: counter"
	stop
	start "$1"
	[ "$(cli debug digest)" = "$digest" ] ||
		fail "$1: restored other data than was saved"
	[ "$(cli get counter)" = 1 ] || fail "$1: saved a later state"
	stop
	echo "$1: $digest"
}

for run in native auto txn; do
	one_mode "$run"
done

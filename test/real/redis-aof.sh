#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# timeout: 300
# packages: redis-server redis-cli:redis-tools
# redis-server rewrites its log, in a child that never execs, while a client
# writes: the data as it was at the fork and the log since then make the whole.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs redis-server redis-cli
server_folder

cli() {
	redis-cli -s "$tmp/socket" "$@" 2>&1 | tr -d '\r'
}

answers() {
	[ "$(cli ping)" = PONG ]
}

persistence() {
	cli info persistence | grep -q "^$1$"
}

written() {
	[ "$(cli get counter)" -gt "$1" ]
}

redis() {
	start "$1" redis-server --port 0 --unixsocket "$tmp/socket" \
		--dir "$tmp/data" --save '' --appendonly yes \
		--auto-aof-rewrite-percentage 0 --enable-debug-command yes
	until_true answers
}

stop() {
	cli shutdown nosave
	ended "$server"
	servers=
}

# Such as come out otherwise if they are done twice, not at all or too late.
commands() {
	for n in 1 2 3 4 5 6 7 8 9; do
		echo incr counter
		echo rpush list "$n"
		echo rpoplpush list other
		echo ltrim other 0 99
		echo append "key:$n$n" "$n"
		echo incrby sum "$n"
		echo setnx "volatile:$n" "$n"
		echo del "volatile:$((n - 1))"
	done
}

# Until that file is gone, with the folder if this script fails.
writer() {
	while [ -e "$tmp/writing" ]; do
		cat "$tmp/commands"
		sleep 0.01
	done | cli --pipe >"$tmp/written"
}

# The log; whether the client's commands were done meanwhile.
rewritten() {
	cli bgrewriteaof | grep -q started || fail "$1: bgrewriteaof"
	before=$(cli get counter)
	until_true written "$((before + 100))"
	meanwhile=
	! persistence aof_rewrite_in_progress:1 || meanwhile=yes
	until_true persistence aof_rewrite_in_progress:0
	persistence aof_last_bgrewrite_status:ok ||
		fail "$1: the log could not be rewritten"
	[ "$meanwhile" ]
}

scenario() {
	rm -rf "$tmp/data"
	mkdir "$tmp/data"
	redis "$1"
	cli debug populate 200000 key 100
	cli set counter 0
	# One sleep in so many keys: the child takes a second.
	cli config set rdb-key-save-delay -10
	: >"$tmp/writing"
	writer &
	writer=$!
	for round in 1 2; do
		# Again, if the child was done before that was written.
		until rewritten "$1"; do
			:
		done
		echo "rewritten $round"
	done
	rm "$tmp/writing"
	wait "$writer"
	grep 'errors:' "$tmp/written" | cut -d, -f1
	# What was populated is nowhere but in what the child wrote.
	saved="$(cli dbsize) $(cli get counter) $(cli debug digest)"
	stop
	redis "$1"
	restored="$(cli dbsize) $(cli get counter) $(cli debug digest)"
	[ "$restored" = "$saved" ] ||
		fail "$1: restored $restored, not $saved"
	echo "restored ${saved%% *}"
	stop
}
commands >"$tmp/commands"
in_all_modes scenario
for run in auto txn; do
	rolled_back "$run" redis-server .
done

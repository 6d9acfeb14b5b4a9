#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: redis-server redis-cli:redis-tools
# redis-sentinel runs scripts, by fork and exec, when a master goes and when
# another one takes its place.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs redis-server redis-cli
server_folder

cli() {
	redis-cli -p "$@" 2>/dev/null
}

answers() {
	[ "$(cli "$1" ping)" = PONG ]
}

linked() {
	cli "$1" info replication | grep -q master_link_status:up
}

knows_replica() {
	cli "$1" sentinel replicas it | grep -q "^$second"
}

is_master() {
	cli "$1" role | grep -q '^master'
}

script() {
	printf '#!/bin/sh\necho "%s" "$@" >>%s/said\nexit %s\n' \
		"$1" "$tmp" "$2" >"$tmp/$1"
	chmod 755 "$tmp/$1"
}

said() {
	grep -q "$1" "$tmp/said" 2>/dev/null
}

redis() {
	mode=$1 where=$2
	shift 2
	start "$mode" redis-server --port "$where" --bind 127.0.0.1 \
		--dir "$tmp" --save '' "$@"
	until_true answers "$where"
}

scenario() {
	rm -f "$tmp/said"
	free_port
	first=$port
	port=$((port + 1))
	free_port
	second=$port
	port=$((port + 1))
	free_port
	redis native "$first"
	master=$server
	redis native "$second" --replicaof 127.0.0.1 "$first" \
		--repl-diskless-sync-delay 0
	until_true linked "$second"
	cat >"$tmp/sentinel.conf" <<END
port $port
bind 127.0.0.1
dir $tmp
sentinel monitor it 127.0.0.1 $first 1
sentinel down-after-milliseconds it 1000
sentinel failover-timeout it 10000
sentinel notification-script it $tmp/notify
sentinel client-reconfig-script it $tmp/reconfig
END
	start "$1" redis-server "$tmp/sentinel.conf" --sentinel
	sentinel=$server
	until_true knows_replica "$port"
	kill -KILL "$master"
	until_true is_master "$second"
	until_true said 'reconfig.* end\|reconfig.* start'
	until_true said switch-master
	kill "$sentinel"
	ended "$sentinel"
	sed "s/$first/FIRST/g;s/$second/SECOND/g;s/$port/PORT/g" "$tmp/said" |
		sed 's/[0-9a-f]\{40\}/ID/g' | cut -d' ' -f1,2 |
		grep -E 'sdown master|odown|switch|reconfig' | sort -u
	cleanup
}
script notify 0
script reconfig 0
in_all_modes scenario
committed txn redis-server

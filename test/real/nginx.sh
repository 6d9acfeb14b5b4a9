#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: nginx:nginx-light curl pgrep:procps
# nginx: workers, which never exec, restarted, reloaded and killed; and its
# binary replaced while it runs, which is a fork and exec of the master.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs nginx curl pgrep
server_folder

configure() {
	free_port
	mkdir -p "$tmp/root" "$tmp/bodies"
	chown "$user" "$tmp/bodies"
	echo hello >"$tmp/root/index.html"
	seq 1 50000 >"$tmp/root/numbers"
	cat >"$tmp/conf" <<END
user $user $group;
worker_processes 2;
pid $tmp/pid;
error_log $tmp/errors notice;
$1
events { worker_connections 64; }
http {
	access_log $tmp/access;
	client_body_temp_path $tmp/bodies;
	proxy_temp_path $tmp/bodies;
	fastcgi_temp_path $tmp/bodies;
	uwsgi_temp_path $tmp/bodies;
	scgi_temp_path $tmp/bodies;
	server {
		listen 127.0.0.1:$port;
		root $tmp/root;
		location /moved { return 302 /; }
	}
}
END
	[ "$(id -u)" = 0 ] || sed -i '/^user/d' "$tmp/conf"
}

get() {
	curl -s -m 10 -o "$tmp/body" -w '%{http_code} ' \
		"http://127.0.0.1:$port/$1"
	cksum <"$tmp/body"
}

ask() {
	echo "$1"
	for path in '' numbers moved missing; do
		get "$path"
	done
}

# Those that are not about to end.
workers() {
	[ "$(pgrep -P "$1" -f 'worker process$' -c)" = "$2" ]
}

has() {
	[ -s "$1" ]
}

others() {
	now=$(pgrep -P "$1" -f 'worker process$' | sort | tr '\n' ' ')
	[ "$now" != "$before" ] && workers "$1" 2
}

# What is preloaded into that process.
loaded() {
	grep -q libvspawn.so "/proc/$1/maps" && echo loaded
}

scenario() {
	rm -f "$tmp/pid" "$tmp/errors" "$tmp/access"
	# It needs its whole path for that. In the foreground it would not let its binary be replaced.
	in_mode "$1" VSPAWN_CHILDREN="${children-inherit}" \
		"$(command -v nginx)" -p "$tmp" -e "$tmp/errors" -c "$tmp/conf"
	echo "status $?"
	until_true has "$tmp/pid"
	old=$(cat "$tmp/pid")
	servers=$old
	until_true workers "$old" 2
	ask started
	before=$(pgrep -P "$old" -f 'worker process$' | sort | tr '\n' ' ')
	kill -KILL "${before%% *}"
	until_true others "$old"
	ask 'a worker killed'
	before=$now
	kill -HUP "$old"
	until_true others "$old"
	ask reloaded
	kill -USR2 "$old"
	until_true has "$tmp/pid.oldbin"
	until_true has "$tmp/pid"
	new=$(cat "$tmp/pid")
	servers="$old $new"
	until_true workers "$new" 2
	[ "$(loaded "$old")" = "$(loaded "$new")" ] ||
		fail "$1: preloaded into only one of old and new"
	kill -WINCH "$old"
	until_true workers "$old" 0
	ask 'new binary'
	kill -QUIT "$old"
	until_true gone "$old"
	ask 'old binary gone'
	kill -QUIT "$new"
	until_true gone "$new"
	servers=
	wc -l <"$tmp/access"
	grep -oE '\[(alert|emerg|crit|error)\].*' "$tmp/errors" |
		sed "s|$tmp|TMP|g;s/[0-9][0-9]*#.*: //;s/process [0-9]*/process/" |
		grep -v 'open() ".*missing" failed'
}

# It cleans the environment of the new binary unless told otherwise.
configure 'env LD_PRELOAD; env VSPAWN_FORK; env VSPAWN_STATS;'
in_all_modes scenario
rolled_back txn nginx 'system call'
committed txn nginx
children=keep
configure ''
in_all_modes scenario

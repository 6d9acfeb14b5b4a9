#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# timeout: 400
# packages: mariadbd:mariadb-server mariadb:mariadb-client
# mariadb: its installation by scripts, which run it; its safe wrapper, which
# starts it again when it is killed; dumps through pipes.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs mariadbd mariadb mariadb-install-db mariadbd-safe mariadb-dump
server_folder
[ "$user" != nobody ] || ! id mysql >/dev/null 2>&1 || user=mysql

sql() {
	mariadb --no-defaults -u root -S "$tmp/socket" -N "$@" 2>/dev/null
}

up() {
	sql -e 'select 1' >/dev/null
}

other_server() {
	now=$(cat "$tmp/pid" 2>/dev/null)
	[ "$now" ] && [ "$now" != "$before" ] && up
}

scenario() {
	rm -rf "$tmp/data"
	mkdir "$tmp/data"
	chown "$user" "$tmp/data" "$tmp"
	in_mode "$1" mariadb-install-db --no-defaults --user="$user" \
		--datadir="$tmp/data" --skip-test-db \
		--auth-root-authentication-method=normal \
		>"$tmp/install.log" 2>&1 || {
		tail "$tmp/install.log" >&2
		fail "$1: installation"
	}
	start "$1" mariadbd-safe --no-defaults --user="$user" \
		--datadir="$tmp/data" --socket="$tmp/socket" \
		--pid-file="$tmp/pid" --skip-networking \
		--log-error="$tmp/errors" --innodb-buffer-pool-size=64M
	until_true up
	sql -e 'create database d; use d;
		create table t (a int primary key, b varchar(40)) engine=innodb;
		insert into t select seq, md5(seq) from seq_1_to_20000;
		select count(*), max(b) from t'
	before=$(cat "$tmp/pid")
	[ "$1" = native ] || grep -q libvspawn "/proc/$before/maps" ||
		fail "not preloaded"
	in_mode "$1" mariadb-dump --no-defaults -u root -S "$tmp/socket" \
		--skip-dump-date d | cksum
	kill -KILL "$before"
	until_true other_server
	sql -e 'select count(*), sum(a) from d.t; check table d.t'
	in_mode "$1" mariadb-admin --no-defaults -u root -S "$tmp/socket" \
		shutdown
	echo "shutdown $?"
	ended "$server"
}
in_all_modes scenario

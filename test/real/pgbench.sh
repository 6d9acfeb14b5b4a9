#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# timeout: 300
# packages: /usr/lib/postgresql/15/bin/pgbench:postgresql
# pgbench with a connection, so a fork of postgres, for each transaction; what
# it counts and the sums of what it changed have to agree.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
bin=
for folder in /usr/lib/postgresql/*/bin; do
	[ -x "$folder/pgbench" ] && [ -x "$folder/initdb" ] && bin=$folder
done
[ "$bin" ] || skip "no postgres with pgbench"
seconds=${PGBENCH_SECONDS:-20}
server_folder
# It refuses to be root.
as=
if [ "$(id -u)" = 0 ]; then
	needs setpriv
	as="setpriv --reuid $user --regid $group --clear-groups"
fi
PGHOST=$tmp PGUSER=postgres PGDATABASE=postgres
export PGHOST PGUSER PGDATABASE

sql() {
	"$bin/psql" -qAt -c "$1"
}

up() {
	sql 'select 1' >/dev/null 2>&1
}

# number WHAT: of pgbench's summary.
number() {
	sed -n "s/^number of $1: \([0-9]*\).*/\1/p" "$tmp/summary.pgbench"
}

scenario() {
	rm -rf "$tmp/data" "$tmp/log"
	mkdir "$tmp/data"
	chown "$user" "$tmp" "$tmp/data"
	# shellcheck disable=SC2086
	in_mode "$1" $as "$bin/initdb" -D "$tmp/data" --no-sync -A trust \
		-U "$PGUSER" >"$tmp/initdb.log" 2>&1 || {
		tail -n 5 "$tmp/initdb.log" >&2
		fail "$1: initdb"
	}
	# shellcheck disable=SC2086
	start "$1" $as "$bin/postgres" -D "$tmp/data" -k "$tmp" \
		-c listen_addresses= -c fsync=off
	until_true up
	[ "$1" = native ] || grep -q libvspawn "/proc/$server/maps" ||
		fail "not preloaded"
	"$bin/pgbench" -i -q -s 4 2>"$tmp/log.pgbench" || {
		tail -n 5 "$tmp/log.pgbench" >&2
		fail "$1: pgbench -i"
	}
	"$bin/pgbench" -C -c 4 -T "$seconds" >"$tmp/summary.pgbench" \
		2>"$tmp/log.pgbench" || {
		tail -n 5 "$tmp/log.pgbench" >&2
		fail "$1: pgbench"
	}
	done=$(number 'transactions actually processed')
	failed=$(number 'failed transactions')
	echo "$1: $done transactions, $failed failed" >&2
	[ "$done" -gt 0 ] || fail "$1: no transactions"
	# Those that do not count failures end with a status when there is one.
	[ "${failed:-0}" = 0 ] || fail "$1: $failed transactions failed"
	rows=$(sql 'select count(*) from pgbench_history')
	[ "$rows" = "$done" ] || fail "$1: $rows rows, $done transactions"
	sums=$(sql "select (select sum(delta) from pgbench_history),
		(select sum(abalance) from pgbench_accounts),
		(select sum(tbalance) from pgbench_tellers),
		(select sum(bbalance) from pgbench_branches)")
	[ "$(echo "$sums" | tr '|' '\n' | sort -u | wc -l)" = 1 ] ||
		fail "$1: different sums: $sums"
	sql 'select count(*) from pgbench_accounts'
	kill -INT "$server"
	ended "$server"
	servers=
	! grep -E 'PANIC|could not fork|terminated by signal' \
		"$tmp/log" >&2 || fail "$1: see the server's messages above"
}
in_all_modes scenario
in_use auto postgres
rolled_back txn postgres 'system call'

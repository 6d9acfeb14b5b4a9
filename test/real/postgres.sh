#!/bin/sh
# SPDX-License-Identifier: MIT
# postgres forks a server process per connection, with its shared memory.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
bin=
for folder in /usr/lib/postgresql/*/bin; do
	[ -x "$folder/initdb" ] && bin=$folder
done
[ "$bin" ] || skip "no postgres"
user=$(id -u)
if [ "$user" = 0 ]; then
	needs setpriv
	user=$(id -u postgres 2>/dev/null || id -u nobody)
fi
temporary_folder
chmod 755 "$tmp"
data=$tmp/data
mkdir "$data"
chown "$user" "$data"
# Where the other user can read it.
cp "$lib" "$tmp/libvspawn.so" || exit 1
chmod 755 "$tmp/libvspawn.so"
lib=$tmp/libvspawn.so

as_user() {
	if [ "$(id -u)" = 0 ]; then
		mode=$1
		shift
		in_mode "$mode" setpriv --reuid "$user" --clear-groups "$@"
	else
		in_mode "$@"
	fi
}

cleanup() {
	as_user native "$bin/pg_ctl" -D "$data/db" -m immediate stop \
		>/dev/null 2>&1
}

sql() {
	as_user native "$bin/psql" -h "$data" -d postgres -qAt -c "$1"
}

# The archiver calls system(); a segment that cannot be kept is tried again.
archive="-c archive_mode=on -c archive_command=$data/archive"
mkdir "$data/kept"
chown "$user" "$data/kept"
cat >"$data/archive" <<END
#!/bin/sh
cd "$data/kept" || exit 1
[ -e tried ] || { >tried; exit 1; }
echo kept >>segments
END
chmod 755 "$data/archive"

# archived: within 20 seconds.
archived() {
	tries=0
	until [ -s "$data/kept/segments" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || fail "$1: nothing archived"
		sleep 0.1
	done
	rm "$data/kept/segments" "$data/kept/tried"
}

one_mode() {
	rm -rf "$data/db"
	as_user "$1" "$bin/initdb" -D "$data/db" --no-sync -A trust \
		-U postgres >"$tmp/initdb.log" 2>&1 || {
		tail -n 5 "$tmp/initdb.log"
		fail "$1: initdb"
	}
	as_user "$1" "$bin/pg_ctl" -D "$data/db" -w -l "$data/log" -o \
		"-k $data -c listen_addresses= -c fsync=off $archive" start \
		>/dev/null || fail "$1: start"
	export PGUSER=postgres
	sql 'create table t (a int, b text)'
	sql "insert into t select i, md5(i::text) from
		generate_series(1, 50000) i"
	sql 'create index on t (b)'
	for n in 1 2 3 4 5 6 7 8; do
		(sql "select sum(a), max(b) from t where a % $n = 0" &&
			sql "update t set a = a where a = $n") \
			>"$tmp/query.$n" &
		queries="${queries-} $!"
	done
	for query in $queries; do
		wait "$query" || fail "$1: a query"
	done
	queries=
	cat "$tmp"/query.* >"$tmp/$1.out"
	# Parallel workers, and the archiver-like use of system().
	sql 'set max_parallel_workers_per_gather = 2;
		set parallel_setup_cost = 0; set min_parallel_table_scan_size = 0;
		select count(*), sum(length(b)) from t' >>"$tmp/$1.out"
	sql "copy (select 'to a program') to program 'cat >$data/copied'"
	cat "$data/copied" >>"$tmp/$1.out"
	sql "copy t (b) from program 'seq 1 100'"
	sql "create database other"
	sql "select count(pg_switch_wal())" >>"$tmp/$1.out"
	archived "$1"
	sql "vacuum analyze t"
	sql "select count(*) from t" >>"$tmp/$1.out"
	# A crash of one server process restarts all of them.
	sql "select pg_terminate_backend(pg_backend_pid())" 2>/dev/null
	sql "select 'alive'" >>"$tmp/$1.out" || fail "$1: after termination"
	as_user "$1" "$bin/pg_ctl" -D "$data/db" -w -m fast stop >/dev/null ||
		fail "$1: stop"
	grep -E 'PANIC|FATAL: *could not|was terminated by signal' \
		"$data/log" && fail "$1: see the server's messages above"
	rm -f "$data/log"
}

for run in native auto txn; do
	one_mode "$run"
	diff "$tmp/native.out" "$tmp/$run.out" || fail "$run: other results"
	echo "$run: done"
done

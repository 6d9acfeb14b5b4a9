#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: cron unshare:util-linux
# cron forks twice for each job and once for its mail. In all modes at once,
# for a minute; each with files of its own in the places where cron wants them.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
[ "$(id -u)" = 0 ] || skip "cron wants to be root"
needs cron unshare
unshare -m mount -t tmpfs none /run 2>/dev/null || skip "no mount namespaces"
server_folder

cat >"$tmp/start" <<'EOF'
tabs=$1
shift
mount --bind "$tabs" /var/spool/cron/crontabs &&
	mount --bind /dev/null /etc/crontab &&
	mount -t tmpfs none /etc/cron.d && mount -t tmpfs none /run &&
	exec env "$@" cron -f
EOF
for run in native auto txn; do
	mkdir "$tmp/$run" "$tmp/$run/tabs"
	chmod 777 "$tmp/$run"
	set -- A=b
	[ "$run" = native ] ||
		set -- VSPAWN_FORK="$run" LD_PRELOAD="$lib"
	cat >"$tmp/table" <<END
COLOUR=red
HOME=/usr
MAILTO=""
* * * * * (echo job; echo \$COLOUR; id -un; pwd; cat) >$tmp/$run/one%input%more
* * * * * exit 3
* * * * * kill -KILL \$\$
* * * * * echo output; sleep 1; echo done >$tmp/$run/done
END
	for name in root "$user"; do
		sed "s|$tmp/$run/|&$name.|" "$tmp/table" >"$tmp/$run/tabs/$name"
		chown "$name:" "$tmp/$run/tabs/$name"
		chmod 600 "$tmp/$run/tabs/$name"
	done
	start native unshare -m sh "$tmp/start" "$tmp/$run/tabs" "$@"
done

finished() {
	tries=0
	until [ -s "$tmp/$1/root.done" ] && [ -s "$tmp/$1/$user.done" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 900 ] || fail "$1: no job in 90 seconds"
		sleep 0.1
	done
}

for run in native auto txn; do
	finished "$run"
	cat "$tmp/$run"/*.one "$tmp/$run"/*.done >"$tmp/$run.out"
	diff "$tmp/native.out" "$tmp/$run.out" || fail "$run"
done
cat "$tmp/native.out"
loaded=0
for pid in $servers; do
	! grep -q libvspawn.so "/proc/$pid/maps" || loaded=$((loaded + 1))
done
[ "$loaded" = 2 ] || fail "preloaded into $loaded, not 2"

#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: /usr/sbin/php-fpm8.2:php-fpm cgi-fcgi:libfcgi-bin pgrep:procps
# php-fpm: workers that never exec, killed and made anew, reloaded by an exec
# of the master; proc_open and exec in a worker.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs cgi-fcgi pgrep
fpm=
for path in /usr/sbin/php-fpm*; do
	[ -x "$path" ] && fpm=$path
done
[ "$fpm" ] || skip "no php-fpm"
server_folder
cat >"$tmp/conf" <<END
[global]
daemonize = no
pid = $tmp/pid
error_log = $tmp/errors
[www]
listen = $tmp/socket
pm = static
pm.max_children = 2
catch_workers_output = yes
request_terminate_timeout = 20
env[PATH] = $PATH
END
[ "$(id -u)" != 0 ] || printf 'user = %s\nlisten.owner = %s\n' "$user" \
	"$user" >>"$tmp/conf"

cat >"$tmp/page.php" <<'EOF'
<?php
$big = str_repeat("x", 50000000);
$p = proc_open("cat; id -un; exit 3", [["pipe", "r"], ["pipe", "w"]], $pipes, "/usr");
fwrite($pipes[0], "in ");
fclose($pipes[0]);
echo stream_get_contents($pipes[1]), proc_close($p), " ";
echo exec("echo exec; exit 4", $lines, $status), $status, " ", strlen($big);
EOF
chmod 644 "$tmp/page.php"

get() {
	SCRIPT_FILENAME=$tmp/page.php REQUEST_METHOD=GET \
		timeout 20 cgi-fcgi -bind -connect "$tmp/socket" 2>/dev/null |
		tr -d '\r' | sed '1,/^$/d'
	echo
}

answers() {
	get | grep -q 50000000
}

workers() {
	pgrep -P "$server" | sort | tr '\n' ' '
}

renewed() {
	now=$(workers)
	[ "$now" ] && [ "$now" != "$before" ] && answers
}

scenario() {
	rm -f "$tmp/socket" "$tmp/errors"
	start "$1" "$fpm" -n -d memory_limit=-1 -y "$tmp/conf"
	until_true answers
	get
	before=$(workers)
	kill -KILL "${before%% *}"
	until_true renewed
	get
	before=$(workers)
	kill -USR2 "$server"
	until_true renewed
	get
	[ "$1" = native ] || grep -q libvspawn "/proc/$server/maps" ||
		fail "$1: reloaded without the library"
	kill -QUIT "$server"
	ended "$server"
	grep -oE '(WARNING|ALERT|ERROR).*' "$tmp/errors" |
		sed 's/child [0-9]*/child/;s/after .*//' | sort -u
}
in_all_modes scenario
# Workers count themselves in memory that all share.
rolled_back txn php-fpm 'shared memory'

#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: apache2 curl pgrep:procps
# apache2, the prefork MPM: servers that never exec, started, killed, reloaded;
# mod_cgi, piped logs, SSI, which do.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs apache2 curl pgrep
modules=/usr/lib/apache2/modules
[ -f "$modules/mod_cgi.so" ] || skip "no mod_cgi"
server_folder
mkdir "$tmp/root" "$tmp/cgi"
free_port
{
	for module in mpm_prefork authz_core mime dir alias cgi env include \
		filter; do
		echo "LoadModule ${module}_module $modules/mod_$module.so"
	done
	cat <<END
ServerRoot $tmp
ServerName localhost
Listen 127.0.0.1:$port
PidFile $tmp/pid
Mutex file:$tmp
DefaultRuntimeDir $tmp
ErrorLog "|\$/bin/cat >>$tmp/errors"
LogFormat "%r %>s %b" short
CustomLog "|$tmp/logger $tmp/access" short
StartServers 3
MinSpareServers 2
MaxSpareServers 3
TypesConfig /etc/mime.types
DocumentRoot $tmp/root
DirectoryIndex index.html
PassEnv LD_PRELOAD VSPAWN_FORK VSPAWN_STATS
ScriptAlias /cgi/ $tmp/cgi/
AddOutputFilter INCLUDES .shtml
<Directory $tmp>
	Options +ExecCGI +Includes
	Require all granted
</Directory>
END
	[ "$(id -u)" != 0 ] || printf 'User %s\nGroup %s\n' "$user" "$group"
} >"$tmp/conf"

script() {
	{
		echo '#!/bin/sh'
		cat
	} >"$1"
	chmod 755 "$1"
}
script "$tmp/logger" <<'END'
exec cat >>"$1"
END
script "$tmp/cgi/hello" <<'END'
printf 'Content-Type: text/plain\n\n'
echo "$REQUEST_METHOD $QUERY_STRING $0" | sed 's|/.*/||'
id -un
ls /proc/self/fd | wc -l
cat | cksum
echo "$(umask) $(ulimit -n)"
END
script "$tmp/cgi/broken" <<'END'
echo to the log >&2
exit 3
END
script "$tmp/cgi/killed" <<'END'
kill -KILL $$
END
printf '#!/no/such/interpreter\n' >"$tmp/cgi/none"
chmod 755 "$tmp/cgi/none"
echo hello >"$tmp/root/index.html"
cat >"$tmp/root/a.shtml" <<'END'
<!--#exec cmd="echo $((6 * 7)); exit 3"-->,<!--#include virtual="/cgi/hello?in"-->
END

get() {
	url=http://127.0.0.1:$port/$1
	shift
	curl -s -m 20 -w '%{http_code}\n' "$@" "$url" |
		grep -v "$port\|<"
}

answers() {
	curl -s -m 5 -o "$tmp/body" "http://127.0.0.1:$port/"
}

new_first() {
	now=$(pgrep -o -P "$server" -f "$tmp/conf")
	[ "$now" ] && [ "$now" != "$first" ] && answers
}

scenario() {
	# shellcheck disable=SC2086
	start "$1" $as "$(command -v apache2)" -D FOREGROUND -f "$tmp/conf"
	until_true answers
	get ''
	get 'cgi/hello?query'
	seq 1 30000 >"$tmp/post"
	get cgi/hello --data-binary "@$tmp/post"
	for path in cgi/broken cgi/killed cgi/none a.shtml; do
		get "$path"
	done
	for n in 1 2 3 4 5 6 7 8; do
		get "cgi/hello?$n" >"$tmp/get.$n" &
		clients="${clients-} $!"
	done
	for client in $clients; do
		wait "$client"
	done
	clients=
	cat "$tmp"/get.*
	for signal in KILL HUP USR1; do
		first=$(pgrep -o -P "$server" -f "$tmp/conf")
		case $signal in
		KILL) kill -KILL "$first" ;;
		*) kill -$signal "$server" ;;
		esac
		until_true new_first
		echo "$signal"
		get "cgi/hello?$signal"
	done
	kill -WINCH "$server"
	ended "$server"
	grep -oE 'End of script.*|to the log|exit signal .*' "$tmp/errors" | sort
	# OPTIONS: by itself, to wake servers that it has too many of.
	sort "$tmp/access" | grep -v '^GET / \|?[A-Z]\|^OPTIONS \*'
	rm "$tmp/errors" "$tmp/access"
	servers=
}
# As a user who stays who he is; then, if possible, with servers that drop root.
as=
if [ "$(id -u)" = 0 ]; then
	needs setpriv
	chown "$user" "$tmp"
	as="setpriv --reuid $user --regid $group --clear-groups"
fi
in_all_modes scenario
committed txn apache2
if [ "$(id -u)" = 0 ]; then
	as=
	in_all_modes scenario
	committed txn apache2
	# One of them is root's, which made the others.
	[ "$(grep -c 'committed [1-9]' "$tmp/summary")" -gt 1 ] ||
		no_transactions "$tmp/summary" ||
		fail "servers that dropped root: no transaction"
fi

#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: squid curl perl
# squid's helpers: forked and exec'd at the start, again when they die, and all
# anew when it is told to read its settings again.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs squid curl perl
server_folder
chown "$user" "$tmp"

cat >"$tmp/rewrite" <<'EOF'
#!/usr/bin/perl
$| = 1;
while (<STDIN>) {
	exit 1 if m{/die};
	print m{/moved} ? "OK status=302 url=http://example.org/\n" : "ERR\n";
}
EOF
cat >"$tmp/acl" <<'EOF'
#!/usr/bin/perl
$| = 1;
print m{/denied} ? "ERR\n" : "OK\n" while <STDIN>;
EOF
chmod 755 "$tmp/rewrite" "$tmp/acl"
free_port
cat >"$tmp/conf" <<END
http_port 127.0.0.1:$port
visible_hostname localhost
pid_filename $tmp/pid
cache_log $tmp/cache.log
access_log none
coredump_dir $tmp
cache_mem 8 MB
cache deny all
pinger_enable off
shutdown_lifetime 1 seconds
url_rewrite_program $tmp/rewrite
url_rewrite_children 3 startup=3 idle=1
external_acl_type check ttl=0 negative_ttl=0 children-max=2 children-startup=2 %URI $tmp/acl
acl checked external check
http_access allow checked
http_access deny all
END
[ "$(id -u)" != 0 ] || echo "cache_effective_user $user" >>"$tmp/conf"

get() {
	curl -s -m 20 -o "$tmp/body" -w "$1 %{http_code} %{redirect_url}\\n" \
		-x "http://127.0.0.1:$port" "http://127.0.0.1:1/$1"
}

answers() {
	get moved | grep -q ' 302 '
}

# Whose helpers are others than before.
renewed() {
	now=$(pgrep -f "$tmp/acl" | sort | tr '\n' ' ')
	[ "$now" ] && [ "$now" != "$before" ] && answers
}

scenario() {
	# By a name, or one that was killed is in its way, in /dev/shm.
	start "$1" squid -N -n "vspawn$$" -f "$tmp/conf"
	until_true answers
	[ "$1" = native ] || grep -q libvspawn "/proc/$server/maps" ||
		fail "not preloaded"
	get moved
	get denied
	get plain
	get die >"$tmp/ignored"
	until_true answers
	before=$(pgrep -f "$tmp/acl" | sort | tr '\n' ' ')
	kill -HUP "$server"
	until_true renewed
	get denied
	get moved
	kill -TERM "$server"
	ended "$server"
	grep -cE 'FATAL|assertion' "$tmp/cache.log"
}
in_all_modes scenario
# It talks to them before the exec.
rolled_back txn squid 'system call'

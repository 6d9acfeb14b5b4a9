#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# timeout: 600
# packages: perl python3 ruby node:nodejs php:php-cli tclsh:tcl sbcl
# packages: guile:guile-3.0 racket chezscheme bash mksh zsh ctest:cmake
# packages: find:findutils xargs:findutils git script:bsdutils vim rsync socat
# packages: parallel curl lighttpd collectd:collectd-core
# Which part of the children that programs of 200 MB start are committed, with
# the settings as they are by default. Every child here becomes another program.
# But for zsh, which does not count: its children tell it first who they are.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
server_folder
cp "$hosts/ballast.so" "$tmp/ballast.so" || skip 'no ballast.so'
chmod 777 "$tmp"
cd "$tmp" || exit 1

committed=0 others=0 programs=0 failures=

# The calls of fork() and the like in the summaries of the big programs, by
# engine; why they were undone, or native.
count() {
	awk -v names=",$2," '
		/^vspawn: pid/ {
			name = $4
			gsub(/[()]/, "", name)
			on = index(names, "," name ",")
		}
		!on { next }
		/^(fork|_Fork|__fork|forkpty) / && $2 == "txn" { c += $3 }
		/^(fork|_Fork|__fork|forkpty) / && $2 == "native" { n += $3 }
		/^    by/ { why = why "; " $2 " " $3 }
		/^  rolled back/ || /^  native/ {
			at = $2
			if ($1 == "rolled")
				at = $3
			sub(/^ *[a-z ]*[0-9]+  /, "")
			why = why "; " at " " $0
		}
		END { print c + 0, n + 0, why }' "$1"
}

# report NAME: what its summaries say.
report() {
	count "$tmp/$1.stats" "$names" >"$tmp/counted"
	read -r yes no why <"$tmp/counted"
	[ $((yes + no)) -gt 0 ] || {
		echo "$1: no fork at all"
		return
	}
	printf '%-12s %3d of %3d%s\n' "$1" "$yes" $((yes + no)) "$why"
	[ "$1" != zsh ] || return 0
	programs=$((programs + 1))
	committed=$((committed + yes)) others=$((others + no))
	[ "$yes" -gt 0 ] || no_transactions "$tmp/$1.stats" ||
		failures="$failures $1"
}

# big NAMES COMMAND...: preloaded, programs of those names with 200 MB.
big() {
	names=$1
	shift
	: >"$tmp/$program.stats"
	chmod 666 "$tmp/$program.stats"
	env BALLAST=",$names," VSPAWN_STATS="$tmp/$program.stats" \
		LD_PRELOAD="$lib $tmp/ballast.so" "$@" </dev/null >>"$tmp/log" 2>&1
}

# try PROGRAM [NAMES] COMMAND...: that ends by itself.
try() {
	program=$1
	command -v "$1" >/dev/null || return
	names=$2
	shift 2
	big "$names" "$@"
	report "$program"
}

# serve PROGRAM COMMAND...: as try, until `visit` has been six times.
serve() {
	program=$1
	names=$1
	command -v "$1" >/dev/null || return
	shift
	: >"$tmp/$program.stats"
	chmod 666 "$tmp/$program.stats"
	setsid env BALLAST=",$names," VSPAWN_STATS="$tmp/$program.stats" \
		LD_PRELOAD="$lib $tmp/ballast.so" "$@" </dev/null \
		>>"$tmp/log" 2>&1 &
	server=$!
	servers=$server
	sleep 1
	for n in 1 2 3 4 5 6; do
		visit "$n" >>"$tmp/log" 2>&1
	done
	kill "$server"
	tries=0
	until gone "$server" || [ $((tries += 1)) -gt 50 ]; do
		sleep 0.1
	done
	cleanup
	report "$program"
}

# ---- languages ----

cat >t.pl <<'EOF'
for (1 .. 5) {
	system("true;"); `true`; open(my $f, "-|", "true"); close $f;
	my $p = fork();
	if (!$p) { $) = "0 0"; setpgrp(0, 0); open STDIN, "</dev/null"; exec "true" }
	waitpid($p, 0);
}
EOF
cat >t.py <<'EOF'
import os, pty, subprocess
for i in range(5):
    subprocess.run(["true"], preexec_fn=os.setsid)
    subprocess.run(["true"], preexec_fn=lambda: os.umask(0), close_fds=True)
    p = os.fork()
    if not p:
        os.execv("/bin/true", ["true"])
    os.waitpid(p, 0)
    p, fd = pty.fork()
    if not p:
        os.execv("/bin/true", ["true"])
    os.waitpid(p, 0)
    os.close(fd)
EOF
cat >t.rb <<'EOF'
require "open3"
require "pty"
5.times do
  `true;`
  Process.wait(spawn("true", close_others: true, pgroup: true))
  Open3.capture3("cat", stdin_data: "x")
  Process.wait(fork { exec "true" })
  PTY.spawn("true") { |_, _, p| Process.wait p }
end
EOF
cat >t.js <<'EOF'
const c = require("child_process");
for (let i = 0; i < 5; i++) {
	c.spawnSync("true");
	c.execSync("true");
	c.spawn("true", { detached: true, stdio: "ignore" });
}
EOF
cat >t.php <<'EOF'
<?php
for ($i = 0; $i < 5; $i++) {
	$p = proc_open("true", [1 => ["pipe", "w"]], $pipes);
	fclose($pipes[1]);
	proc_close($p);
}
EOF
cat >t.tcl <<'EOF'
for {set i 0} {$i < 5} {incr i} { exec true; exec true | cat }
EOF
cat >t.lisp <<'EOF'
(dotimes (i 5)
  (sb-ext:run-program "/bin/true" nil)
  (sb-ext:run-program "/bin/true" nil :pty t))
EOF
cat >t.scm <<'EOF'
(use-modules (ice-9 popen))
(do ((i 0 (+ i 1))) ((= i 5))
  (system* "true")
  (close-pipe (open-input-pipe "true")))
EOF
cat >t.ss <<'EOF'
(do ((i 0 (+ i 1))) ((= i 5))
  (call-with-values (lambda () (open-process-ports "true"))
    (lambda (a b c d) (close-port a) (close-port b) (close-port c))))
EOF
try perl perl perl t.pl
try python3 python3,python3.11,python3.12,python3.13 python3 t.py
try ruby ruby ruby t.rb
try node node,nodejs node t.js
try php php,php8.2,php8.4 php t.php
try tclsh tclsh,tclsh8.6 tclsh t.tcl
try sbcl sbcl sbcl --noinform --non-interactive --load t.lisp
try guile guile,guile-3.0 guile --no-auto-compile t.scm
try chezscheme chezscheme chezscheme --script t.ss
try racket racket racket -e '(for ([i 5]) (system "true"))'

# ---- shells, tools ----

# shellcheck disable=SC2016
commands='for i in 1 2 3 4 5; do /bin/true; x=`/bin/true`
	/bin/echo a | /bin/cat; /bin/true & wait; done'
for shell in bash mksh zsh; do
	try "$shell" "$shell" "$shell" -c "$commands"
done
printf 'add_test(%s /bin/true)\n' a b c >CTestTestfile.cmake
try ctest ctest ctest
try find find find . -name 't.*' -exec true '{}' ';'
try xargs xargs xargs -n 1 true
command -v git >/dev/null && {
	git init -q repository
	printf '#!/bin/sh\ntrue\n' >repository/.git/hooks/pre-commit
	chmod 755 repository/.git/hooks/pre-commit
}
try git git git -C repository -c user.name=a -c user.email=a@b \
	-c alias.x='!true' commit -q --allow-empty -m x
try script script script -qc true /dev/null
try vim vim,vim.basic,vim.tiny vim -es -u NONE -c 'silent! !true' \
	-c 'silent! r !true' -c 'call system("true")' -c 'qa!'
mkdir from to
touch from/file
printf '#!/bin/sh\nshift\nexec "$@"\n' >remote
chmod 755 remote
try rsync rsync rsync -a -e "$tmp/remote" from/ "host:$tmp/to/"
try socat socat socat -u EXEC:true /dev/null
try parallel perl,parallel parallel --will-cite true ::: 1 2 3

# ---- servers ----

visit() {
	sleep 0.5
}
printf '#!/bin/sh\necho "PUTVAL x/exec/gauge-a interval=1 N:1"\n' >plugin
chmod 755 plugin
cat >collectd.conf <<END
BaseDir "$tmp"
Interval 1
LoadPlugin exec
<Plugin exec>
	Exec "nobody:nogroup" "$tmp/plugin"
</Plugin>
END
[ "$(id -u)" != 0 ] || serve collectd collectd -f -C "$tmp/collectd.conf" \
	-P "$tmp/collectd.pid"

visit() {
	curl -s "http://127.0.0.1:$port/x.cgi"
}
free_port
printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nx"\n' >x.cgi
chmod 755 x.cgi
cat >lighttpd.conf <<END
server.document-root = "$tmp"
server.port = $port
server.bind = "127.0.0.1"
server.modules = ("mod_cgi")
cgi.assign = (".cgi" => "")
END
serve lighttpd lighttpd -D -f "$tmp/lighttpd.conf"

[ "$programs" -gt 0 ] || skip 'none of the programs is here'
echo "$programs programs: $committed of $((committed + others)) committed," \
	"$((committed * 100 / (committed + others))) %"
[ ! "$failures" ] || fail "no child committed:$failures"

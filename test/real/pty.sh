#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# timeout: 300
# packages: expect zsh bash ksh mksh
# Shells on a terminal: jobs that are stopped by a key, continued, put in the
# background and brought back, interrupted.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs expect
server_folder

cat >"$tmp/typist" <<'EOF'
set timeout 30
log_user 0
proc answer {until} {
	expect {
		$until { puts [string trimright $expect_out(buffer)] }
		timeout { puts "TIMEOUT: $expect_out(buffer)"; exit 1 }
		eof { puts "END: $expect_out(buffer)"; exit 1 }
	}
}
proc type {line} { send "$line\r"; answer "@ready@" }
# A job that says that it runs; then a key for it.
proc job {line key} {
	send "$line\r"
	answer "running"
	send $key
	answer "@ready@"
}
set stopped "jobs >\$HOME/jobs; grep -qi -e stopped -e suspended \$HOME/jobs"
# And wait until the shell knows.
proc kill_job {} {
	global stopped
	type "kill -KILL %%; while $stopped; do sleep 0.1; done; echo killed"
}
eval spawn -noecho $argv
send "stty -echo noflsh; PS1='@re''ady@'\r"
expect "@ready@"
exec cp /proc/[exp_pid]/maps $env(HOME)/maps
set run "sh -c 'echo running; exec sleep 60'"
# Nothing that forks: a shell that is in vfork() cannot be stopped.
set again "sh -c 'trap \"echo ag\${no}ain\" CONT; echo running; while :; do :; done'"
type "echo one | cat; (exit 4); echo \$?"
job $again \032
type "$stopped; echo \$?"
send "fg\r"
answer "again"
send \003
answer "@ready@"
type "echo status \$?"
job $run \003
type "echo status \$?"
job "sh -c 'echo running; cat; echo end of file; exit 6'" \004
type "echo status \$?"
job "sh -c 'trap \"echo caught; exit 7\" INT; echo running; while :; do :; done'" \003
type "echo status \$?"
job $run \032
kill_job
type "sh -c 'kill -STOP \$\$; echo continued; exit 3'"
type "fg; echo status \$?"
type "(sleep 0.2; exit 5) & wait \$!; echo waited \$?"
type "set -- \$(sh -c 'ps -o pgid=,tpgid= -p \$\$'); test \$1 = \$2; echo \$?"
type "sh -c 'test \$(ps -o pgid= -p \$\$) = \$(ps -o tpgid= -p \$\$)'; echo \$?"
type "true | sh -c 'tty </dev/tty >/dev/null && echo terminal'"
type "cat /dev/tty & until $stopped; do sleep 0.1; done; echo stopped"
kill_job
type "x=\$(echo \$(echo nested)); echo \$x"
type "stty -a | grep -o -e '-echo '"
send "exit 9\r"
expect {
	timeout { puts "still here"; exit 1 }
	eof
}
puts "shell [lindex [wait] 3]"
EOF

# Not what a shell says of its jobs, and when.
once() {
	# shellcheck disable=SC2086
	in_mode "$1" TERM=dumb HOME="$tmp" HISTFILE= expect "$tmp/typist" $shell |
		tr -d '\r' | sed '/@ready@/d;/^\[[0-9]*\]/d;/^$/d'
}

# ksh93 loses track of a stopped job in one run of ten, natively as well: it
# may try again to do what it did natively twice in a row, with its job.
scenario() {
	tries=1
	case $shell in ksh93*) tries=5 ;; esac
	if [ "$1" = native ] && [ $tries -gt 1 ]; then
		once native >"$tmp/expected"
		until once native >"$tmp/typed" &&
			! grep -q 'no such job' "$tmp/typed" &&
			cmp -s "$tmp/typed" "$tmp/expected"; do
			mv "$tmp/typed" "$tmp/expected"
		done
	fi
	while [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		once "$1" >"$tmp/typed"
		cmp -s "$tmp/typed" "$tmp/expected" && break
	done
	cat "$tmp/typed"
}
for shell in 'dash -i' 'bash --noediting --norc --noprofile -i' \
	'zsh -f +Z -i' 'ksh93 -i' 'mksh +o emacs -i'; do
	command -v "${shell%% *}" >/dev/null || continue
	echo "== $shell"
	in_all_modes scenario
	grep -q libvspawn.so "$tmp/maps" || fail "$shell: not preloaded"
	# It opens the terminal by its name.
	rolled_back txn expect 'system call'
done

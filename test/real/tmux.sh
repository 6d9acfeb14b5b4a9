#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: tmux
# tmux: a server that forks into a terminal for each pane, and runs commands.
# How a pane has ended is not asked: as it closes the terminal tmux has
# libutempter run a program, which takes SIGCHLD away meanwhile, so that tmux
# itself now and then does not know.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs tmux
server_folder

mux() {
	tmux -S "$tmp/socket" -f /dev/null "$@"
}

cleanup() {
	mux kill-server 2>/dev/null
}

said() {
	[ "$(cat "$tmp"/said.* 2>/dev/null | wc -l)" = "$1" ]
}

scenario() {
	in_mode "$1" SHELL=/bin/sh HOME="$tmp" tmux -S "$tmp/socket" -f /dev/null \
		new-session -d -x 80 -y 24 \; set-option -g remain-on-exit on \
		\; new-window "tty >/dev/null && echo terminal >$tmp/said.1; exit 3"
	pid=$(mux display-message -p '#{pid}')
	[ "$1" = native ] || grep -q libvspawn "/proc/$pid/maps" ||
		fail "not preloaded"
	# shellcheck disable=SC2016
	mux new-window 'kill -TERM $$'
	mux new-window -c /usr "pwd >$tmp/said.2"
	mux new-window -e COLOUR=red "echo \$COLOUR >$tmp/said.3"
	mux new-window "read -r line; echo \$line >$tmp/said.4; exit 4"
	mux send-keys typed Enter
	mux send-keys -t :0 "echo \$((6 * 7)) >$tmp/said.5; exit 5" Enter
	until_true said 5
	mux run-shell 'echo run; exit 6'
	mux run-shell 'exit 7'
	mux if-shell 'exit 1' 'display-message -p yes' 'display-message -p no'
	mux respawn-pane -k -t :0 "echo respawned >$tmp/said.6; exit 8"
	until_true said 6
	for n in 1 2 3 4 5 6 7 8; do
		mux new-window "echo $n >>$tmp/said.7.$n"
	done
	until_true said 14
	cat "$tmp"/said.*
	rm "$tmp"/said.*
	mux kill-server
	until_true gone "$pid"
}
in_all_modes scenario
committed txn tmux

# SPDX-License-Identifier: MIT
# What the programs of this folder share: how processes are started, measured
# and reported on, and what there is room and time for. Needs $library, $hosts
# (a folder), $scripts and $work; $room, $began, $quick (yes or empty) and
# $sizes (given by the user, or empty).
# shellcheck shell=sh disable=SC2154

now() {
	date +%s
}

# On a terminal one line that changes, else a line for each.
progress() {
	at="[$(($(now) - began)) s${step-}]"
	if [ -t 2 ]; then
		printf '\r%-78s\r%s' '' "${1:+$at $1}" >&2
	elif [ "$1" ]; then
		echo "$at $1" >&2
	fi
}

# Nothing of this library in what is called native, nor settings of whoever
# calls: what is measured is what the library does by itself.
alone() {
	for name in $(env | sed -n 's/^\(VSPAWN[A-Z_]*\)=.*/\1/p'); do
		unset "$name"
	done
	others=
	for so in $(echo "${LD_PRELOAD-}" | tr : ' '); do
		case $so in
		*libvspawn.so* | "$library") ;;
		*) others="$others${others:+:}$so" ;;
		esac
	done
	unset LD_PRELOAD
	[ ! "$others" ] || export LD_PRELOAD="$others"
	! grep -q libvspawn.so /proc/self/maps ||
		die '/etc/ld.so.preload: the library is in every program,' \
			'so that there is none to compare with'
}

# take_turns PLAN LINES: a plan for turns, and what it prints. Not in the
# foreground, where the shell would answer a signal only when it is over.
take_turns() {
	"$hosts/turns" <"$1" >"$2" 2>>"$work/errors" &
	running=$!
	wait "$running"
	set -- $?
	running=
	return "$1"
}

# ---- what there is room and time for ----

# MB that may be used: half of what is free, to the machine or the container.
allowance() {
	group=/sys/fs/cgroup/memory
	{
		sed -n 's/^MemAvailable: *\([0-9]*\).*/avail \1/p' /proc/meminfo
		for pair in "$group.max $group.current" \
			"$group/memory.limit_in_bytes $group/memory.usage_in_bytes"; do
			# shellcheck disable=SC2086
			cat $pair 2>/dev/null | tr '\n' ' ' | sed 's/^/group /'
			echo
		done
	} | awk '
		$1 == "avail" { mb = $2 / 1024 }
		$1 == "group" && $2 ~ /^[0-9]+$/ && NF >= 3 {
			left = ($2 - $3) / 1048576
			if (left < mb)
				mb = left
		}
		END { printf "%d\n", mb / 2 }'
}

# fits MB PROCESSES
fits() {
	[ $(($1 * $2)) -le "$room" ]
}

# The first of two for --quick, else the second.
pick() {
	if [ "$quick" ]; then
		echo "$1"
	else
		echo "$2"
	fi
}

# sizes QUICK FULL: in MB, if the user has not said.
sizes() {
	echo "${sizes:-$(pick "$1" "$2")}"
}

# leave_out WHAT: and why; it is said at the end.
leave_out() {
	echo "$1" >>"$work/left_out"
}

# late WHAT: nothing is begun after that many seconds; tests, which wait for all
# of it on any machine, say how many.
late() {
	limit=${BENCH_SECONDS:-$(pick 50 900)}
	[ $(($(now) - began)) -ge "$limit" ] || return 1
	leave_out "$1: after $limit s nothing more is begun"
}

# ---- processes ----

# The environment of each column.
preload() {
	echo "LD_PRELOAD=$1${LD_PRELOAD:+:$LD_PRELOAD}"
}
column() {
	case $1 in
	native | musl) ;;
	vspawn)
		echo "$(preload "$library")" \
			"${counted:+VSPAWN_STATS=$work/stats}"
		;;
	new) preload "$library" ;;
	old) preload "$old" ;;
	*) echo "$(preload "$library") VSPAWN_FORK=$1" ;;
	esac
}

# The interpreter itself: what is in the PATH may be a shell script that looks
# for it, which would be preloaded, too.
interpreter() {
	case $1 in
	perl) perl -MTime::HiRes -e 'print $^X' ;;
	python) python3 -c 'import sys; print(sys.executable)' ;;
	node) node -p process.execPath ;;
	ruby) ruby -rrbconfig -e 'puts RbConfig.ruby' ;;
	php) php -r 'echo PHP_BINARY;' ;;
	tcl) echo 'puts [info nameofexecutable]' | tclsh ;;
	java)
		java -XshowSettings:properties -version 2>&1 |
			sed -n 's|^ *java.home = \(.*\)|\1/bin/java|p'
		;;
	sbcl) command -v sbcl ;;
	esac 2>/dev/null
}

# command_of PROGRAM COLUMN MB ARGUMENT...: with its own binary for musl.
command_of() {
	program=$1 suffix=
	[ "$2" != musl ] || suffix=-musl
	shift 2
	case $program in
	malloc | mmap) echo "./host$suffix $* by=$program" ;;
	jemalloc | tcmalloc | mimalloc) echo "./host-$program $*" ;;
	perl) echo "$(interpreter perl) $scripts/latency.pl $1" ;;
	python) echo "$(interpreter python) $scripts/latency.py $1" ;;
	node) echo "$(interpreter node) $scripts/latency.js $1" ;;
	ruby) echo "$(interpreter ruby) $scripts/latency.rb $1" ;;
	php) echo "$(interpreter php) $scripts/latency.php $1" ;;
	tcl) echo "$(interpreter tcl) $scripts/latency.tcl $1" ;;
	sbcl)
		echo "$(interpreter sbcl) --dynamic-space-size $(($1 * 3 + 512))" \
			"--script $scripts/latency.lisp $1"
		;;
	java)
		echo "$(interpreter java)" \
			-Djdk.lang.Process.launchMechanism=FORK \
			"-Xms${1}m -Xmx$(($1 + $1 / 2 + 64))m -XX:+UseSerialGC" \
			"$scripts/Latency.java $1"
		;;
	esac
}

# there PROGRAM
there() {
	case $1 in
	malloc | mmap) [ -x "$hosts/host" ] ;;
	jemalloc | tcmalloc | mimalloc) [ -x "$hosts/host-$1" ] ;;
	*) [ -x "$(interpreter "$1")" ] ;;
	esac
}

# plan PROGRAM MB ARGUMENTS LABEL...: a process for each column of the labels,
# and their turns. Each label is COLUMN/METHOD.
plan() {
	of=$1 mb=$2 arguments=$3
	shift 3
	started=' '
	for label; do
		column=${label%%/*}
		case $started in
		*" $column "*) ;;
		*)
			started="$started$column "
			# shellcheck disable=SC2086
			echo "process $column $(column "$column") --" \
				"$(command_of "$of" "$column" "$mb" $arguments)"
			;;
		esac
	done
	for label; do
		echo "turn $label ${label%%/*} ${label#*/}"
	done
}

# collect WHAT BASES [VARIABLE=VALUE...] <LINES
collect() {
	of_what=$1 of_bases=$2
	shift 2
	awk -f "$bench/stats.awk" -f "$bench/collect.awk" -v what="$of_what" \
		-v bases="$of_bases" -v figures="$work/figures" \
		-v ratios="$work/ratios" "$@"
}

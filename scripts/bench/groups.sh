# SPDX-License-Identifier: MIT
# The experiments, in groups; each is a function group_NAME. Needs lib.sh.
# shellcheck shell=sh disable=SC2154

usual_bases='native/fork native/floor native/vfork native/posix_spawn'
bases=$usual_bases

# experiment GROUP PROGRAM MB THREADS MAPS HUGE LOADED LABEL...: if the columns
# do not fit into memory together, each of them with the native one.
experiment() {
	what=$(printf '%s\t%s\t%s\t%s\t%s\t%s\t%s' "$1" "$2" "$3" "$4" "$5" \
		"$6" "$7")
	name="$1: $2, $3 MB" program=$2 mb=$3 load=$7
	# The second thread of these comes when it is asked for.
	idle=$4
	[ "$1" != stall ] || idle=1
	arguments="$3 threads=$idle maps=$5 huge=$6"
	shift 7
	columns=$(printf '%s\n' "$@" | sed 's|/.*||' | sort -u | grep -c .)
	! late "$name" || return 0
	progress "$name"
	again=''
	if fits "$mb" "$columns"; then
		measure "$@"
		return
	fi
	fits "$mb" 2 || {
		leave_out "$name: two of it are more than the $room MB allowed"
		return
	}
	native=$(printf '%s\n' "$@" | grep '^native/' | tr '\n' ' ')
	for one in $(printf '%s\n' "$@" | sed 's|/.*||' | sort -u); do
		[ "$one" != native ] || continue
		# shellcheck disable=SC2046,SC2086
		measure $native $(printf '%s\n' "$@" | grep "^$one/")
		native=native/fork again=native/fork
	done
}

# What the library has counted in the experiment.
tell_what_it_did() {
	[ ! -s "$work/stats" ] ||
		awk -f "$bench/did.awk" -v what="$what" "$work/stats" >>"$work/did"
	rm -f "$work/stats"
}

# One run of turns; its lines stay in $work/lines for who wants more of them. A
# label that has been measured before, $again, is only there for the ratios.
measure() {
	{
		echo "rounds $rounds"
		echo "count $count"
		echo "ms $ms"
		[ "$load" = no ] || echo "load $((2 * $(getconf _NPROCESSORS_ONLN)))"
		[ ! "$calls" ] || echo calls
		# shellcheck disable=SC2086
		plan "$program" "$mb" "$arguments" "$@"
	} >"$work/plan"
	take_turns "$work/plan" "$work/lines" || return
	[ ! "$after" ] || "$after"
	tell_what_it_did
	collect "$what" "$bases" -v again="$again" <"$work/lines" \
		2>>"$work/errors"
}

# set_budget ROUNDS COUNT MS: of each experiment that follows. What the library
# counts is kept, which costs it a microsecond.
set_budget() {
	rounds=$1 count=$2 ms=$3 load=no calls='' after='' counted=yes
}

all_ways='native/fork vspawn/fork share/fork native/floor native/vfork
	vspawn/vfork native/posix_spawn vspawn/posix_spawn native/spawn_actions
	vspawn/spawn_actions'

# For the histogram; of a size that is measured in pairs, each label once.
keep_lines() {
	[ "$again" ] || : >"$work/histogram"
	awk -v again="$again" '$1 != again' "$work/lines" >>"$work/histogram"
	echo "$mb" >"$work/histogram_mb"
}

# and_musl PROGRAM LABEL...: which there is with musl, if at all.
and_musl() {
	case $1 in
	malloc | mmap) [ ! -x "$hosts/host-musl" ] || set -- "$@" \
		musl/posix_spawn ;;
	esac
	shift
	echo "$*"
}

group_size() {
	[ -x "$hosts/host-musl" ] || leave_out \
		"musl's posix_spawn: $hosts/host-musl is not there"
	# shellcheck disable=SC2086
	ways=$(and_musl malloc $all_ways)
	for mb in $(sizes '16 64 256' '16 64 256 1024 4096 16384'); do
		set_budget "$(pick 6 20)" 10 "$(pick 60 150)"
		# shellcheck disable=SC2034 # lib.sh looks at it
		counted=''
		[ "$mb" -gt 1024 ] || after=keep_lines
		# shellcheck disable=SC2086
		experiment size malloc "$mb" 1 0 never no $ways
	done
}

# some GROUP PROGRAM MB THREADS MAPS HUGE LOADED: each column by one way.
some() {
	# shellcheck disable=SC2046
	experiment "$@" $(and_musl "$2" native/fork vspawn/fork share/fork \
		native/floor native/vfork native/posix_spawn)
}

group_hosts() {
	for program in jemalloc tcmalloc mimalloc mmap; do
		there "$program" || {
			leave_out "hosts: $program: $hosts/host-$program is not there"
			continue
		}
		set_budget "$(pick 6 15)" 10 "$(pick 40 120)"
		for mb in $(sizes 64 1024); do
			some hosts "$program" "$mb" 1 0 never no
		done
	done
}

group_threads() {
	for threads in $(pick 8 '8 64'); do
		set_budget "$(pick 6 15)" 10 "$(pick 40 120)"
		for mb in $(sizes 64 1024); do
			some threads malloc "$mb" "$threads" 0 never no
		done
	done
}

group_maps() {
	for maps in $(pick '30 1000' '30 1000 5000'); do
		set_budget "$(pick 6 15)" 10 "$(pick 40 120)"
		for mb in $(sizes 64 1024); do
			some maps malloc "$mb" 1 "$maps" never no
		done
	done
}

# "always" where the machine has it so: it is not ours to change.
group_huge() {
	enabled=$(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)
	case $enabled in
	*'[always]'*) allowed='never madvise always' ;;
	*'[madvise]'*)
		allowed='never madvise'
		leave_out 'huge: always: the machine has them for madvise only'
		;;
	*)
		leave_out 'huge: the machine has no huge pages, or they are off'
		return
		;;
	esac
	for huge in $allowed; do
		set_budget "$(pick 6 15)" 10 "$(pick 40 120)"
		for mb in $(sizes 128 1024); do
			some huge mmap "$mb" 1 0 "$huge" no
		done
	done
}

group_loaded() {
	set_budget "$(pick 6 10)" 5 "$(pick 50 300)"
	for mb in $(sizes 64 1024); do
		some loaded malloc "$mb" 1 0 never yes
	done
}

group_stall() {
	set -- native/fork vspawn/fork native/floor
	for what in touch mmap store; do
		for label in native/fork vspawn/fork native/floor \
			native/posix_spawn; do
			set -- "$@" "$label:$what"
		done
	done
	shift 3
	set_budget "$(pick 6 20)" 10 "$(pick 30 200)"
	for mb in $(sizes 128 1024); do
		experiment stall malloc "$mb" 2 0 never no "$@"
	done
}

# New processes for each number of threads: what the library has learned from one
# thread would help it with many.
group_rate() {
	set_budget "$(pick 6 7)" 1 "$(pick 60 400)"
	for mb in $(sizes 128 1024); do
		for threads in $(pick '1 8' '1 2 8 32'); do
			experiment rate malloc "$mb" 1 0 never no \
				"native/fork@$threads" "vspawn/fork@$threads" \
				"native/posix_spawn@$threads" \
				"vspawn/posix_spawn@$threads"
		done
	done
}

# With the counter of system calls attached, which costs a little.
group_child() {
	set_budget "$(pick 6 12)" 10 "$(pick 50 200)"
	calls=yes
	for mb in $(sizes 128 1024); do
		# shellcheck disable=SC2046,SC2086
		experiment child malloc "$mb" 1 0 never no \
			$(and_musl malloc $all_ways) native/fork:cow vspawn/fork:cow
	done
	grep -q ' calls ' "$work/lines" || leave_out \
		"child: system calls: only root can count them (perf_event_open)"
}

# A child that does not exec: tried and thrown away each time; as it is by
# default, where the library learns; and natively.
group_rollback() {
	set_budget "$(pick 6 15)" 5 "$(pick 40 150)"
	bases='native/*'
	for mb in $(sizes 128 1024); do
		experiment rollback malloc "$mb" 1 0 never no native/exit \
			txn/exit vspawn/exit native/write txn/write vspawn/write
	done
	bases=$usual_bases
}

# SPDX-License-Identifier: MIT
# The experiments, in groups; each is a function group_NAME. Needs lib.sh, and
# $quick (yes or empty), $sizes (given by the user, or empty).
# shellcheck shell=sh disable=SC2154

# The first of two for --quick, else the second.
pick() {
	if [ "$quick" ]; then
		echo "$1"
	else
		echo "$2"
	fi
}

usual_bases='native/fork native/floor native/vfork native/posix_spawn'
bases=$usual_bases

# fits MB PROCESSES
fits() {
	[ $(($1 * $2)) -le "$room" ]
}

# experiment GROUP PROGRAM MB THREADS MAPS HUGE LOADED LABEL...: if the columns
# do not fit into memory together, each of them with the native one.
experiment() {
	what=$(printf '%s\t%s\t%s\t%s\t%s\t%s\t%s' "$1" "$2" "$3" "$4" "$5" \
		"$6" "$7")
	name="$1: $2, $3 MB" program=$2 mb=$3 load=$7
	arguments="$3 threads=$4 maps=$5 huge=$6"
	shift 7
	columns=$(printf '%s\n' "$@" | sed 's|/.*||' | sort -u | grep -c .)
	progress "$name"
	if fits "$mb" "$columns"; then
		measure "$@"
		return
	fi
	fits "$mb" 2 || {
		left_out="$left_out
$name: two of it would take more than half of the free memory"
		return
	}
	native=$(printf '%s\n' "$@" | grep '^native/' | tr '\n' ' ')
	for one in $(printf '%s\n' "$@" | sed 's|/.*||' | sort -u); do
		[ "$one" != native ] || continue
		# shellcheck disable=SC2046,SC2086
		measure $native $(printf '%s\n' "$@" | grep "^$one/")
		native=native/fork
	done
}

# One run of turns; its lines stay in $work/lines for who wants more of them.
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
	"$hosts/turns" <"$work/plan" >"$work/lines" 2>>"$work/errors" || return
	[ ! "$after" ] || "$after"
	[ ! -s "$work/stats" ] ||
		awk -f "$bench/did.awk" -v what="$what" "$work/stats" >>"$work/did"
	rm -f "$work/stats"
	collect "$what" "$bases" <"$work/lines" 2>>"$work/errors"
}

# set_budget ROUNDS COUNT MS: of each experiment that follows. What the library
# counts is kept, which costs it a microsecond.
set_budget() {
	rounds=$1 count=$2 ms=$3 load=no calls='' after='' counted=yes
}

all_ways='native/fork vspawn/fork share/fork native/floor native/vfork
	vspawn/vfork native/posix_spawn vspawn/posix_spawn native/spawn_actions
	vspawn/spawn_actions'

keep_lines() {
	cp "$work/lines" "$work/histogram"
}

group_size() {
	ways=$all_ways
	[ ! -x "$hosts/host-musl" ] || ways="$ways musl/posix_spawn"
	for mb in ${sizes:-$(pick '16 64 256' '16 64 256 1024 4096 16384')}; do
		set_budget "$(pick 5 20)" 10 "$(pick 60 150)"
		# shellcheck disable=SC2034 # lib.sh looks at it
		counted=''
		[ "$mb" -gt 1024 ] || after=keep_lines
		# shellcheck disable=SC2086
		experiment size malloc "$mb" 1 0 never no $ways
	done
}

some_ways='native/fork vspawn/fork native/floor native/posix_spawn'

group_hosts() {
	for program in jemalloc tcmalloc mimalloc mmap; do
		there "$program" || continue
		set_budget "$(pick 4 15)" 10 "$(pick 40 120)"
		# shellcheck disable=SC2086
		experiment hosts "$program" "$(pick 64 1024)" 1 0 never no $some_ways
	done
}

group_threads() {
	for threads in $(pick 8 '8 64'); do
		set_budget "$(pick 4 15)" 10 "$(pick 40 120)"
		# shellcheck disable=SC2086
		experiment threads malloc "$(pick 64 1024)" "$threads" 0 never \
			no $some_ways
	done
}

group_maps() {
	for maps in $(pick '30 1000' '30 1000 5000'); do
		set_budget "$(pick 4 15)" 10 "$(pick 40 120)"
		# shellcheck disable=SC2086
		experiment maps malloc "$(pick 64 1024)" 1 "$maps" never no \
			$some_ways
	done
}

# "always" where the machine has it so: it is not ours to change.
group_huge() {
	enabled=$(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)
	case $enabled in
	*'[always]'*) allowed='madvise always' ;;
	*'[madvise]'*) allowed=madvise ;;
	*) return ;;
	esac
	for huge in $allowed; do
		set_budget "$(pick 4 15)" 10 "$(pick 40 120)"
		# shellcheck disable=SC2086
		experiment huge mmap "$(pick 128 1024)" 1 0 "$huge" no $some_ways
	done
}

group_loaded() {
	set_budget "$(pick 3 10)" 5 "$(pick 100 300)"
	# shellcheck disable=SC2086
	experiment loaded malloc "$(pick 64 1024)" 1 0 never yes $some_ways
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
	set_budget "$(pick 4 20)" 10 "$(pick 30 200)"
	experiment stall malloc "$(pick 128 1024)" 2 0 never no "$@"
}

group_rate() {
	set --
	for threads in $(pick '1 8' '1 2 8 32'); do
		for label in native/fork vspawn/fork native/posix_spawn \
			vspawn/posix_spawn; do
			set -- "$@" "$label@$threads"
		done
	done
	set_budget "$(pick 2 7)" 1 "$(pick 100 400)"
	experiment rate malloc "$(pick 128 1024)" 1 0 never no "$@"
}

# With the counter of system calls attached, which costs a little.
group_child() {
	set_budget "$(pick 4 12)" 10 "$(pick 50 200)"
	calls=yes
	# shellcheck disable=SC2086
	experiment child malloc "$(pick 128 1024)" 1 0 never no $all_ways \
		native/fork:cow vspawn/fork:cow
}

# A child that does not exec: tried and thrown away each time; as it is by
# default, where the library learns; and natively.
group_rollback() {
	set_budget "$(pick 4 15)" 5 "$(pick 40 150)"
	bases='native/*'
	experiment rollback malloc "$(pick 128 1024)" 1 0 never no native/exit \
		txn/exit vspawn/exit native/write txn/write vspawn/write
	bases=$usual_bases
}

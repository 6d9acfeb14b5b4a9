# SPDX-License-Identifier: MIT
# The experiments that are not turns of two processes of one size; see
# groups.sh.
# shellcheck shell=sh disable=SC2154

# The first ten forks of a process, of many processes: the n-th fork is a method
# of its own, fork#n, and each process a round.
group_first() {
	for mb in $(sizes 64 256); do
		fits "$mb" 2 || {
			leave_out "first: $mb MB: two are more than $room MB"
			continue
		}
		first_forks
	done
}

# Of processes of $mb MB.
first_forks() {
	: >"$work/first"
	rm -f "$work/stats"
	set_budget 0 10 2000
	tries=$(pick 6 15) try=1
	what=$(printf 'first\tmalloc\t%s\t1\t0\tnever\tno' "$mb")
	while [ "$try" -le "$tries" ]; do
		progress "first: $mb MB, process $try of $tries"
		# Each is first as often as the other.
		set -- native/fork vspawn/fork
		[ $((try % 2)) = 1 ] || set -- vspawn/fork native/fork
		{
			printf 'rounds 0\ncount 10\nms 4000\n'
			plan malloc "$mb" "$mb" "$@"
		} >"$work/plan"
		take_turns "$work/plan" "$work/lines"
		awk -v try="$try" 'NF == 5 && $3 ~ /^[0-9]/ {
			$1 = $1 "#" ++n[$1]
			$2 = try
			print
		}' "$work/lines" >>"$work/first"
		try=$((try + 1))
	done
	tell_what_it_did
	collect "$what" '*/fork#10' -v first=1 \
		<"$work/first"
}

real_methods() {
	case $1 in
	perl) pick 'system' 'system qx open fork' ;;
	python) pick 'fork subprocess' 'fork preexec_fn subprocess' ;;
	node) pick spawn 'spawn spawnSync' ;;
	ruby) pick spawn 'spawn system backtick' ;;
	php) pick proc_open 'proc_open exec' ;;
	tcl) echo exec ;;
	java) echo start ;;
	sbcl) echo run-program ;;
	esac
}

group_real() {
	for of in perl python node ruby php tcl java sbcl; do
		there "$of" || {
			leave_out "real: $of is not installed"
			continue
		}
		set --
		for method in $(real_methods "$of"); do
			set -- "$@" "native/$method" "vspawn/$method"
		done
		set_budget "$(pick 6 10)" "$(pick 3 10)" "$(pick 40 200)"
		# shellcheck disable=SC2034 # groups.sh looks at it
		bases='native/*'
		for mb in $(sizes 64 1024); do
			experiment real "$of" "$mb" - - - no "$@"
		done
		# shellcheck disable=SC2034
		bases=$usual_bases
	done
}

# A program linked dynamically that starts no child; the ratio that counts is
# that of what it takes longer with one library and with another.
group_load() {
	true=$(command -v true || :)
	case $true in
	/*) ;;
	*) true=/bin/true ;;
	esac
	empty=
	if echo | ${CC:-gcc} -shared -fPIC -Wl,-z,now,-z,relro \
		-o "$work/empty.so" -x c - 2>/dev/null; then
		empty=$work/empty.so
	else
		leave_out 'load: an empty library to compare with: no compiler'
	fi
	progress 'load: /bin/true with and without'
	{
		echo "rounds $(pick 10 40)"
		printf 'count 10\nms 100\n'
		echo "process nothing TRUE=$true -- ./host 1"
		[ ! "$empty" ] ||
			echo "process empty TRUE=$true LOAD_PRELOAD=$empty -- ./host 1"
		echo "process vspawn TRUE=$true LOAD_PRELOAD=$library -- ./host 1"
		echo 'turn nothing/load nothing load'
		[ ! "$empty" ] || echo 'turn empty/load empty load'
		echo 'turn vspawn/load vspawn load'
	} >"$work/plan"
	take_turns "$work/plan" "$work/load"
	awk -f "$bench/stats.awk" -f "$bench/extra.awk" "$work/load" |
		cat "$work/load" - |
		collect "$(printf 'load\ttrue\t-\t1\t-\t-\tno')" 'empty/load'
}

# CPU seconds of the children of a command, as times prints them.
cpu_of() {
	(
		"$@" >/dev/null 2>&1
		times
	) | awk 'NR == 2 {
		gsub(/[ms]/, " ")
		print $1 * 60 + $2 + $3 * 60 + $4
	}'
}

# seconds_so_far: of a clock that every Linux has.
seconds_so_far() {
	cut -d ' ' -f 1 /proc/uptime
}

# one_make COLUMN ROUND: lines for collect.awk.
one_make() {
	rm -f "$work"/make/*.o
	from=$(seconds_so_far)
	# Without VSPAWN_STATS, which writes a summary for each process.
	# shellcheck disable=SC2034 # lib.sh looks at it
	counted=
	# shellcheck disable=SC2046
	cpu=$(cpu_of env $(column "$1") make -j2 -C "$work/make")
	to=$(seconds_so_far)
	if [ "$(find "$work/make" -name '*.o' | wc -l)" -ne "$files" ]; then
		echo "$1/make $2 failed: make has not made all"
		return
	fi
	echo "$1/make $2 value cpu_s $cpu"
	echo "$from $to" |
		awk -v to="$1/make $2" '{ print to, "value wall_s", $2 - $1 }'
}

# make -j2, of compilations that take next to nothing.
group_make() {
	cc=${CC:-gcc}
	if ! command -v make >/dev/null || ! command -v "$cc" >/dev/null; then
		leave_out "make: make or $cc is not installed"
		return
	fi
	files=$(pick 40 200)
	mkdir -p "$work/make"
	i=0
	while [ "$i" -lt "$files" ]; do
		echo "int f$i;" >"$work/make/f$i.c"
		i=$((i + 1))
	done
	{
		# shellcheck disable=SC2016
		printf 'all: $(patsubst %%.c,%%.o,$(wildcard *.c))\n'
		printf '%%.o: %%.c\n\t%s -c -o $@ $<\n' "$cc"
	} >"$work/make/Makefile"
	: >"$work/lines"
	for round in 0 1 2 3 4 5 6; do
		progress "make: $files compilations, round $round"
		for which in $([ $((round % 2)) = 1 ] && echo vspawn native ||
			echo native vspawn); do
			one_make "$which" "$round" >>"$work/lines"
		done
	done
	collect "$(printf 'make\tmake\t-\t-\t-\t-\tno')" native/make \
		<"$work/lines"
}

# SPDX-License-Identifier: MIT
# Two libraries side by side. A process may be a few percent faster than another
# for where its memory happens to lie, so each pair is of two new processes.
# shellcheck shell=sh disable=SC2154

# The processes and turns of one pair, the labels in that order.
pair_plan() {
	if [ "$kind" != load ]; then
		plan "$of" "$mb" "$mb threads=$threads" "$@"
		return
	fi
	for which in "${1%%/*}" "${2%%/*}"; do
		so=$library
		[ "$which" = new ] || so=$old
		echo "process $which TRUE=$true LOAD_PRELOAD=$so -- ./host 1"
	done
	for label; do
		echo "turn $label ${label%%/*} load"
	done
}

# versus KIND PROGRAM MB THREADS METHOD...: some pairs. Of kind calls with the
# counter of system calls attached, which slows both; of kind load a program
# that starts no child.
versus() {
	kind=$1 of=$2 mb=$3 threads=$4
	shift 4
	: >"$work/pairs"
	pair=1
	while [ "$pair" -le "$pairs" ]; do
		progress "$kind: $of, pair $pair of $pairs"
		# Each is first as often as the other, and close to it.
		first=old second=new
		[ $((pair % 2)) = 1 ] || first=new second=old
		{
			printf 'rounds %s\ncount 10\nms 60\n' "$(pick 3 8)"
			[ "$kind" != calls ] || echo calls
			# shellcheck disable=SC2046
			pair_plan $(for method; do
				echo "$first/$method $second/$method"
			done)
		} >"$work/plan"
		take_turns "$work/plan" "$work/lines"
		awk -v pair="$pair" '{ $2 = $2 ? pair : 0; print }' \
			"$work/lines" >>"$work/pairs"
		pair=$((pair + 1))
	done
	collect "$(printf '%s\t%s\t%s\t%s\t-\tnever\tno' "$kind" "$of" "$mb" \
		"$threads")" 'old/*' -v level=0.999 -v best=1 <"$work/pairs" \
		2>>"$work/errors"
}

against() {
	true=$(command -v true || :)
	case $true in
	/*) ;;
	*) true=/bin/true ;;
	esac
	for mb in ${sizes:-$(pick 64 256)}; do
		pairs=$(pick 16 24)
		versus time malloc "$mb" 1 fork vfork posix_spawn \
			spawn_actions exit
		versus time malloc "$mb" 8 fork
		pairs=12
		versus calls malloc "$mb" 1 fork vfork posix_spawn
		versus calls malloc "$mb" 8 fork
	done
	pairs=$(pick 16 24)
	versus load true - 1 load
	if [ ! "$quick" ]; then
		for of in perl python node; do
			there "$of" || continue
			# shellcheck disable=SC2046
			versus time "$of" 256 1 $(real_methods "$of")
		done
	fi
	progress ''
	awk -f "$bench/verdict.awk" "$work/figures" "$work/ratios"
	awk '!seen[$0]++' "$work/errors" | head -n 12 | sed 's|^|Not measured: |'
	[ -s "$work/ratios" ]
}

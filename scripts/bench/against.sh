# SPDX-License-Identifier: MIT
# Two libraries side by side. A process may be a few percent faster than another
# for where its memory happens to lie, so each pair is of two new processes.
# shellcheck shell=sh disable=SC2154

# versus WHAT PROGRAM MB THREADS METHOD...: some pairs, into $work/pairs.
versus() {
	versus_what=$1 of=$2 mb=$3 threads=$4
	shift 4
	set -- $(for method; do echo "old/$method new/$method"; done)
	: >"$work/pairs"
	pair=1
	while [ "$pair" -le "$pairs" ]; do
		progress "$versus_what, pair $pair of $pairs"
		{
			printf 'rounds %s\ncount 10\nms 60\n' "$(pick 3 8)"
			# Each is first as often as the other.
			if [ $((pair % 2)) = 1 ]; then
				plan "$of" "$mb" "$mb threads=$threads" "$@"
			else
				plan "$of" "$mb" "$mb threads=$threads" \
					$(printf '%s\n' "$@" | sort)
			fi
		} | "$hosts/turns" 2>>"$work/errors" |
			awk -v pair="$pair" '{ $2 = $2 ? pair : 0; print }' \
				>>"$work/pairs"
		pair=$((pair + 1))
	done
	collect "$(printf 'against\t%s\t%s\t%s\t-\tnever\tno' "$of" "$mb" \
		"$threads")" 'old/*' -v level=0.999 <"$work/pairs"
}

against() {
	pairs=$(pick 12 24)
	versus 'C' malloc "${sizes:-$(pick 64 256)}" 1 fork vfork posix_spawn \
		spawn_actions exit
	versus 'C, threads' malloc "${sizes:-$(pick 64 256)}" 8 fork
	if [ ! "$quick" ]; then
		for of in perl python node; do
			there "$of" || continue
			# shellcheck disable=SC2046
			versus "$of" "$of" 256 1 $(real_methods "$of")
		done
	fi
	progress ''
	awk -f "$bench/verdict.awk" "$work/figures" "$work/ratios"
	awk '!seen[$0]++' "$work/errors" | head -n 12 | sed 's|^|Not measured: |'
}

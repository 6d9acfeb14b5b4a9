# SPDX-License-Identifier: MIT
# Where the time of one fork goes: see kernel/point.h. With the library built
# for that, build/where/libvspawn.so.
# shellcheck shell=sh disable=SC2154

# one_where PROGRAM MB THREADS METHOD
one_where() {
	progress "where: $1, $2 MB, $3 threads"
	rm -f "$work/lists"
	{
		printf 'rounds 1\ncount %s\nms %s\n' "$(pick 200 1000)" \
			"$(pick 2000 8000)"
		echo "process where $(preload "$library")" \
			"VSPAWN_CLOCK=$work/lists VSPAWN_FORK=$fork_mode --" \
			"$(command_of "$1" where "$2" "$2" "threads=$3")"
		echo "turn where where $4"
	} >"$work/plan"
	take_turns "$work/plan" "$work/lines"
	awk 'NF == 5 && $3 ~ /^[0-9]/ { print $3, $4, $5 }' "$work/lines" \
		>"$work/samples"
	progress ''
	printf '\n%s, %s MB, %s threads, %s\n' "$1" "$2" "$3" "$4"
	sed 's|^|Not measured: |' "$work/errors"
	[ -s "$work/lists" ] || {
		echo "where: no transactions with VSPAWN_FORK=$fork_mode"
		return
	}
	od -An -v -tu8 "$work/lists" >"$work/numbers"
	awk -v skip=20 -v call="$4" -f "$bench/stats.awk" -f "$bench/where.awk" \
		"$bench/../../preload/kernel/point.def" "$work/samples" \
		"$work/numbers"
}

# where [PROGRAM...]: C without.
where() {
	library=${library%/*}/where/libvspawn.so
	[ -r "$library" ] || die "$library: not there; in the source tree" \
		"make bench ARGS=--where builds it"
	[ $# -gt 0 ] || set -- malloc
	for of; do
		there "$of" || die "$of: not installed"
		method=$(real_methods "$of")
		method=${method%% *}
		# All others of perl do more than fork.
		[ "$of" != perl ] || method=fork
		for mb in ${sizes:-$(pick 64 '256 1024')}; do
			case $of in
			malloc | *malloc | mmap)
				for threads in 1 8; do
					one_where "$of" "$mb" "$threads" fork
				done
				;;
			*) one_where "$of" "$mb" 1 "$method" ;;
			esac
		done
	done
}

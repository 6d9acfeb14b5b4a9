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
	} | "$hosts/turns" | awk 'NF == 5 && $3 ~ /^[0-9]/ {
		print $3, $4, $5
	}' >"$work/samples"
	progress ''
	printf '\n%s, %s MB, %s threads, %s\n' "$1" "$2" "$3" "$4"
	[ -s "$work/lists" ] || {
		echo 'where: no transactions'
		return
	}
	od -An -v -tu8 "$work/lists" >"$work/numbers"
	awk -v skip=20 -f "$bench/stats.awk" -f "$bench/where.awk" \
		"$bench/../../preload/kernel/point.def" "$work/samples" \
		"$work/numbers"
}

# where [PROGRAM...]: C without.
where() {
	library=${library%/*}/where/libvspawn.so
	[ -r "$library" ] || die "$library: not there; make bench ARGS=--where"
	fork_mode=${VSPAWN_FORK:-auto}
	[ $# -gt 0 ] || set -- malloc
	for of; do
		there "$of" || die "$of: not there"
		method=$(real_methods "$of")
		method=${method%% *}
		# Others come back when the child has been reaped.
		[ "$of" != perl ] || method=open
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

# SPDX-License-Identifier: MIT
# What test/fuzz/run says of a difference, and in the end.
# shellcheck shell=sh disable=SC2154

# same SEED MODE WITHOUT: whether it is, without these steps.
same() {
	host native -v -x "$3" "$folder/run" "$1" 1 >"$results/a"
	host "$2" -v -x "$3" "$folder/run" "$1" 1 >"$results/b"
	cmp -s "$results/a" "$results/b"
}

# The steps of the programs of both runs, the last ones first.
steps_of() {
	sed -n 's/^\([0-9]\{1,3\}\) .*/\1/p' "$results/a" "$results/b" |
		sort -rnu
	echo 398 298 198
}

# shrink SEED MODE: leave out what is not needed; the rest is printed.
shrink() {
	without=999
	for step in $(steps_of); do
		same "$1" "$2" "$without,$step" || without=$without,$step
	done
	same "$1" "$2" "$without"
	echo "--- native"
	echo "+++ $2"
	# Its steps, and what they led to.
	grep -a '^[0-9-]' "$results/a"
	diff -a -U 1 "$results/a" "$results/b" | sed 1,2d | head -n 30
	echo "reproduce: fuzz-host $option -v -x $without FOLDER $1 1"
	echo "  with VSPAWN_FORK=$2 LD_PRELOAD=$lib${allocator:+:$allocator}"
}

# What it was when all ran, of the seed.
show_log() {
	for log in native other; do
		sed -n "/^seed $1\$/,/^seed/p" "$results/$log.log" >"$results/$log.one"
	done
	diff -a -U 1 "$results/native.one" "$results/other.one" |
		sed 1,2d | head -n 30
}

# One that differs once and then never again is a difference, too, unless it
# was slow natively. Of a scene little can be left out if it differs only at
# times. The first few of a kind tell most.
differs() {
	echo "seed $1 ($kind) differs under $2${allocator:+ with $allocator}"
	times=0 again=0
	[ "$(count "$kind" "$results/failed")" -ge 3 ] && again=3
	while [ "$again" -lt 3 ]; do
		again=$((again + 1))
		same "$1" "$2" 999 && continue
		times=$((times + 1))
		[ "$kind" = steps ] || [ "$times" = 3 ] || continue
		echo "$kind" >>"$results/failed"
		shrink "$1" "$2"
		return
	done
	show_log "$1"
	if [ "$times" = 0 ] && grep -qa TIMEOUT "$results/native.one"; then
		slow=$((slow + 1))
	else
		echo "$kind" >>"$results/failed"
	fi
}

# How many lines of FILE are this one.
count() {
	grep -cxF "$1" "$2"
}

# One line for each kind: what its programs were.
kinds_summary() {
	printf '%-12s %8s %6s %9s %11s %7s\n' kind programs late committed \
		'rolled back' differ
	for kind in $kinds; do
		awk '/^transactions/ { c += $3; u += $6 }
			END { print c + 0, u + 0 }' "$folder/stats.$kind" \
			>"$results/counts"
		read -r committed undone <"$results/counts"
		printf '%-12s %8d %6d %9d %11d %7d\n' "$kind" \
			"$(grep -c '' "$results/all.$kind")" \
			"$(grep -c timeout "$results/all.$kind")" \
			"$committed" "$undone" "$(count "$kind" "$results/failed")"
	done
}

summary() {
	cat "$folder"/stats.* | awk '/^fork .* share / { share += $3 }
		/^posix_spawnp? +spawn/ { spawned += $3 }
		/^transactions/ { committed += $3; undone += $6 }
		/^  rolled back / {
			n = $3; sub(/^ *rolled back +[0-9]+ +/, ""); why[$0] += n
		}
		/^    by / { call[$3] += $2 }
		END {
			printf "transactions: %d committed, %d rolled back; ", \
				committed, undone
			printf "%d shared, %d spawned\n", share, spawned
			for (w in why)
				printf "  %7d  %s\n", why[w], w
			printf "  by"
			for (c in call)
				printf " %s %d", c, call[c]
			print ""
		}'
	kinds_summary
	echo "$done programs, $(grep -c '' "$results/failed") differences," \
		"$slow too slow without the library to tell"
}

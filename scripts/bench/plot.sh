#!/bin/sh
# SPDX-License-Identifier: MIT
# plot.sh WORK OUT: the plots, of the figures in WORK, as SVG and, where
# gnuplot can, PNG.
set -u
work=$1 out=$2
cd "$work" || exit 1
where=$(awk -F '\t' '{ of[$1] = $2 } END {
	print of["machine"] ", " of["cpus"] " CPUs, " of["kernel"]
}' machine)

# In gnuplot's quotes, whatever is in it.
quoted() {
	printf '%s\n' "$1" | sed "s/'/''/g; s/^/'/; s/\$/'/"
}

# mb_of GROUP: of what size its programs are, in the plot.
mb_of() {
	awk -F '\t' -v group="$1" '$1 == group { print $3; exit }' figures
}

# points FILE GROUP FIGURE LABEL X: lines "x p50", of the field that X is.
points() {
	awk -F '\t' -v group="$2" -v figure="$3" -v label="$4" -v x="$5" \
		-v mb="$(mb_of "$2")" '
		$1 == group && $9 == figure && $8 == label &&
		    (x == 3 || $3 == mb) {
			print $x, $11 / 1000
		}' figures | sort -n >"$1"
	[ -s "$1" ]
}

# draw NAME TITLE COMMANDS: in each format.
draw() {
	for format in svg png; do
		case $format in
		svg) terminal='svg noenhanced size 900,560 background "white"' ;;
		png) terminal='pngcairo noenhanced size 900,560' ;;
		esac
		{
			echo "set terminal $terminal"
			echo "set output $(quoted "$out/$1.$format")"
			printf 'set title "%s\\n%s"\n' "$2" "$where"
			echo 'set key above; set grid'
			echo "$3"
		} | gnuplot 2>>"$work/gnuplot" || rm -f "$out/$1.$format"
		[ -s "$out/$1.$format" ] || rm -f "$out/$1.$format"
	done
}

# name LABEL: as the legend has it.
name() {
	case $1 in
	native/floor) echo "the floor (memory left out by hand)" ;;
	native/*) echo "${1#*/}, native" ;;
	*) echo "${1#*/}, ${1%/*}" ;;
	esac
}

# style LABEL: the same in all plots.
style() {
	case $1 in
	native/fork*) echo 'lt 7 lw 2 pt 5' ;;
	vspawn/fork*) echo 'lt 2 lw 2 pt 7' ;;
	share/fork*) echo 'lt 3 lw 2 pt 9' ;;
	native/posix_spawn*) echo 'lt 4 lw 2 pt 4' ;;
	vspawn/posix_spawn*) echo 'lt 1 lw 2 pt 6' ;;
	*) echo 'lt 8 lw 2 pt 2 dt 2' ;;
	esac
}

# curves GROUP X: "file" with linespoints title "..."; for each that is there.
curves() {
	list=''
	for label in native/fork vspawn/fork share/fork native/posix_spawn \
		vspawn/posix_spawn native/floor; do
		file=$1-$(echo "$label" | tr / -).dat
		points "$file" "$1" call "$label" "$2" || continue
		list="$list${list:+, }'$file' with linespoints \
$(style "$label") title '$(name "$label")'"
	done
	echo "$list"
}

list=$(curves size 3)
[ ! "$list" ] || draw size 'fork and exec, by memory in use: C, malloc' \
	"set logscale xy
set xtics (16, 64, 256, 1024, 4096, 16384)
set xlabel 'memory in use, MB'
set ylabel 'call to return, median, ms'
plot $list"

list=$(curves maps 5)
[ ! "$list" ] || draw maps \
	"fork and exec, by the number of mappings: C, malloc, $(mb_of maps) MB" \
	"set logscale xy
set xtics (30, 100, 300, 1000, 3000, 5000)
set xlabel 'mappings'
set ylabel 'call to return, median, ms'
plot $list"

# Of the largest size up to 1 GB; ten bars for a factor of ten.
if [ -s histogram ]; then
	list=''
	for label in native/fork vspawn/fork native/floor; do
		file=histogram-$(echo "$label" | tr / -)
		awk -v label="$label" '
			$1 == label && $2 > 0 && NF == 5 && $3 ~ /^[0-9]/ {
				n[int(10 * log($3 / 1e6) / log(10) + 1000)]++
				all++
			}
			END {
				for (i in n)
					print exp((i - 999.5) / 10 * log(10)),
						100 * n[i] / all
			}' histogram | sort -g >"$file"
		[ -s "$file" ] || continue
		width=14
		[ "$label" != native/floor ] || width=5
		list="$list${list:+, }'$file' with impulses $(style "$label" |
			sed "s/ lw.*/ lw $width/") title '$(name "$label")'"
	done
	[ ! "$list" ] || draw histogram \
		"fork and exec: C, malloc, $(cat histogram_mb) MB" "set logscale x
set xlabel 'call to return, ms'
set ylabel 'children, %'
set yrange [0:*]
plot $list"
fi

# A line for each kind: of each label the median of children, and the worst.
labels='native/fork vspawn/fork native/floor native/posix_spawn'
awk -F '\t' -v labels="$labels" -v mb="$(mb_of stall)" '
	$9 ~ /^stall_/ && $3 == mb {
		of = substr($9, 7) SUBSEP substr($8, 1, index($8, ":") - 1)
		middle[of] = $11 / 1000
		worst[of] = $14 / 1000
		any = 1
	}
	END {
		if (!any)
			exit
		kinds = split("touch mmap store", kind, " ")
		does["touch"] = "writes to its memory"
		does["mmap"] = "mmap and munmap"
		does["store"] = "only counts"
		n = split(labels, label, " ")
		for (k = 1; k <= kinds; k++) {
			printf "\"%s\"", does[kind[k]]
			for (i = 1; i <= n; i++)
				if ((kind[k], label[i]) in middle)
					printf " %s %s",
						middle[kind[k], label[i]],
						worst[kind[k], label[i]]
				else
					printf " ? ?"
			print ""
		}
	}' figures >stall.dat
list='' column=2
for label in $labels; do
	list="$list${list:+, }'stall.dat' using \
$column:$column:$((column + 1)):xtic(1) $(style "$label" |
		sed 's/ lw.*//') title '$(name "$label")'"
	column=$((column + 2))
done
[ ! -s stall.dat ] || draw stall "How long a second thread is held up: \
C, malloc, $(mb_of stall) MB (bar: median of children, line: up to the worst)" \
	"set logscale y
set ylabel 'a second thread is held up, ms'
set style data histograms
set style histogram errorbars gap 2 lw 2
set style fill solid 0.6
set xlabel 'what that thread does'
set datafile missing '?'
plot $list"

list=''
for label in native/fork vspawn/fork native/posix_spawn vspawn/posix_spawn; do
	file=rate-$(echo "$label" | tr / -).dat
	awk -F '\t' -v label="$label" -v mb="$(mb_of rate)" '
		$9 == "children_per_s" && index($8, label "@") == 1 && $3 == mb {
			print substr($8, length(label) + 2), $11
		}' figures | sort -n >"$file"
	[ -s "$file" ] || continue
	list="$list${list:+, }'$file' with linespoints \
$(style "$label") title '$(name "$label")'"
done
[ ! "$list" ] || draw rate \
	"Children started by threads at once: C, malloc, $(mb_of rate) MB" \
	"set logscale xy
set xtics (1, 2, 4, 8, 16, 32)
set xlabel 'threads that start children'
set ylabel 'children per second, median'
plot $list"
[ ! -s gnuplot ] || grep -viE '^$|unknown or ambiguous terminal|empty . range' \
	gnuplot >&2
exit 0

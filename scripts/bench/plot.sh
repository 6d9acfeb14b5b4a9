#!/bin/sh
# SPDX-License-Identifier: MIT
# plot.sh WORK OUT: the plots, of the figures in WORK, as SVG and, where
# gnuplot can, PNG.
set -u
work=$1 out=$2
cd "$work" || exit 1

# points FILE GROUP FIGURE LABEL X: lines "x p50", of the field that X is.
points() {
	awk -F '\t' -v group="$2" -v figure="$3" -v label="$4" -v x="$5" '
		$1 == group && $9 == figure && $8 == label {
			print $x, $11 / 1000
		}' figures | sort -n >"$1"
	[ -s "$1" ]
}

# draw NAME COMMANDS: in each format.
draw() {
	for format in svg png; do
		case $format in
		svg) terminal='svg noenhanced size 800,500 background "white"' ;;
		png) terminal='pngcairo noenhanced size 800,500' ;;
		esac
		{
			echo "set terminal $terminal"
			echo "set output \"$out/$1.$format\""
			echo 'set key above; set grid'
			echo "$2"
		} | gnuplot 2>>"$work/gnuplot" || rm -f "$out/$1.$format"
		[ -s "$out/$1.$format" ] || rm -f "$out/$1.$format"
	done
}

# curves GROUP X: "file" with linespoints title "..."; for each that is there.
curves() {
	list=''
	for label in native/fork vspawn/fork share/fork native/posix_spawn \
		vspawn/posix_spawn native/floor; do
		file=$1-$(echo "$label" | tr / -).dat
		points "$file" "$1" call "$label" "$2" || continue
		list="$list${list:+, }\"$file\" with linespoints title \"$(
			echo "$label" | sed 's|native/floor|the floor|; s|/| |'
		)\""
	done
	echo "$list"
}

list=$(curves size 3)
[ ! "$list" ] || draw size "set logscale xy
set xlabel 'memory in use, MB'
set ylabel 'call to return, median, ms'
plot $list"

list=$(curves maps 5)
[ ! "$list" ] || draw maps "set logscale xy
set xlabel 'mappings'
set ylabel 'call to return, median, ms'
plot $list"

# Of the largest size up to 1 GB; ten bars for a factor of ten.
if [ -s histogram ]; then
	for label in native/fork vspawn/fork native/floor; do
		awk -v label="$label" '
			$1 == label && $2 > 0 && NF == 5 && $3 ~ /^[0-9]/ {
				n[int(10 * log($3 / 1e6) / log(10) + 1000)]++
			}
			END {
				for (i in n)
					print exp((i - 999.5) / 10 * log(10)), n[i]
			}' histogram | sort -g >"histogram-${label#*/}-${label%/*}"
	done
	draw histogram "set logscale x
set xlabel 'call to return, ms'
set ylabel 'children'
set style fill transparent solid 0.5
plot 'histogram-fork-native' with impulses lw 12 title 'native fork', \
'histogram-fork-vspawn' with impulses lw 12 title 'vspawn fork', \
'histogram-floor-native' with impulses lw 4 title 'the floor'"
fi

# The worst of each round, the middle one and the worst of all.
awk -F '\t' '$9 ~ /^stall_/ {
	label = $8
	sub(/:.*/, "", label)
	sub(/^native\/floor/, "floor", label)
	sub(/\//, " ", label)
	print "\"" label "\\n" substr($9, 7) "\"", $11 / 1000, $14 / 1000
}' figures >stall.dat
[ ! -s stall.dat ] || draw stall "set logscale y
set ylabel 'a second thread is held up, ms'
set style data histograms
set style fill solid 0.6
set xtics rotate by -40
plot 'stall.dat' using 3:xtic(1) title 'worst', \
'' using 2 title 'median of children'"

list=''
for label in native/fork vspawn/fork native/posix_spawn vspawn/posix_spawn; do
	file=rate-$(echo "$label" | tr / -).dat
	awk -F '\t' -v label="$label" '
		$9 == "children_per_s" && index($8, label "@") == 1 {
			print substr($8, length(label) + 2), $11
		}' figures | sort -n >"$file"
	[ -s "$file" ] || continue
	list="$list${list:+, }\"$file\" with linespoints title \"$(
		echo "$label" | tr / ' '
	)\""
done
[ ! "$list" ] || draw rate "set logscale xy
set xtics (1, 2, 4, 8, 16, 32)
set xlabel 'threads that start children'
set ylabel 'children per second'
plot $list"
[ ! -s gnuplot ] || grep -vi 'unknown or ambiguous terminal' gnuplot >&2
exit 0

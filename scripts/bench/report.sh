# SPDX-License-Identifier: MIT
# What comes out: the table, bench.json, and plots where gnuplot is.
# shellcheck shell=sh disable=SC2154

# Lines "name<tab>value" on the machine and the settings.
machine() {
	tab=$(printf '\t')
	huge=/sys/kernel/mm/transparent_hugepage/enabled
	echo "machine${tab}$(uname -m)"
	echo "kernel${tab}$(uname -sr)"
	echo "libc${tab}$(getconf GNU_LIBC_VERSION 2>/dev/null || echo other)"
	echo "cpu${tab}$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo |
		head -n 1)"
	echo "cpus${tab}$(getconf _NPROCESSORS_ONLN)"
	echo "memory_mb${tab}$(awk '/^MemTotal/ { print int($2 / 1024) }' \
		/proc/meminfo)"
	echo "free_mb${tab}$(awk '/^MemAvailable/ { print int($2 / 1024) }' \
		/proc/meminfo)"
	echo "allowed_mb${tab}$room"
	echo "load${tab}$(cut -d ' ' -f 1 /proc/loadavg)"
	echo "huge_pages${tab}$(sed 's/.*\[\(.*\)\].*/\1/' $huge 2>/dev/null)"
	echo "overcommit${tab}$(cat /proc/sys/vm/overcommit_memory 2>/dev/null)"
	echo "user${tab}$(id -u)"
	echo "date${tab}$(date -u +%Y-%m-%dT%H:%M:%SZ)"
	echo "library${tab}$library"
	echo "library_cksum${tab}$(cksum <"$library" | tr ' ' '-')"
	[ ! -r /etc/vspawn/rules ] || echo "rules${tab}/etc/vspawn/rules"
	echo "preloaded${tab}${LD_PRELOAD:--}"
	echo "quick${tab}${quick:-no}"
	echo "groups${tab}$groups"
	echo "seconds${tab}$(($(now) - began))"
}

report() {
	# What another run has left there would look as if it were this one's.
	for plot in size maps histogram stall rate; do
		rm -f "$out/$plot.svg" "$out/$plot.png"
	done
	machine >"$work/machine"
	awk '!seen[$0]++' "$work/errors" >"$work/once"
	mv "$work/once" "$work/errors"
	cp "$work/figures" "$out/figures.tsv"
	cp "$work/ratios" "$out/ratios.tsv"
	awk -f "$bench/units.awk" -f "$bench/json.awk" "$work/machine" \
		"$work/did" "$work/left_out" "$work/errors" "$work/figures" \
		"$work/ratios" >"$out/bench.json"
	{
		awk -f "$bench/units.awk" -f "$bench/table.awk" \
			"$work/machine" "$work/did" "$work/ratios" \
			"$work/figures"
		sed 's|^|Left out: |' "$work/left_out"
		head -n 12 "$work/errors" | sed 's|^|Not measured: |'
	} >"$out/table.txt"
	cat "$out/table.txt"
	if command -v gnuplot >/dev/null; then
		sh "$bench/plot.sh" "$work" "$out"
	else
		echo 'No plots: gnuplot is not installed.'
	fi
	echo "In $out: table.txt bench.json figures.tsv ratios.tsv$(
		cd "$out" && find . -name '*.svg' -o -name '*.png' | sort |
			sed 's|^\.| |; s|^ /| |' | tr -d '\n'
	)"
	[ -s "$work/figures" ] || {
		echo 'bench: nothing could be measured' >&2
		return 1
	}
}

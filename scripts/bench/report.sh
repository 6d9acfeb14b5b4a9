# SPDX-License-Identifier: MIT
# What comes out: the table, bench.json, and plots where gnuplot is.
# shellcheck shell=sh disable=SC2154

# Lines "name<tab>value" on the machine and the settings.
machine() {
	tab=$(printf '\t')
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
	echo "load${tab}$(cut -d ' ' -f 1 /proc/loadavg)"
	echo "huge_pages${tab}$(sed 's/.*\[\(.*\)\].*/\1/' \
		/sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)"
	echo "date${tab}$(date -u +%Y-%m-%dT%H:%M:%SZ)"
	echo "library${tab}$library"
	echo "quick${tab}${quick:-no}"
	echo "groups${tab}${groups:-$every}"
	echo "seconds${tab}$(($(now) - began))"
}

report() {
	mkdir -p "$out" || exit 1
	machine >"$work/machine"
	cp "$work/figures" "$out/figures.tsv"
	cp "$work/ratios" "$out/ratios.tsv"
	awk -f "$bench/json.awk" "$work/machine" "$work/did" \
		"$work/figures" "$work/ratios" >"$out/bench.json"
	awk -f "$bench/table.awk" "$work/machine" "$work/did" "$work/ratios" \
		"$work/figures" >"$out/table.txt"
	cat "$out/table.txt"
	[ ! "$left_out" ] || printf 'Left out:%s\n' "$left_out"
	awk '!seen[$0]++' "$work/errors" | head -n 12 | sed 's|^|Not measured: |'
	if command -v gnuplot >/dev/null; then
		sh "$bench/plot.sh" "$work" "$out"
	else
		echo 'No plots: gnuplot is not installed.'
	fi
	echo "In $out: table.txt bench.json figures.tsv ratios.tsv" \
		"$(cd "$out" && find . -name '*.svg' -o -name '*.png' |
			sort | tr '\n' ' ')"
	[ -s "$work/figures" ]
}

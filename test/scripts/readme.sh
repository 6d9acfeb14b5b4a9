#!/bin/sh
# SPDX-License-Identifier: MIT
# README keeps to its screen, and the examples are what they claim to be.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder

# ---- examples ----
for unit in dropin.conf hostd.service; do
	grep -vE '^(#.*|\[(Unit|Service|Install)\]|[A-Z][A-Za-z]*=.*|)$' \
		"scripts/examples/$unit" && fail "$unit: not a unit"
	grep -q '^Environment=LD_PRELOAD=' "scripts/examples/$unit" ||
		fail "$unit: without the library"
done
grep -vE '^(#.*|	.*|(FROM|RUN|COPY|ENTRYPOINT|CMD) .*|)$' \
	scripts/examples/Dockerfile && fail "Dockerfile: not one"
if command -v jq >/dev/null; then
	sed -n 's/^\(ENTRYPOINT\|CMD\) //p' scripts/examples/Dockerfile |
		jq -e 'all(type == "string")' >/dev/null ||
		fail "Dockerfile: a command that is no list"
fi
if python3 -c 'import yaml' 2>/dev/null; then
	python3 -c '
import sys, yaml
pod = yaml.safe_load(open(sys.argv[1]))
env = pod["spec"]["containers"][0]["env"]
assert [e for e in env if e["name"] == "LD_PRELOAD"], env' \
		scripts/examples/pod.yaml || fail "pod.yaml: not a pod"
else
	echo "without pod.yaml: no yaml for python3"
fi

# ---- README ----
# Each is 80 columns at most with tabs of eight, and what is asked first is in
# the first 44 lines.
expand README | awk '
	length($0) > 80 { print "README:" NR ": " length($0) " columns"; bad = 1 }
	END { exit bad || NR > 250 }' || fail "README is too long, or a line of it"
head -n 44 README >"$tmp/screen"
for words in 'WILL IT HELP ME' '64 MB' 'systemctl edit' 'vspawn doctor -p PID' \
	'vspawn stats PID' 'VSPAWN=off' 'man libvspawn'; do
	grep -qF -e "$words" "$tmp/screen" ||
		fail "not on README's first screen: $words"
done
for word in doctor stats top rules audit bench; do
	grep -qF -e "$word" "$tmp/screen" || fail "README does not name $word"
done
exit 0

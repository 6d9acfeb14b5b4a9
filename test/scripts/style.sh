#!/bin/sh
# SPDX-License-Identifier: MIT
# What of the style a machine can check.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder
verdict=0

bad() {
	echo "$*"
	verdict=1
}

sources=$(find arch preload scripts test -name '*.[chS]' | sort)
shells=$(find scripts test .ci -type f | while read -r file; do
	case $(head -n 1 "$file") in
	'#!'*sh) echo "$file" ;;
	*) case $file in *.sh) echo "$file" ;; esac ;;
	esac
done)

for file in $sources $shells Makefile; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' ||
		bad "$file: no SPDX line"
	grep -nE '[[:blank:]]$' "$file" /dev/null &&
		bad "$file: blanks at the ends of lines"
done

if command -v clang-format >/dev/null; then
	# Assembly is not for it.
	# shellcheck disable=SC2046
	clang-format --dry-run --Werror $(echo "$sources" | grep '[ch]$') \
		2>"$tmp/format" || {
		grep error: "$tmp/format" | cut -d: -f1 | sort | uniq -c
		bad "clang-format would change the files above"
	}
else
	skipped='no clang-format'
fi
if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2086
	shellcheck $shells || bad "shellcheck"
else
	skipped="${skipped-} no shellcheck"
fi

[ "$verdict" = 0 ] || fail "see above"
[ -z "${skipped-}" ] || skip "the rest is fine, but $skipped"

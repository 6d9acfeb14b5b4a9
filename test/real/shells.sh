#!/bin/sh
# SPDX-License-Identifier: MIT
# Shells do little but fork.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
temporary_folder

cat >"$tmp/script" <<'EOF'
cd "$1" || exit 1
exec 2>&1
echo a b c | tr ' ' '\n' | sort -r | tr '\n' ' '
x=$(echo substituted | sed s/sub/con/) && echo "$x"
echo "$(echo "$(echo "$(echo nested)")")"
(exit 3); echo "$?"
(cd / && pwd; x=changed; echo $x); pwd | wc -l; echo "$x"
sleep 0.1 & wait $!; echo "background $?"
(sleep 0.1; exit 5) & wait $!; echo "background $?"
for i in 1 2 3 4 5; do (exit $i) & done; wait; echo waited
(sh -c 'kill -TERM $$'; echo "killed $?") 2>/dev/null
(sh -c 'kill -SEGV $$'; echo "killed $?") 2>/dev/null
trap 'echo trapped' USR1; kill -USR1 $$; trap - USR1
(trap 'echo left' EXIT; echo in)
(trap '' INT; sh -c 'kill -INT $$; echo survived')
printf 'line %s\n' 1 2 3 | while read -r l; do echo "$l" | cat; done
cat <<END | (read -r one; echo "$one"; cat)
here $(echo document)
second
END
echo once >>log; (echo twice >>log; /bin/echo thrice >>log); cat log
mkfifo f; (echo through >f) & cat <f; wait
no_such_command_at_all; echo $?
/; echo $?
echo 'echo script "$@"' >s; chmod +x s; ./s one two
set -- 1 2 3; echo $# "$(set -- 9 8; echo $#)"
yes 2>/dev/null | head -n 2
n=0; while [ $n -lt 60 ]; do n=$((n + 1)); : "$(echo $n)"; done; echo $n
umask 027; (umask 077; umask); umask; ulimit -n 50; sh -c 'ulimit -n'
(exec cat <<END
replaced
END
)
EOF

# The folder is emptied between the runs.
cat >"$tmp/run" <<'EOF'
rm -rf "$2/work"
mkdir "$2/work"
"$1" "$2/script" "$2/work"
EOF

found=
for shell in dash bash ksh zsh busybox; do
	path=$(command -v "$shell") || continue
	[ "$shell" = busybox ] && path="$tmp/ash" &&
		ln -s "$(command -v busybox)" "$path"
	found="$found $shell"
	same_in_all_modes sh "$tmp/run" "$path" "$tmp"
done
[ "$found" ] || skip "no shell to test"

# Job control, arrays and process substitution are bash's own.
if command -v bash >/dev/null; then
	cat >"$tmp/script" <<'EOF'
set -m
sleep 0.2 & jobs | sed 's/ *[&]$//'; wait
diff <(echo 1; echo 2) <(echo 1; echo 2) && echo same
coproc cat; echo to >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
mapfile -t a < <(printf '%s\n' x y z); echo "${a[2]}"
echo "$BASH_SUBSHELL$(echo $BASH_SUBSHELL)"
set -o pipefail; false | true; echo $?; echo "${PIPESTATUS[@]}"
(echo $BASHPID; echo $$) | uniq | wc -l
timeout 0.1 sleep 5; echo $?
EOF
	same_in_all_modes bash "$tmp/script" 2>/dev/null
fi
echo "ran:$found"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The rooms of preload/, and that arrows between them point down only: by what
# the files include, and by the symbols of the built objects. See
# preload/README for what each room is.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs nm tsort awk
temporary_folder
verdict=0

# A room may use those of a lower rank, and itself.
ranks='base 0
kernel 1
kernel/proc 2
kernel/task 2
kernel/unharmed 2
libc 3
libc/unwind 4
stats 4
stats/report 1
stats/tell 5
memory 5
rules 6
spawn 7
share 7
txn/handler 7
txn/map 3
txn/record 7
audit 8
txn/child 8
txn/able 8
txn/calls/fd 9
txn/scan 9
txn/calls/exec 10
txn/calls 11
txn 12
entry 13
entry/fast 13
entry/spawn 13
entry/watch 13'

# entry/ is one room in several folders.
both_entry() {
	case $1:$2 in
	entry:entry/* | entry/*:entry) return 0 ;;
	esac
	return 1
}

# The speculative child's calls are a part of it.
of_child() {
	case $1:$2 in
	txn/calls:txn/child | txn/calls/*:txn/child) return 0 ;;
	esac
	return 1
}

# entry.def is a table for everybody.
may_include() {
	case $2 in
	entry/entry.def) return 0 ;;
	esac
	return 1
}

# What runs in a child calls nothing of libc: not one symbol that is not ours.
childs='txn/child/*
txn/calls/*
rules/match.o
spawn/child.o
spawn/child_actions.o
spawn/path.o
share/exec.o
share/trap.o
share/frames.o'

# Variables that several files see are declared here and nowhere else;
# base/image.h names what the linker defines.
externs='base/child_kind.h
base/config.h
base/image.h
txn/record/state.h'

bad() {
	echo "$*"
	verdict=1
}

rank() {
	echo "$ranks" | awk -v room="$1" '$1 == room { print $2 }'
}

room_of() {
	dirname "$1"
}

# may_use FILE OTHER: by their rooms.
may_use() {
	from=$(room_of "$1") to=$(room_of "$2")
	[ "$from" = "$to" ] && return 0
	[ "$(rank "$from")" -gt "$(rank "$to")" ] && return 0
	both_entry "$from" "$to"
}

# What arch/ calls, which is below all rooms: what comes back to the C that has
# called it, or is the door that the program came by. All else in it calls
# nothing.
stub_calls='vs_return
vs_share_copy
vs_share_resume
vs_vfork_enter'

# In one room there are no more files than one can look over.
CROWD=15

# ---- every file is in a room; no room is crowded ----
files=$(cd preload && find . -name '*.[ch]' | sed 's|^\./||' | sort)
for file in $files; do
	[ -n "$(rank "$(room_of "$file")")" ] || bad "$file: in no room"
done
for room in $(echo "$files" | sed 's|/[^/]*$||' | sort -u); do
	n=$(echo "$files" | grep -c "^$room/[^/]*$")
	[ "$n" -le "$CROWD" ] || bad "$room: $n files, more than $CROWD"
done

# ---- includes ----
for file in $files; do
	sed -n 's/^#[[:blank:]]*include "\(.*\)".*/\1/p' "preload/$file" |
		while read -r what; do
			case $what in
			*/*) ;;
			*) continue ;; # arch/, and what is generated
			esac
			may_include "$(room_of "$file")" "$what" && continue
			case $what in
			../* | test/*) echo "$file: includes $what" ;;
			*/internal.h)
				from=$(room_of "$file") to=$(room_of "$what")
				[ "$from" = "$to" ] ||
					both_entry "$from" "$to" ||
					of_child "$from" "$to" ||
					echo "$file: $what is another room's"
				;;
			*)
				may_use "$file" "$what" ||
					echo "$file: must not know $what"
				;;
			esac
		done
done >"$tmp/includes"
[ ! -s "$tmp/includes" ] || bad "$(cat "$tmp/includes")"
grep -rnE '# *include.*test/' preload arch && bad 'test/ is included'

# ---- public headers: at most ten functions; variables only where allowed ----
# Functions that are declared and not defined there, one to a line.
declared() {
	sed -e 's|//.*||' "$1" | tr '\n' ' ' |
		sed -e 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
		sed 's/[;{}]/\
/g' | grep -oE '\bvs_[a-z0-9_]+\([^()]*(\([^()]*\)[^()]*)*\) *$' |
		grep -vE '^vs_(function|handler)\(' || true
}
for file in $files; do
	case $file in
	*/internal.h | *.c) continue ;;
	esac
	n=$(declared "preload/$file" | sort -u | wc -l)
	[ "$n" -le 10 ] || bad "$file: $n functions, more than 10"
done
(cd preload && grep -rlE --include='*.[ch]' '^extern ' .) |
	sed 's|^\./||' | while read -r file; do
	case $file in
	*/internal.h) continue ;;
	esac
	echo "$externs" | grep -qx "$file" || echo "$file"
done >"$tmp/externs"
[ ! -s "$tmp/externs" ] ||
	bad "extern variables outside internal.h: $(tr '\n' ' ' <"$tmp/externs")"

# ---- symbols ----
objects=${VSPAWN_OBJECTS:-build/preload}
[ -d "$objects" ] || skip "no $objects: make"
(cd "$objects" && find . -name '*.o' | sed 's|^\./||') >"$tmp/objects"
while read -r object; do
	# Left behind by a file that has been moved.
	[ -f "preload/${object%.o}.c" ] || continue
	nm "$objects/$object" | awk -v object="$object" '
		NF == 3 && $2 ~ /[A-TV-Z]/ { print "D", $3, object }
		$(NF - 1) == "U" { print "U", $NF, object }'
done <"$tmp/objects" >"$tmp/symbols"
cut -d' ' -f1,2 "$tmp/symbols" | grep '^D' | sort -u >"$tmp/defined"
awk '$1 == "D" { of[$2] = $3 }
	$1 == "U" { n++; name[n] = $2; user[n] = $3 }
	END { for (i = 1; i <= n; i++) if (of[name[i]] && of[name[i]] != user[i])
		print user[i], of[name[i]], name[i] }' \
	"$tmp/symbols" | sort -u >"$tmp/edges"
[ "$(wc -l <"$tmp/edges")" -gt 50 ] || fail "hardly any symbols in $objects"

while read -r user definer name; do
	may_use "$user" "$definer" && continue
	bad "$user: calls up, $name of $definer"
done <"$tmp/edges"

# tsort names each circle.
cut -d' ' -f1,2 "$tmp/edges" | sort -u | tsort >/dev/null 2>"$tmp/circles"
[ ! -s "$tmp/circles" ] || bad "circles of files:
$(cat "$tmp/circles")"

# The stub is one object with both ends of what goes through it: with it there
# would be circles. So it is only asked what it calls.
for stub in "$objects"/../arch/*/stub.o; do
	[ -f "$stub" ] || fail "no $stub"
	nm --undefined-only "$stub" | awk '{ print $NF }' |
		grep -vxF -e "$stub_calls" -e _GLOBAL_OFFSET_TABLE_ &&
		bad "$stub: calls the above"
done

for pattern in $childs; do
	# shellcheck disable=SC2254
	while read -r kind name object; do
		[ "$kind" = U ] || continue
		case $object in $pattern) ;; *) continue ;; esac
		grep -qx "D $name" "$tmp/defined" && continue
		case $name in
		vs_* | _GLOBAL_OFFSET_TABLE_ | __ehdr_start | _end) continue ;;
		esac
		bad "$object: calls $name, which is not ours"
	done <"$tmp/symbols"
done

[ "$verdict" = 0 ] || fail "see above"
echo "$(wc -l <"$tmp/objects") objects, $(wc -l <"$tmp/edges") arrows, no circle"

#!/bin/sh
# SPDX-License-Identifier: MIT
# The table of options in scripts/vspawn is that of its help and of each command's
# program (of the manuals: manual.sh), and bash and zsh offer what is in it.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
[ -e build/completion/zsh ] || skip "no build/completion: make"
temporary_folder
left_out=
vspawn=scripts/vspawn

without() {
	left_out="$left_out${left_out:+, }$1"
}

# The lines of a table: vspawn_options, vspawn_commands.
table() {
	sed -n "/^$1='\$/,/^'\$/p" "$vspawn" | sed '1d;$d'
}
table vspawn_options >"$tmp/options"
table vspawn_commands >"$tmp/commands"
[ "$(wc -l <"$tmp/options")" -gt 15 ] || fail 'no table'

# same WHAT FILE FILE: two lists, in any order.
same() {
	sort -u "$2" >"$tmp/1"
	sort -u "$3" >"$tmp/2"
	diff "$tmp/1" "$tmp/2" || fail "$1"
}

# ---- the table, the help and the library ----
words() {
	grep -oE -e '(^|[ |[(])--?[a-z]+(-[a-z]+)*=?' | sed 's/^[^-]*//'
}
sh "$vspawn" --help >"$tmp/help"
sed -n '/^Runs/,/^A command/p' "$tmp/help" |
	grep -oE -e '--[a-z-]+' | sort -u >"$tmp/help.options"
cut -d' ' -f1 "$tmp/options" | sed 's/=$//' | grep -x -e '--..*' \
	>"$tmp/names"
same 'help and table' "$tmp/help.options" "$tmp/names"
cut -d' ' -f2 "$tmp/options" | grep -v -e '^-$' | sort -u >"$tmp/variables"
tr -d '",' <build/setting_names.h | grep -vxE 'VSPAWN_(AUDIT|STATS_PID)' \
	>"$tmp/settings"
same 'settings of the library and table' "$tmp/settings" "$tmp/variables"
while read -r name variable values _; do
	[ "$variable" != - ] || continue
	case $name in
	*=) word=${values##*|} ;;
	*) word='' values='' ;;
	esac
	case $word in
	FILE) word=$tmp/options ;;
	DIR) word=$tmp ;;
	*SIZE) word=${word%SIZE}8G ;;
	esac
	# shellcheck disable=SC2016
	XDG_RUNTIME_DIR=$tmp sh "$vspawn" --quiet "$name$word" sh -c \
		'eval "test -n \"\${$1}\""' sh "$variable" 2>"$tmp/said" ||
		fail "$name$word does not set $variable: $(cat "$tmp/said")"
done <"$tmp/options"

# ---- the commands, and what their programs say that they take ----
sed -n 's/^ *\(usage: \)*vspawn \([a-z][a-z]*\) .*/\2/p' "$tmp/help" |
	sort -u >"$tmp/help.commands"
cut -d' ' -f1 "$tmp/commands" >"$tmp/names"
same 'help and commands' "$tmp/help.commands" "$tmp/names"
# takes COMMAND FILE: a list of options.
takes() {
	sed -n "s/^$1 \(--*[a-z][a-z-]*=*\) .*/\1/p" "$tmp/commands" \
		>"$tmp/names"
	same "options of $1" "$2" "$tmp/names"
}
build/stats stats --help >"$tmp/said"
for command in stats top; do
	{
		echo --help
		awk -v c="$command" '/^ *(usage: )?vspawn / {
			on = $0 ~ "vspawn " c " " } /^$/ { exit } on' \
			"$tmp/said" | words
		# With a value or without.
		[ "$command" = top ] || echo --prometheus=
	} >"$tmp/its"
	takes "$command" "$tmp/its"
done
build/doctor "$lib" --no-such-option 2>&1 | words | grep -vx -e \
	--no-such-option >"$tmp/its"
takes doctor "$tmp/its"
build/rules 2>&1 | words >"$tmp/its"
takes rules "$tmp/its"
sed -n '/^for argument/,/^done/s/^	\(--[a-z]*\)\(=*\)\**).*/\1\2/p' \
	scripts/bench/run | grep -vxE -e '--(library=|hosts=|scripts=|where|against)' \
	>"$tmp/its"
takes bench "$tmp/its"

# ---- bash ----
cat >"$tmp/bash" <<'END'
. build/completion/bash
# Words as readline has them, the last of them unfinished.
offered() {
	COMP_LINE=$1
	mapfile -t COMP_WORDS < <(sed -E 's/([=:])/\n\1\n/g; s/ +/\n/g' <<<"$1" |
		sed '/^$/d')
	[[ $1 != *[\ =:] ]] || COMP_WORDS+=('')
	[[ $1 != *[=:] ]] || unset 'COMP_WORDS[-1]'
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_vspawn
	printf '%s\n' "${COMPREPLY[@]}"
}
offered "$1"
END

# ---- zsh, which completes in a terminal only ----
mkdir "$tmp/zsh"
cat >"$tmp/zsh/.zshrc" <<'END'
fpath=($ZDOTDIR $fpath)
autoload -Uz compinit
compinit -u -d $ZDOTDIR/dump
compadd() {
	local -a found
	builtin compadd -O found "$@"
	(( ! $#found )) || print -rl -- $found >>$OFFERED
	builtin compadd "$@"
}
offer() {
	zle list-choices
	print DONE
	exit
}
zle -N offer
bindkey '^X' offer
zstyle ':completion:*' verbose false
LISTMAX=0
END
cat >"$tmp/in_terminal" <<'END'
zmodload zsh/zpty || exit
export ZDOTDIR=$1 OFFERED=$2
zpty z zsh -i
zpty -n -w z "$3"$'\x18'
while zpty -r z line; do [[ $line == *DONE* ]] && exit; done
exit 1
END

# ask LINE: by $shell, to offered.
ask() {
	: >"$tmp/offered"
	case $shell in
	bash) bash "$tmp/bash" "$1" >"$tmp/offered" 2>"$tmp/err" &&
		[ ! -s "$tmp/err" ] ;;
	zsh) timeout 60 zsh -f "$tmp/in_terminal" "$tmp/zsh" \
		"$tmp/offered" "$1" >"$tmp/err" 2>&1 ;;
	esac || fail "$shell: $1: $(cat "$tmp/err")"
}

# offers LINE WORD...: these, and maybe others; with only in front of them, no
# others.
offers() {
	ask "$1"
	line=$1
	shift
	if [ "$1" = only ]; then
		shift
		printf '%s\n' "$@" >"$tmp/wanted"
		same "$shell: $line" "$tmp/wanted" "$tmp/offered"
	fi
	for word; do
		# Of a path zsh has what comes next.
		[ "$shell" != zsh ] || word=${word##*/}
		grep -qxF -e "$word" "$tmp/offered" ||
			fail "$shell: $line: no $word in $(cat "$tmp/offered")"
	done
}

both() {
	# shellcheck disable=SC2046
	offers 'vspawn -' only $(cut -d' ' -f1 "$tmp/options")
	offers 'vspawn --fo' --fork=
	offers 'vspawn --fork=' only auto native txn share
	offers 'vspawn --off --children=k' keep
	offers 'vspawn --strict=log:8G --stats-f' --stats-format=
	offers 'vspawn --strict=' only off log: fail:
	offers 'vspawn --rules=scripts/vs' scripts/vspawn
	offers 'vspawn d' doctor
	offers 'vspawn printen' printenv
	offers 'vspawn --fork=txn printen' printenv
	offers 'vspawn -- printen' printenv
	offers 'vspawn cat scripts/vs' scripts/vspawn
	offers 'vspawn --off -- doctor scripts/vs' scripts/vspawn
	offers 'vspawn [ scripts/vs' scripts/vspawn
	offers 'vspawn doctor -' only --json -u -p
	offers 'vspawn doctor -u roo' root
	offers 'vspawn doctor -p 1' 1
	offers 'vspawn doctor --json printen' printenv
	offers 'vspawn stats --' only --json --prometheus --prometheus= --all \
		--dir= --help
	offers 'vspawn stats 1' 1
	offers 'vspawn top --interval=2 1' 1
	offers 'vspawn top --dir=scri' scripts
	offers 'vspawn rules ' only --check --explain
	offers 'vspawn rules --check scripts/vs' scripts/vspawn
	offers 'vspawn rules --explain printen' printenv
	offers 'vspawn audit -- printen' printenv
	offers 'vspawn bench ' only --quick --memory= --out= --against= \
		--help
}

shell=bash
if command -v bash >/dev/null; then
	bash -n build/completion/bash || fail 'bash: syntax'
	! command -v shellcheck >/dev/null ||
		shellcheck build/completion/bash || fail "shellcheck"
	both
else
	without 'no bash'
fi
shell=zsh
if command -v zsh >/dev/null; then
	cp build/completion/zsh "$tmp/zsh/_vspawn"
	zsh -n "$tmp/zsh/_vspawn" || fail 'zsh: syntax'
	both
else
	without 'no zsh'
fi
[ -z "$left_out" ] || skip "the rest is fine, but $left_out"
echo "$(wc -l <"$tmp/options") options, $(wc -l <"$tmp/commands") of commands"

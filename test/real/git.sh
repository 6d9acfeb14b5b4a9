#!/bin/sh
# SPDX-License-Identifier: MIT
# packages: git
# git: helpers, hooks, filters, transports, all by fork and exec.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs git
server_folder

cat >"$tmp/hook" <<'EOF'
#!/bin/sh
echo "hook $(basename "$0") $#"
case $0 in
*pre-commit) ! git diff --cached --name-only | grep -q forbidden ;;
*receive) cat >/dev/null ;;
esac
EOF
cat >"$tmp/script" <<'EOF'
work=$1
rm -rf "$work/repos" && mkdir "$work/repos" && cd "$work/repos" || exit 1
exec 2>&1
export HOME="$PWD" GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
git config --global user.name name
git config --global user.email name@example.org
git config --global init.defaultBranch main
git config --global protocol.file.allow always
git config --global alias.other '!echo alias; exit 3; :'
git config --global filter.upper.clean 'tr a-z A-Z'
git config --global filter.upper.smudge 'tr A-Z a-z'
git config --global diff.words.textconv 'sed s/^/word:/'
git config --global credential.helper '!printf "username=u\npassword=p\n"; :'
git init -q --bare bare.git && git init -q one && cd one || exit 1
for hook in pre-commit post-commit commit-msg post-checkout pre-push; do
	cp "$work/hook" .git/hooks/$hook
done
for hook in pre-receive post-receive update; do
	cp "$work/hook" ../bare.git/hooks/$hook
done
chmod +x .git/hooks/* ../bare.git/hooks/*
printf '*.up filter=upper\n*.w diff=words\n' >.gitattributes
for n in 1 2 3 4 5 6; do
	seq $n 500 >file$n
	echo lower $n >a.up
	echo text $n >b.w
	git add . && git commit -qm "commit $n"
	git tag -a -m "tag $n" v$n
done
touch forbidden; git add forbidden; git commit -qm no; echo "refused $?"
git rm -q --cached forbidden
git cat-file -p HEAD:a.up; git show --format=%H HEAD -- b.w
git other; echo "alias $?"
git remote add origin ../bare.git
git push -q --all origin; git push -q --tags origin; echo "push $?"
cd .. && git clone -q "file://$PWD/bare.git" two; echo "clone $?"
git clone -q --no-local -b main bare.git three; echo "clone $?"
cd two || exit 1
git checkout -q -b side HEAD~3 && echo side >side && git add side
git commit -qm side && git merge -q -m merged main && git log --oneline | cat
git -c core.editor="sh -c 'echo edited >\$1' -" commit -q --amend
git rebase -q --exec 'echo exec; true' v3; echo "rebase $?"
git log --format=%s | cat
git bisect start HEAD v1 >/dev/null
git bisect run sh -c 'test ! -f side' | grep -c 'first bad commit'
git bisect reset 2>/dev/null
printf 'protocol=https\nhost=x\n' | git credential fill
git submodule --quiet add "file://$PWD/../bare.git" sub; echo "submodule $?"
git archive --format=tar.gz HEAD | gunzip | tar tf - | sort | tr '\n' ' '
git fetch -q origin && git push -q origin side; echo "push $?"
git gc --quiet --prune=now; echo "gc $?"; git fsck --strict; echo "fsck $?"
git repack -adq --threads=2; git count-objects -v | grep -E 'count|packs'
git grep -c lower | cat
git ls-remote no/such/repository; echo "ls-remote $?"
EOF

scenario() {
	in_mode "$1" sh "$tmp/script" "$tmp"
}
in_all_modes scenario
committed txn git

#!/bin/sh
# SPDX-License-Identifier: MIT
# What make install, dist and packages are made of: versions agree, what is
# installed is taken away again, a tarball is the same wherever it is made. The
# packages themselves: make check-package.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs make tar gzip
[ -x build/doctor ] || skip "no build/doctor: make"
temporary_folder
unset VSPAWN_LIB VSPAWN_TEST_HOSTS
left_out=
here=$PWD
: "${CC:=gcc}"

without() {
	left_out="$left_out${left_out:+, }$1"
}

# ---- one version everywhere, and that of scripts/NEWS ----
version=$(sh scripts/package/news version) || fail 'no version in NEWS'
made=$(sed -n 's/^VERSION *= *//p' Makefile)
[ "$made" = "$version" ] || fail "Makefile: $made, NEWS: $version"
sh scripts/package/news debian >"$tmp/changelog"
head -n 1 "$tmp/changelog" | grep -qF "vspawn ($version) " ||
	fail "debian/changelog: $(head -n 1 "$tmp/changelog")"
grep -nE '.{81}' "$tmp/changelog" && fail 'long lines in the changelog'
n=$(grep -cE '^[0-9.]+ \([0-9-]+\)$' scripts/NEWS)
[ "$(grep -c '^ -- .*  [A-Z][a-z][a-z], .* +0000$' "$tmp/changelog")" = "$n" ] ||
	fail "not $n versions in the changelog: $(cat "$tmp/changelog")"
sh scripts/package/news rpm >"$tmp/rpm"
grep '^\* ' "$tmp/rpm" | head -n 1 | grep -q -e "- $version-1\$" ||
	fail "the spec's changelog: $(head -n 1 "$tmp/rpm")"
# Newest first.
grep -oE '^[0-9.]+ \([0-9-]+\)$' scripts/NEWS | sed 's/.*(//' >"$tmp/days"
sort -r "$tmp/days" | cmp - "$tmp/days" || fail 'NEWS: the order of days'
grep -q '^Version: *@version@$' scripts/package/vspawn.spec.in ||
	fail 'the spec has a version of its own'
build/doctor --version build/libvspawn.so | grep -qxF "$version" ||
	fail 'the library has another version'

# ---- installed, whatever the umask; taken away, all of it ----
# shellcheck disable=SC2016
(umask 077 && make -s install DESTDIR="$tmp/to" prefix=/usr \
	libdir=/usr/lib/vspawn preload=/usr/'$$LIB'/vspawn/libvspawn.so) \
	>"$tmp/said" 2>&1 || fail "install: $(cat "$tmp/said")"
# shellcheck disable=SC2016
grep -qF "preload='/usr/\$LIB/vspawn/libvspawn.so'" "$tmp/to/usr/bin/vspawn" ||
	fail 'install: LD_PRELOAD'
n=$(find "$tmp/to" -type f | wc -l)
[ "$n" -gt 20 ] || fail "install: $n files"
find "$tmp/to/usr" -type f ! -perm -444 >"$tmp/closed"
[ ! -s "$tmp/closed" ] || fail "not readable: $(cat "$tmp/closed")"
grep -rl '@[a-z]*@' "$tmp/to/usr/bin" "$tmp/to/usr/share" >"$tmp/open"
[ ! -s "$tmp/open" ] || fail "not filled in: $(cat "$tmp/open")"
# Not what runs where it was built.
grep -rlF "$here" "$tmp/to/usr/bin" "$tmp/to/usr/share" &&
	fail 'a path of this tree is installed'
for foreign in etc/ld.so.preload etc/vspawn; do
	[ ! -e "$tmp/to/$foreign" ] || fail "/$foreign is installed"
done
make -s uninstall DESTDIR="$tmp/to" prefix=/usr libdir=/usr/lib/vspawn ||
	fail 'uninstall'
[ -z "$(find "$tmp/to" ! -type d)" ] || fail "left: $(find "$tmp/to" ! -type d)"

# ---- a tarball: twice, elsewhere, by another umask, day and caller ----
tarball() {
	(cd "$1" && sh scripts/package/dist "$2" "vspawn-$version") \
		>"$tmp/said" 2>&1 || fail "dist: $(cat "$tmp/said")"
}

dist() {
	if [ -e .git ]; then
		tarball . "$tmp/a.tar.gz"
		(umask 077 && git clone -q "$here" "$tmp/a clone") 2>"$tmp/said" ||
			fail "clone: $(cat "$tmp/said")"
		sleep 1.1
		(
			umask 027
			GZIP=-1 TZ=Asia/Tokyo tarball "$tmp/a clone" "$tmp/b.tar.gz"
		) || exit
		cmp "$tmp/a.tar.gz" "$tmp/b.tar.gz" || fail 'dist: other bytes'
		echo changed >>"$tmp/a clone/README"
		tarball "$tmp/a clone" "$tmp/c.tar.gz"
		grep -q 'not committed' "$tmp/said" || fail 'dist: no word of a change'
		cmp "$tmp/a.tar.gz" "$tmp/c.tar.gz" || fail 'dist: what is not in HEAD'
	else
		without 'no git tree'
		tarball . "$tmp/a.tar.gz"
	fi
	mkdir "$tmp/unpacked"
	tar -xzf "$tmp/a.tar.gz" -C "$tmp/unpacked" || fail 'cannot be unpacked'
	[ "$(ls "$tmp/unpacked")" = "vspawn-$version" ] || fail 'its folder'
	unpacked=$tmp/unpacked/vspawn-$version
	mkdir "$unpacked/build"
	: >"$unpacked/build/vspawn.o"
	tarball "$unpacked" "$tmp/d.tar.gz"
	grep -q 'not a git tree' "$tmp/said" || fail 'dist: no word that there is no git'
	cmp "$tmp/a.tar.gz" "$tmp/d.tar.gz" || fail 'dist: other bytes without git'
	tar -tvzf "$tmp/a.tar.gz" | grep -v " 0/0 " && fail 'whose files are these?'
	make -s -n -C "$unpacked" install >"$tmp/said" 2>&1 ||
		fail "of the tarball: $(cat "$tmp/said")"
}

# Where git cannot be asked, as in another user's tree, dist says so.
if [ -e .git ] && ! git rev-parse --verify -q HEAD >/dev/null 2>&1; then
	sh scripts/package/dist "$tmp/a.tar.gz" x >"$tmp/said" 2>&1 &&
		fail 'dist: of a git tree that cannot be read'
	without "dist: $(cat "$tmp/said")"
else
	dist
fi

# ---- a wrapper and a library of two versions: said ----
mkdir -p "$tmp/two/scripts" "$tmp/two/build"
cp scripts/vspawn "$tmp/two/scripts/"
cp Makefile "$tmp/two/"
cp build/doctor "$tmp/two/build/"
if make -s B="$tmp/o" VERSION=0.0.7 "$tmp/o/preload/base/version.o" \
	>"$tmp/said" 2>&1 &&
	$CC -shared -nostdlib -o "$tmp/two/build/libvspawn.so" \
		"$tmp/o/preload/base/version.o"; then
	"$tmp/two/scripts/vspawn" --version >"$tmp/out" 2>"$tmp/err" &&
		fail 'two versions are fine'
	grep -q '^libvspawn.so 0.0.7 ' "$tmp/out" || fail "$(cat "$tmp/out")"
	grep -q 'of another version' "$tmp/err" || fail "$(cat "$tmp/err")"
	"$tmp/two/scripts/vspawn" true 2>"$tmp/err" || fail 'true: not 0'
	grep -q "is version 0.0.7, but this is vspawn $version" "$tmp/err" ||
		fail "no word of two versions: $(cat "$tmp/err")"
	build/doctor "$tmp/two/build/libvspawn.so" true >"$tmp/out"
	grep -q "^warning *library .*0.0.7, but this is vspawn $version" \
		"$tmp/out" || fail "doctor: $(cat "$tmp/out")"
else
	without "no compiler: $(cat "$tmp/said")"
fi

[ -z "$left_out" ] || skip "the rest is fine, but $left_out"
echo "version $version, $n files"

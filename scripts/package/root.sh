# SPDX-License-Identifier: MIT
# For check-package: a root of Debian that is thrown away, and what is checked in
# it. Needs $work, a folder, $version, made_deb() and fail().
# shellcheck shell=sh disable=SC2154
roots=$PWD/build/roots

# In namespaces of its own: nothing stays mounted, nor running.
# shellcheck disable=SC2016
inside='root=$1
shift
mount --make-rprivate / && mount -t proc proc "$root/proc" &&
	mount --rbind /dev "$root/dev" && mount -t tmpfs tmp "$root/tmp" &&
	exec chroot "$root" "$@"'
in_root() {
	unshare -m -p -f --kill-child env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root \
		PYTHONDONTWRITEBYTECODE=1 \
		sh -c "$inside" sh "$work/root" "$@"
}

# A copy of the root that there is, or is made: what tests need is in it.
new_root() {
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	[ -n "$release" ] || {
		echo 'which release is this?'
		return 77
	}
	base=$roots/package-$release
	if [ ! -d "$base" ]; then
		# shellcheck disable=SC2016
		mirror=$(apt-get indextargets --format '$(REPO_URI)' \
			'Created-By: Packages' | grep -v security | head -n 1)
		mkdir -p "$roots"
		rm -rf "$base.new"
		debootstrap --variant=minbase --include=gcc,libc6-dev,procps,\
perl-base,python3-minimal,autopkgtest "$release" "$base.new" "$mirror" || {
			echo 'debootstrap failed'
			return 77
		}
		mv "$base.new" "$base"
	fi
	rm -rf "$work/root"
	cp -a "$base" "$work/root"
	printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
	chmod 755 "$work/root/usr/sbin/policy-rc.d"
}

# What is in the root, but for what keeps books.
state() {
	(
		cd "$work/root" && find . -xdev \( -path ./var/lib/dpkg -o \
			-path ./var/lib/apt -o -path ./var/log -o \
			-path ./var/cache -o -path ./pk \) -prune -o \
			-printf '%y %m %u %g %p\n'
	) | sort
}

# ---- the checks ----

check_root() {
	made_deb || return
	new_root || return
	OUT=$work/old sh scripts/package/deb 0.1.9 || return
	mkdir "$work/root/pk"
	cp -r "$work"/deb/*.deb "$work/deb/vspawn-$version" "$work/root/pk/"
	cp "$work"/old/*.deb "$work/root/pk/"
	state >"$work/before"
	install="dpkg -i --force-confdef"
	# shellcheck disable=SC2086
	in_root sh -c "$install /pk/vspawn_0.1.9_*.deb \
		/pk/libvspawn_0.1.9_*.deb && vspawn --version" ||
		fail 'the older one' || return
	# A half of it is not configured without the other.
	in_root sh -c "$install /pk/libvspawn_${version}_*.deb" &&
		fail 'another library with an older vspawn' && return 1
	in_root sh -c "$install /pk/vspawn_${version}_*.deb \
		/pk/libvspawn_${version}_*.deb && vspawn --version" ||
		fail 'upgrade' || return
	in_root vspawn --version | grep -q "^vspawn $version\$" ||
		fail 'its version' || return
	in_root autopkgtest --no-built-binaries \
		"/pk/vspawn-$version/" -- null || fail 'autopkgtest' || return
	[ ! -e "$work/root/etc/ld.so.preload" ] ||
		fail '/etc/ld.so.preload' || return
	# Who has named it there is told, and what is his stays.
	# shellcheck disable=SC2016
	echo '/usr/$LIB/vspawn/libvspawn.so' >"$work/root/etc/ld.so.preload"
	mkdir -p "$work/root/etc/vspawn" "$work/root/run/vspawn"
	echo '* auto' >"$work/root/etc/vspawn/rules"
	in_root dpkg -r vspawn libvspawn >"$work/said" 2>&1 ||
		fail "removing: $(cat "$work/said")" || return
	cat "$work/said"
	grep -q 'libvspawn: /etc/ld.so.preload names' "$work/said" ||
		fail 'no word about /etc/ld.so.preload' || return
	rm "$work/root/etc/ld.so.preload"
	in_root dpkg -P vspawn libvspawn || fail 'purging' || return
	[ "$(cat "$work/root/etc/vspawn/rules")" = '* auto' ] ||
		fail 'rules are gone' || return
	rm -r "$work/root/etc/vspawn"
	state >"$work/after"
	diff "$work/before" "$work/after" || fail 'something is left' || return
	echo 'installed, upgraded, tested, removed, purged; nothing is left'
}

# A program of 32 bits, under the same command and the same setting.
check_other() {
	command -v i686-linux-gnu-gcc >/dev/null || {
		echo 'no compiler for i386'
		return 77
	}
	[ "$(dpkg --print-architecture)" = amd64 ] || {
		echo 'not amd64'
		return 77
	}
	made_deb || return
	new_root || return
	OUT=$work/i386 HOST=i386 sh scripts/package/deb || fail i386 || return
	mkdir "$work/root/pk"
	cp "$work"/deb/*vspawn_*.deb "$work"/i386/libvspawn_*.deb \
		"$work/root/pk/"
	in_root sh -c 'dpkg --add-architecture i386 && apt-get -qq update &&
		apt-get -qq install -y --no-install-recommends libc6:i386' || {
		echo 'no packages of i386'
		return 77
	}
	in_root sh -c 'dpkg -i /pk/*vspawn_*_amd64.deb' || return
	i686-linux-gnu-gcc -O2 -o "$work/root/pk/small" \
		test/scripts/package.c || return
	gcc -O2 -o "$work/root/pk/large" test/scripts/package.c || return
	# Without it: said in one line of ours, and the loader's; it runs.
	in_root vspawn /pk/small >"$work/out" 2>"$work/err" ||
		fail 'without its library' || return
	cat "$work/err"
	grep -q 'nothing will be changed' "$work/err" ||
		fail 'no word' || return
	# Made here it may depend on amd64's libc6-i386.
	in_root dpkg -i --force-depends "/pk/libvspawn_${version}_i386.deb" ||
		return
	for size in small large; do
		in_root vspawn --fork=txn --stats "/pk/$size" >"$work/out" \
			2>"$work/err" || fail "$size" || return
		cat "$work/err"
		grep -q 'committed [1-9]' "$work/err" ||
			fail "$size: nothing committed" || return
		! grep -qE 'ld.so|nothing will' "$work/err" ||
			fail "$size: a complaint" || return
		in_root vspawn doctor "/pk/$size" || fail "doctor $size" ||
			return
	done
	echo 'programs of 32 and of 64 bits'
}

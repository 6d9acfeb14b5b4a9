# SPDX-License-Identifier: MIT
# For scripts/check-arch, whose names $dir, $debian, $triplet, $releases and
# $flavour these are: a kernel and libcheck for the CPU, as $dir/kernel and
# $dir/root. apt-get's own configuration and lists are not touched.
# shellcheck shell=sh disable=SC2154

apt() {
	tool=$1
	shift
	"$tool" -qq -o Dir::State="$dir/apt" -o Dir::State::lists="$dir/apt/lists" \
		-o Dir::Cache="$dir/apt/cache" -o Dir::State::status=/dev/null \
		-o Dir::Etc::SourceList="$dir/apt/list" \
		-o Dir::Etc::SourceParts=/dev/null -o APT::Sandbox::User=root \
		-o APT::Architecture="$debian" \
		-o APT::Architectures::="$debian" \
		-o Acquire::Languages=none -o Acquire::GzipIndexes=true "$@"
}

# The lists of release $1, from the mirror that apt-get itself uses.
lists() {
	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' | grep -v security |
		head -n 1)
	rm -rf "$dir/apt" "$dir/root"
	mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial" \
		"$dir/root"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	echo "deb [arch=$debian signed-by=$keys] $mirror $1 main" \
		>"$dir/apt/list"
	apt apt-get update
}

download() {
	(cd "$dir/apt" && apt apt-get download "$@")
}

# extract PACKAGE FILE: a file of a package to standard output.
extract() {
	dpkg --fsys-tarfile "$dir/apt/$1"_*.deb | tar -xO --wildcards "./$2"
}

unpack() {
	for package; do
		dpkg -x "$dir/apt/$package"_*.deb "$dir/root" || return 1
	done
}

fetch_from() {
	lists "$1" || return 1
	kernel=linux-image-$flavour
	# Since Linux 7 the image is in a package of its own.
	for part in image binary; do
		kernel=$(apt apt-cache depends "$kernel" |
			sed -n "s/.*Depends: \(linux-$part-[0-9]\)/\1/p" |
			grep . || echo "$kernel")
	done
	set -- check libsubunit-dev busybox-static dash
	download "$kernel" "$@" && unpack "$@" &&
		extract "$kernel" '*/vmlinu[xz]*' >"$dir/new" || return 1
	# May be of a newer glibc than the compiler's.
	"$triplet-objcopy" --redefine-sym __isoc23_strtoul=strtoul \
		"$dir"/root/usr/lib/*/libcheck.a
	rm -rf "$dir/apt"
	mv "$dir/new" "$dir/kernel"
}

fetch() {
	[ ! -e "$dir/kernel" ] || return 0
	for release in $(echo "$releases" | tr , ' '); do
		! fetch_from "$release" >"$dir/log" 2>&1 || return 0
	done
	tail -n 1 "$dir/log"
	return 1
}

# For a CPU that this release of Debian does not compile for: what clang needs
# beside itself, and an emulator that is new enough.
fetch_cross() {
	[ ! -e "$dir/qemu" ] || return 0
	native=$(dpkg --print-architecture)
	set -- "libc6-dev-$debian-cross" "libc6-$debian-cross" \
		"linux-libc-dev-$debian-cross" "libgcc-14-dev-$debian-cross" \
		"libgcc-s1-$debian-cross"
	{
		debian=$native lists "$releases" &&
			debian=$native download qemu-user "$@" &&
			unpack "$@" &&
			extract qemu-user "usr/bin/qemu-$qemu" >"$dir/new" &&
			chmod 755 "$dir/new" && rm -rf "$dir/apt" &&
			mv "$dir/new" "$dir/qemu"
	} >"$dir/log" 2>&1
}

# SPDX-License-Identifier: MIT
# For scripts/check-arch: CPUs of which there is no kernel, under qemu-user.
# Its vfork is a fork, so this sees that the stub works up to there, that the
# memory is not shared, that it is noticed, and that libc does the rest.
# shellcheck shell=sh disable=SC2154

emulated() {
	folder=${name%-be}
	[ -f "arch/$folder/stub.S" ] || {
		echo "$name: skipped: no arch/$folder"
		return 77
	}
	cc=$triplet-gcc root=/usr/$triplet emulator=qemu-$qemu
	if [ "$releases" != - ]; then
		fetch_cross || {
			echo "$name: skipped: $(tail -n 1 "$dir/log")"
			return 77
		}
		root=$dir/root/usr/$triplet emulator=$dir/qemu
		cc="clang-19 --target=$triplet --sysroot=$dir/root
			--gcc-install-dir=$dir/root/usr/lib/gcc-cross/$triplet/14
			-isystem $root/include -fuse-ld=lld"
		# shellcheck disable=SC2086,SC2116 # it becomes one line
		cc=$(echo $cc)
	fi
	{
		make -j2 -s CC="$cc" B="$out" "$out/libvspawn.so" &&
			make -s -f test/programs.mk CC="$cc" B="$out" \
				CHECK= "$out/hosts/spawn_host" &&
			make -s -f test/programs.mk CHECK= B="$work/native" \
				"$work/native/hosts/show" &&
			VSPAWN_EMULATOR="$emulator -L $root" \
				VSPAWN_TEST_SHOW=$work/native/hosts/show \
				VSPAWN_TEST_HOSTS=$out/hosts \
				VSPAWN_LIB=$out/libvspawn.so \
				sh test/scripts/spawn_not_shared.sh
	} >"$dir/log" 2>&1 || {
		tail "$dir/log"
		echo "$name: FAILED"
		return 1
	}
	echo "$name: qemu-$qemu: memory is not shared, which is noticed:" \
		"1 passed, 0 failed"
}

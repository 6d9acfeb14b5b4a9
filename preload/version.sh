# SPDX-License-Identifier: MIT
# version.sh ARCH GLIBC: the linker's version script, from entry.def. GLIBC is
# 0 if this is another libc, which has no versions.
#
# Symbols of no version answer the loader for every version asked of them, so
# ours have none; only posix_spawn and posix_spawnp come in two, on the CPUs
# whose glibc is older than 2.15. The linker refuses to list symbols of no
# version beside named ones: then -fvisibility=hidden does the hiding.
header=arch/$1/syscall.h
base=$(sed -n 's/^#define VS_GLIBC_BASE[[:blank:]]*"\(.*\)"/\1/p' "$header")

if [ "$2" != 0 ] &&
	grep -q '^#define VS_GLIBC_OLD_SPAWN[[:blank:]]*1' "$header"; then
	echo "$base { local: vs_*; };"
	echo "GLIBC_2.15 { };"
else
	echo '{ global:'
	sed -n 's/^ENTRY(\([A-Za-z0-9_]*\),.*/	\1;/p'
	echo 'local: *; };'
fi

# SPDX-License-Identifier: MIT
# version.sh [OLD]: the linker's version script, from entry.def on standard
# input. OLD is the version of an older posix_spawn, if libc has one.
#
# Symbols of no version answer the loader for every version asked of them, so
# ours have none; only posix_spawn and posix_spawnp come in two, on the CPUs
# whose glibc is older than 2.15. The linker refuses to list symbols of no
# version beside named ones: then -fvisibility=hidden does the hiding.
if [ -n "${1-}" ]; then
	echo "$1 { local: vs_*; };"
	echo "GLIBC_2.15 { };"
else
	echo '{ global:'
	sed -n 's/^ENTRY(\([A-Za-z0-9_]*\),.*/	\1;/p'
	echo 'local: *; };'
fi

#!/bin/sh
# SPDX-License-Identifier: MIT
# vspawn doctor: it is right about machines, libraries, settings, other preloads,
# kernels and filters. What cannot be made here is left out, and said.
# shellcheck source=test/lib/doctor.sh
. "$(dirname "$0")/../lib/doctor.sh"

# ---- this machine ----
says ok library 'version [0-9]'
says ok vm-shared 'share memory'
if [ -n "$dispatch" ]; then
	says ok dispatch 'has trapped a call'
	says ok proc .
fi
says ok trial-spawn '5 of 5'

# ---- nothing to look at ----
doctor 2 ./no-such-file
says unknown program 'not found'
doctor 2 "$tmp"
says unknown program .
doctor 2 -u no-such-user-here
doctor 2 -p 0
doctor 2 -p
doctor 2 --jsno
lib=$tmp/none.so doctor 1
says no library 'No such file'
: >none.so
lib=$tmp/none.so doctor 1
says no library 'not a whole'
rm none.so

# ---- a library that its user cannot read ----
mkdir closed
cp "$lib" closed/
chmod 700 closed
if [ "$(id -u)" = 0 ]; then
	lib=$tmp/closed/libvspawn.so doctor 1 -u nobody ./plain
	says no library-access "stopped at $tmp/closed/"
	chmod 755 closed
	chmod 600 closed/libvspawn.so
	lib=$tmp/closed/libvspawn.so doctor 1 -u nobody
	says no library-access 'stopped at .*libvspawn.so'
else
	chmod 0 closed
	lib=$tmp/closed/libvspawn.so doctor 1
	says no library-access .
fi
chmod 755 closed

# ---- settings ----
VSPAWN_FROK=txn doctor 0
says warning settings 'VSPAWN_FROK is no setting -> VSPAWN_FORK'
VSPAWN_FROK=txn brief 'VSPAWN_FORK meant' ./plain
VSPAWN_FORK=TXN doctor 0
says warning settings 'VSPAWN_FORK=TXN is not known; allowed: auto'
VSPAWN_MODE=txn doctor 0
says warning settings 'VSPAWN_MODE .* allowed: VSPAWN'
VSPAWN=off doctor 1
says no settings 'VSPAWN=off'
VSPAWNED=1 brief '' ./plain
# All of the manual's are some.
sed -n 's/^\.It Ev \(VSPAWN_[A-Z_]*\).*/\1/p' "$man/libvspawn.7" | sort -u >names
[ "$(wc -l <names)" -gt 3 ] || fail "libvspawn(7) has no settings"
while read -r name; do
	(
		export "$name=x"
		brief '' ./plain
	) || exit 1
done <names

# ---- other preloads ----
echo 'int deep(void) { return 0; }' >deep.c
"$CC" -shared -fPIC -o libdeep.so deep.c || fail libdeep.so
LD_PRELOAD=$tmp/libdeep.so doctor 0
says ok preloads libdeep.so
LD_PRELOAD=$tmp/gone.so doctor 0
says warning preload 'gone.so is not there'

# A summary is that of the trial, which has them all.
cat >own.c <<'END'
#include <errno.h>
int posix_spawn(void) { return ENOSYS; }
int fork(void) { errno = ENOSYS; return -1; }
END
"$CC" -shared -fPIC -fno-builtin -o libown.so own.c || fail libown.so
LD_PRELOAD=$tmp/libown.so doctor 1
says no trial-spawn '0 of 5'

# ---- rules ----
printf 'other off\nplain native\n' >rules.txt
chmod 644 rules.txt
[ -z "$dispatch" ] || {
	VSPAWN_RULES=$tmp/rules.txt doctor 0 ./plain
	says ok rules 'line 2, plain native'
}

# ---- kernels and filters ----
refuse=$hosts/refuse
if "$refuse" clone3 ENOSYS true; then
	for error in EPERM ENOSYS; do
		DOCTOR="$refuse clone3 $error" doctor 0
		says warning clone3 no
		says warning clear-sighand no
		says warning seccomp '[0-9] filter'
		says ok trial-spawn '5 of 5'
	done
	DOCTOR="$refuse dispatch EPERM" doctor 0
	says no dispatch 'switched off.* sysctl'
	says no trial-fork '0 of 5'
	says ok trial-spawn '5 of 5'
	grep -q '^verdict: .*fork stays' out || fail "verdict without dispatch"
	DOCTOR="$refuse dispatch EINVAL" doctor 1 ./plain
	says no dispatch 'no Syscall User Dispatch.* 5.11'
	grep -q '^verdict: no use' out || fail "verdict for fork"
else
	without filters
fi

# ---- no /proc ----
if unshare -m true 2>/dev/null; then
	cat >no_proc <<'END'
#!/bin/sh
mount -t tmpfs none /proc && exec "$@"
END
	chmod 755 no_proc
	DOCTOR="unshare -m $tmp/no_proc" doctor 0
	says no proc 'cannot be read'
	says unknown seccomp .
	says no trial-fork '0 of 5'
	says ok trial-spawn '5 of 5'
	DOCTOR="unshare -m $tmp/no_proc" doctor 2 -p $$
	cat >hide_proc <<'END'
#!/bin/sh
mount -t proc -o hidepid=2 proc /proc && exec "$@"
END
	chmod 755 hide_proc
	DOCTOR="unshare -mpf $tmp/hide_proc" doctor 0
	says warning hidepid '(2|invisible)'
else
	without "no /proc"
fi

# ---- JSON ----
if command -v jq >/dev/null; then
	# shellcheck disable=SC2028
	doctor 2 --json "$(printf './odd"\\\n\033\377.no')"
	jq -e '.schema == 1 and .status == 2 and .verdict == "cannot tell" and
		(.why | length > 0) and (.checks | length > 10 and all(
			(.check | length > 0) and has("remedy") and
			(.mark | test("^(ok|warning|no|unknown)$"))))' \
		out >/dev/null || fail "not as it should be: $(cat out)"
else
	without JSON
fi

ends

#!/bin/sh
# SPDX-License-Identifier: MIT
# vspawn doctor: it is right about programs, kernels, filters and processes of
# each kind, never runs the program that it is asked about, and does not trust
# what it reads. What cannot be made here is left out, and said.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
: "${CC:=cc}"
[ -x build/doctor ] || skip "no build/doctor: make"
temporary_folder
unset VSPAWN VSPAWN_FORK VSPAWN_SPAWN VSPAWN_CHILDREN VSPAWN_STATS VSPAWN_LIVE
unset VSPAWN_RULES
# Where anybody gets at it, and without what the test itself has set.
chmod 755 "$tmp"
cp build/doctor build/stats build/rules "$lib" "$tmp/" || exit 1
lib=$tmp/libvspawn.so
left_out=
man=$PWD/scripts/man
: >"$tmp/checks"
cd "$tmp" || exit 1

without() {
	left_out="$left_out${left_out:+, }$1"
}

# doctor STATUS ARG...: its report in out. DOCTOR is what runs it.
doctor() {
	wanted=$1
	shift
	# shellcheck disable=SC2086
	env -u VSPAWN_LIB -u VSPAWN_TEST_HOSTS ${DOCTOR-} "$tmp/doctor" \
		"$lib" "$@" >"$tmp/out" 2>&1
	status=$?
	sed -nE 's/^(ok|warning|no|unknown) +([a-z0-9-]+) .*/\2/p' \
		"$tmp/out" >>"$tmp/checks"
	[ "$status" = "$wanted" ] || {
		cat "$tmp/out"
		fail "doctor $*: status $status, not $wanted"
	}
}

# says MARK CHECK WORDS: one line has all that.
says() {
	grep -E "^$1 +$2 .*$3" "$tmp/out" >/dev/null || {
		cat "$tmp/out"
		fail "no line '$1 $2 $3'"
	}
}

# brief WORDS ARG...: the wrapper's line has the words; none if they are ''.
brief() {
	words=$1
	shift
	env -u VSPAWN_LIB -u VSPAWN_TEST_HOSTS "$tmp/doctor" --brief "$lib" \
		auto "$@" >"$tmp/out" 2>&1
	if [ -z "$words" ]; then
		[ ! -s "$tmp/out" ] || fail "a word: $(cat "$tmp/out")"
		return
	fi
	[ "$(wc -l <"$tmp/out")" = 1 ] || fail "not one line about $*"
	grep -qF -e "$words" "$tmp/out" ||
		fail "no '$words': $(cat "$tmp/out")"
}

# build NAME COMPILER FLAG...: of $source, or forks.c; false if that compiler is not here.
cat >forks.c <<'END'
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>
int main(void)
{
	FILE *ran = fopen("ran", "w");
	pid_t pid = fork();
	if (pid == 0)
		_exit(ran == NULL);
	waitpid(pid, NULL, 0);
	return 0;
}
END
build() {
	name=$1
	shift
	if command -v "$1" >/dev/null; then
		"$@" -o "$name" "${source-forks.c}" 2>/dev/null
	fi
	[ -x "$name" ]
}

# ---- this machine ----
doctor 0
says ok library 'version [0-9]'
says ok vm-shared 'share memory'
dispatch=
if grep -qE '^ok +trial-fork' out; then
	dispatch=1
	says ok dispatch 'has trapped a call'
	says ok proc .
fi
says ok trial-spawn '5 of 5'

# ---- programs ----
build plain "$CC" || skip "no compiler"
if [ -n "$dispatch" ]; then
	doctor 0 ./plain
	says ok children 'fork \(plain\)'
	says ok loader 'loads the library'
	says ok trial-fork '5 of 5 .*by that loader'
fi
brief '' ./plain
cat >idle.c <<'END'
int main(void) { return 0; }
END
"$CC" -o idle idle.c
doctor 1 ./idle
says no children 'neither it nor'
cat >shell.c <<'END'
#include <stdlib.h>
int main(void) { return system("true"); }
END
"$CC" -o shell shell.c
doctor 1 ./shell
says no children 'only system'

# By a library of a library of it.
cat >deep.c <<'END'
#include <unistd.h>
int deep(void) { return (int)fork(); }
END
cat >middle.c <<'END'
int deep(void);
int middle(void) { return deep(); }
END
cat >user.c <<'END'
int middle(void);
int main(void) { return middle() < 0; }
END
"$CC" -shared -fPIC -o libdeep.so deep.c || fail libdeep.so
"$CC" -shared -fPIC -o libmiddle.so middle.c -L. -ldeep -Wl,-rpath,"$tmp" ||
	fail libmiddle.so
"$CC" -o user user.c -L. -lmiddle -Wl,-rpath,"$tmp" \
	-Wl,-rpath-link,"$tmp" || fail user
[ -z "$dispatch" ] || {
	doctor 0 ./user
	says ok children 'fork \(libdeep.so\)'
}

for kind in static static-pie; do
	build "$kind" "$CC" "-$kind" || {
		without "$kind"
		continue
	}
	doctor 1 "./$kind"
	says no static "$kind"
	brief 'nothing will be changed' "./$kind"
done

# As Go makes them: no loader, position independent, and a note.
cat - forks.c >go.c <<'END'
static const struct {
	unsigned name_size, size, type;
	char name[4], id[8];
} note __attribute__((used, section(".note.go.buildid"), aligned(4))) = {
	4, 8, 4, "Go", "abc/def"};
END
source=go.c
if build go "$CC" -static-pie; then
	doctor 1 ./go
	says no static 'made by Go'
	says no go 'system calls itself'
	brief 'made by Go' ./go
fi
# With cgo.
build cgo "$CC" || fail cgo
doctor 1 ./cgo
says ok static .
says no go .
brief 'made by Go' ./cgo
unset source

# Of no C library, for which there may be none of that kind here.
echo 'void _start(void) { for (;;); }' >bare.c
source=bare.c
if build i386 "$CC" -m32 -nostdlib -pie -Wl,-I/lib/ld-linux.so.2; then
	# The compiler's own machine may be that one.
	"$CC" -dM -E -x c /dev/null | grep -q __i386__ || {
		doctor 1 ./i386
		says no fits '32-bit .*i386'
		brief '32-bit' ./i386
	}
else
	without i386
fi
unset source
# e_machine: SPARC.
cp plain other
printf '\053\053' | dd of=other bs=1 seek=18 conv=notrunc 2>/dev/null
doctor 1 ./other
says no fits 'the library is'
if build musl musl-gcc; then
	doctor 1 ./musl
	says no fits 'it uses musl'
	brief 'it uses musl' ./musl
else
	without musl
fi

cp plain setuid
if [ "$(id -u)" = 0 ] && chown 65534 setuid; then
	chmod 4755 setuid
	doctor 1 ./setuid
	says no setuid 'ignores LD_PRELOAD'
	brief 'setuid' ./setuid
	# Rights that change nothing are none.
	chown 0 setuid
	chmod 4755 setuid
	brief '' ./setuid
	doctor 1 -u nobody ./setuid
	says no setuid 'for nobody'
	cp plain capable
	if command -v setcap >/dev/null &&
		setcap cap_net_raw+ep capable 2>/dev/null; then
		brief '' ./capable
		doctor 1 -u nobody ./capable
		says no capabilities .
	else
		without capabilities
	fi
else
	without setuid
fi

# ---- scripts ----
script() {
	cat >script
	chmod 755 script
}
echo "#!$tmp/plain -x" | script
if [ -n "$dispatch" ]; then
	doctor 0 ./script
	says ok script "run by $tmp/plain -x"
fi
brief '' ./script
if [ -x static ]; then
	echo "#!$tmp/static" | script
	doctor 1 ./script
	says no static .
	echo '#! /usr/bin/env static' | script
	PATH=$tmp:$PATH brief 'static' ./script
	PATH=$tmp:$PATH doctor 1 ./script
	says ok env 'runs static'
	brief 'static' env -u X A=b PATH="$tmp" static
	brief 'static' env -S "PATH=$tmp static"
fi
echo "#!/usr/bin/env -S -i $tmp/plain" | script
doctor 1 ./script
says no env 'without LD_PRELOAD'
brief 'takes LD_PRELOAD away' ./script
# No #! at all: what shells and execvp() make of it.
echo 'exit 0' | script
doctor 0 ./script
says ok script 'run by /bin/sh'
echo "#!$tmp/script" | script
doctor 2 ./script
says unknown program .
[ ! -e ran ] || fail "it has run what it was asked about"

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

# ---- processes ----
LD_PRELOAD=$lib VSPAWN_FORK=native sleep 60 &
with=$!
sleep 60 &
bare=$!
LD_PRELOAD=$lib VSPAWN_LIVE=$tmp/live sleep 60 &
live=$!
cleanup() {
	# shellcheck disable=SC2086
	kill $with $bare $live
}
# Until they have become that.
for pid in $with $bare $live; do
	until [ "$(cat /proc/"$pid"/comm)" = sleep ]; do
		sleep 0.1
	done
done
doctor 0 -p "$with"
says ok loaded "$lib, version [0-9]"
says ok process "$with of $(id -un), since [0-9]"
says ok settings VSPAWN_FORK=native
says ok 'done' 'not asked for'
doctor 0 -p "$live"
says ok 'done' transactions
doctor 1 -p "$bare"
says no loaded 'not set'
says ok library-access .
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	DOCTOR='setpriv --reuid 65534 --regid 65534 --clear-groups' \
		doctor 2 -p "$with"
	says unknown loaded 'cannot be read'
else
	doctor 2 -p 1
fi
doctor 2 -p 999999999
# One that no loader has loaded anything into, and one that had no say.
echo 'int pause(void); int main(void) { return pause(); }' >pause.c
if [ -x static ] && "$CC" -static -o waits pause.c; then
	LD_PRELOAD=$lib ./waits &
	live="$live $!"
	until [ "$(cat /proc/"$!"/comm)" = waits ]; do
		sleep 0.1
	done
	doctor 1 -p $!
	says no loaded 'although its LD_PRELOAD names it'
	says no static .
fi
if [ "$(id -u)" = 0 ] && "$CC" -o changes pause.c && chown 65534 changes; then
	chmod 4755 changes
	LD_PRELOAD=$lib ./changes &
	live="$live $!"
	until [ "$(cat /proc/"$!"/comm)" = changes ]; do
		sleep 0.1
	done
	doctor 1 -p $!
	says no setuid AT_SECURE
fi
# Replaced by another while it runs.
cp "$lib" "$tmp/new.so"
mv "$tmp/new.so" "$lib"
doctor 0 -p "$with"
says warning loaded 'replaced since'

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

# ---- files that lie ----
if command -v perl >/dev/null; then
	# shellcheck disable=SC2016
	perl -e '
		my ($doctor, $lib, $file) = @ARGV;
		open(F, "<:raw", $file); my $good = join "", <F>;
		srand(1);
		for my $n (1 .. 400) {
			my $bad = $good;
			if ($n % 4 == 0) {
				$bad = substr($bad, 0, int rand 4096);
			} else {
				# The header, the segments, the dynamic section.
				my $reach = $n % 4 == 1 ? 1024 : length $bad;
				substr($bad, int rand $reach, 1) =
					chr int rand 256 for 1 .. 1 + rand 40;
			}
			substr($bad, 0, 4) = "\177ELF";
			open(F, ">:raw", "bad"); print F $bad; close F;
			chmod 0755, "bad";
			system("$doctor --brief $lib auto ./bad >said 2>&1");
			next if ($? & 127) == 0 && $? >> 8 <= 3;
			print "number $n: status $?\n";
			exit 1;
		}' "$tmp/doctor" "$lib" plain || fail "a crash"
fi
[ ! -e ran ] || fail "it has run what it was asked about"

# ---- the manual has each check ----
sed -n '/^\.Sh DOCTOR/,/^As JSON/s/^\.It Cm \([a-z0-9-]*\)$/\1/p' \
	"$man/vspawn.1" | sort -u >listed
sort -u checks >seen
[ "$(wc -l <seen)" -gt 20 ] || fail "hardly any checks"
comm -13 listed seen >missing
[ ! -s missing ] || fail "not in vspawn(1): $(cat missing)"
echo "ok${left_out:+, without: $left_out}"

#!/bin/sh
# SPDX-License-Identifier: MIT
# vspawn doctor: it is right about programs of each kind, never runs the one that
# it is asked about, and does not trust what it reads.
# shellcheck source=test/lib/doctor.sh
. "$(dirname "$0")/../lib/doctor.sh"

# ---- programs ----
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

ends

# SPDX-License-Identifier: MIT
# `make help` lists the targets.

VERSION = 0.2
prefix  = /usr/local
bindir  = $(prefix)/bin
libdir  = $(prefix)/lib
libexecdir = $(prefix)/libexec
helpers = $(libexecdir)/vspawn
datadir = $(prefix)/share
mandir  = $(prefix)/share/man
docdir  = $(prefix)/share/doc/vspawn
# As the wrapper puts it into LD_PRELOAD: libdir with $$LIB in it, where that
# is what the loader makes of $$LIB, serves programs of either class.
preload = $(libdir)/libvspawn.so
DESTDIR =

ifeq ($(origin CC),default)
CC      = $(CROSS_COMPILE)gcc
endif
CFLAGS  = -O2 -g
B       = build

# MACHINE, and ARCH, the folder of it.
include arch/name.mk

# As libc's oldest posix_spawn is called there, if there are two (port.h).
OLD_SPAWN = $(shell echo 'old VS_GLIBC_OLD_SPAWN' | $(CC) $(CPPFLAGS) \
	       -Iarch -Iarch/$(ARCH) -E -P -include port.h -x c - \
	       2>/dev/null | sed -n 's/^old "\(.*\)"/\1/p')

# Loops must not become calls of memcpy and memset.
NO_IDIOMS := $(if $(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | \
	  grep __clang__),\
	  -fno-builtin,-fno-tree-loop-distribute-patterns)

# Landing pads for indirect jumps, by whichever name the CPU has them.
takes    = $(shell $(CC) -Werror $(1) -S -x c -o /dev/null /dev/null 2>/dev/null \
	   && echo $(1))
LANDING := $(call takes,-fcf-protection) \
	   $(call takes,-mbranch-protection=standard)

WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes
# What may run in a child that shares memory, or on a trapped system call, is
# not allowed a stack protector, a PLT call or an instrumented prologue; one
# set of flags for all keeps it simple. -U: a distribution's CFLAGS often hold
# _FORTIFY_SOURCE, whose checks are calls into libc.
HARD    = -std=gnu11 -D_GNU_SOURCE= -ftls-model=initial-exec -fPIC -fvisibility=hidden -fno-stack-protector -fno-plt \
	  $(LANDING) -fno-sanitize=all -fno-omit-frame-pointer \
	  $(NO_IDIOMS) \
	  -U_FORTIFY_SOURCE -Iarch -Iarch/$(ARCH) -Ipreload -I$(B)
# Each mapping, page and symbol costs every process that inherits LD_PRELOAD:
# no start files, one mapping for all that is read, big arrays apart.
LINK    = -shared -nostartfiles -Wl,-soname,libvspawn.so \
	  -Wl,-z,now,-z,relro,-z,noexecstack,-z,noseparate-code \
	  -Wl,--hash-style=gnu,--no-undefined,--as-needed \
	  -Wl,--sort-section=name -Wl,--version-script=$(B)/vspawn.map

Q       = $(if $(V),,@)
say     = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2);)

# The wrapper's own programs, and what else bench and demo run: with each
# allocator that there is to link with, and with musl.
has_lib = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).so 2>/dev/null))
COMPLETIONS = $(addprefix $(B)/completion/,bash zsh)
HELPERS = $(addprefix $(B)/,doctor stats rules) \
	  $(addprefix $(B)/bench/,nop host turns)
HOSTS   = $(addprefix $(B)/bench/host-,\
	  $(if $(call has_lib,jemalloc),jemalloc) \
	  $(if $(call has_lib,tcmalloc_minimal),tcmalloc) \
	  $(if $(call has_lib,mimalloc),mimalloc) \
	  $(if $(shell command -v $(MUSL_CC) 2>/dev/null),musl))
MUSL_CC = musl-gcc

# What a child of a transaction runs lies together, in the first 64 KB, and what
# each runs in as few of them as possible: what a child enters of a file's
# mapping is so much at a time, and a fault each.
EACH    = $(addprefix preload/txn/,trap.c heir.c clone.c begin.c) \
	  $(addprefix preload/txn/child/,start.c signals.c pages.c fetch.c \
	    early.c deferred.c terminal.c turn.c) \
	  $(wildcard preload/txn/handler/*.c preload/txn/map/*.c \
	    preload/txn/record/*.c preload/kernel/*.c) \
	  preload/kernel/proc/maps.c \
	  $(addprefix preload/txn/calls/,exec/exec.c exec/strings.c policy.c \
	    fds.c special.c fd/mem_fd.c) \
	  preload/rules/rules.c preload/rules/sets.c \
	  $(addprefix preload/entry/,fork.c exec.c env.c)
CHILD   = $(wildcard preload/txn/child/*.c preload/txn/calls/*.c \
	    preload/txn/calls/*/*.c)
# And what the child of a native fork runs, beside fork() itself.
NATIVE  = preload/entry/native_fork.c preload/libc/threads.c \
	  preload/libc/module.c preload/entry/spawn/system.c \
	  preload/entry/spawn/popen_stream.c preload/stats/stats.c \
	  preload/stats/tell/log.c preload/audit/audit.c \
	  $(wildcard preload/memory/*.c preload/kernel/task/*.c \
	    preload/share/share.c)
FIRST   = $(EACH) $(NATIVE) $(filter-out $(EACH) $(NATIVE),$(CHILD))
SRC     = $(FIRST) $(filter-out $(FIRST),\
	  $(sort $(wildcard preload/*/*.c preload/*/*/*.c preload/*/*/*/*.c)))
OBJ     = $(SRC:%.c=$(B)/%.o) $(B)/arch/$(ARCH)/stub.o
LIB     = $(B)/libvspawn.so

all: $(LIB) $(HELPERS) $(COMPLETIONS)

$(LIB): $(OBJ) $(B)/vspawn.map
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) $(LINK) -o $@ $(OBJ) -ldl

$(B)/%.o: %.c Makefile | $(B)/syscall_names.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(HARD) \
		-MMD -MP -c -o $@ $<

$(B)/%.o: %.S Makefile
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# VERSION is in the library, too, and in what compares the two.
VS_VERSION = -DVS_VERSION='"$(VERSION)"'
$(B)/preload/base/version.o: HARD += $(VS_VERSION)

# One node per symbol version; everything else exported is in the last one,
# whose name no libc has, so that it answers every version asked for.
$(B)/vspawn.map: preload/entry/entry.def preload/entry/version.sh Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)sh preload/entry/version.sh $(OLD_SPAWN) <preload/entry/entry.def >$@

# Names of this CPU's system calls, for the stats.
$(B)/syscall_names.h: Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)echo '#include <asm/unistd.h>' | \
	$(CC) $(CPPFLAGS) -E -dM - | \
	sed -n -e '/ __NR_[a-z0-9_]*$$/d' \
	-e 's/^#define __NR_\([a-z0-9_]*\) .*/[__NR_\1 - VS_FIRST_NUMBER] = "\1",/p' | \
	grep -v arch_specific | LC_ALL=C sort >$@

host    = $(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) -std=gnu11 \
	  -D_GNU_SOURCE= -pthread -o $@ $(filter %.c,$^)

hosts: $(HELPERS) $(HOSTS)

$(B) $(B)/bench:
	@mkdir -p $@

# The doctor knows the settings by the names that the library looks for.
$(B)/setting_names.h: preload/base/config.c Makefile | $(B)
	$(call say,GEN,$@)grep -o '"VSPAWN[A-Z_]*"' $< | LC_ALL=C sort -u | \
	sed 's/$$/,/' >$@

$(B)/doctor: $(wildcard scripts/doctor/*.[ch] scripts/doctor/*/*.[ch]) \
	     $(B)/setting_names.h preload/entry/entry.def Makefile | $(B)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) \
		-std=gnu11 -D_GNU_SOURCE= -D_FILE_OFFSET_BITS=64 $(VS_VERSION) \
		-I$(B) -Iscripts/doctor -o $@ $(filter %.c,$^)

# With what the library prints its summary by.
STATS   = $(sort $(wildcard scripts/stats/*.c)) \
	  $(addprefix preload/stats/report/,text.c report.c json.c)

$(B)/stats: $(STATS) $(wildcard scripts/stats/*.h preload/stats/report/*.h) Makefile \
		| $(B)
	$(call say,CC,$@)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(LDFLAGS) \
		-std=gnu11 -D_GNU_SOURCE= -Ipreload -o $@ $(STATS)

# With the library's own parser.
PARSER  = $(addprefix preload/,rules/parse.c rules/rule.c rules/match.c \
	    base/strict.c base/line.c)

$(B)/rules: $(wildcard scripts/rules/*) $(PARSER) \
	    $(wildcard preload/rules/*.h) Makefile | $(B)
	$(call say,CC,$@)$(host) -Ipreload

$(B)/bench/nop: test/hosts/nop.c Makefile | $(B)/bench
	$(call say,CC,$@)$(host) -static 2>/dev/null || $(host)

$(B)/bench/turns: $(wildcard scripts/bench/turns/*) Makefile | $(B)/bench
	$(call say,CC,$@)$(host)

HOST_SRC = $(wildcard scripts/bench/host/*) Makefile
$(B)/bench/host: $(HOST_SRC) | $(B)/bench
	$(call say,CC,$@)$(host)

$(B)/bench/host-musl: CC = $(MUSL_CC)
$(B)/bench/host-musl: $(HOST_SRC) | $(B)/bench
	$(call say,CC,$@)$(host)

$(B)/bench/host-%: $(HOST_SRC) | $(B)/bench
	$(call say,CC,$@)$(host) -Wl,--no-as-needed \
		-l$(*:tcmalloc=tcmalloc_minimal)

# With the wrapper's tables of what there is.
$(B)/completion/%: scripts/completion/% scripts/vspawn Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)sed -n "/^vspawn_[a-z]*='$$/,/^'$$/p" \
		scripts/vspawn >$@.tables
	$(Q)sed -e "/^@tables@$$/r $@.tables" -e '/^@tables@$$/d' $< >$@
	@rm $@.tables

# What must be there before anything can be built and run; the rest is left
# out when it is missing. A second make, because the first may have been read
# without a compiler.
BUILD_NEEDS = $(firstword $(CC)):gcc -lc:libc6-dev
need.bench  = --optional -ljemalloc:libjemalloc-dev musl-gcc:musl-tools \
	      -ltcmalloc_minimal:libgoogle-perftools-dev \
	      -lmimalloc:libmimalloc-dev gnuplot:gnuplot-nox
need.demo   = --optional perl:perl-base -MTime::HiRes:perl python3:python3 \
	      -ljemalloc:libjemalloc-dev
quiet_make  = $(MAKE) $(if $(V),,-s) --no-print-directory
define build
	$(Q)CC='$(CC)' sh scripts/need $(BUILD_NEEDS) $(need.$@)
	$(Q)$(quiet_make) all
endef

check demo:
	$(build)
	$(Q)$(quiet_make) hosts
	$(Q)sh scripts/$@ $(ARGS)

# --where takes a library with clock points (preload/kernel/point.h).
bench:
	$(build)
	$(Q)$(quiet_make) hosts
	$(if $(filter --where%,$(ARGS)),$(Q)$(quiet_make) B=$(B)/where \
		CPPFLAGS='$(CPPFLAGS) -DVS_CLOCK' $(B)/where/libvspawn.so)
	$(Q)sh scripts/bench/run --out=$(B)/bench-results $(ARGS)

# One suite or script, in seconds: see scripts/check-one.
ONE     =
MODE    =
CASE    =
test:
	$(Q)CC='$(CC)' sh scripts/check-one '$(ONE)' '$(MODE)' '$(CASE)'

# A million is some twenty minutes.
N       = 1000000
soak:
	$(build)
	$(Q)$(quiet_make) -f test/programs.mk $(B)/hosts/soak $(B)/hosts/state
	$(Q)sh test/scripts/soak.sh $(N)

# Servers, shells and languages, with what they need installed: as root, 1 GB.
check-real:
	$(build)
	$(Q)sh scripts/check-real $(ARGS)

# With other libcs, in roots that it makes: as root, 1.5 GB.
check-libc:
	$(build)
	$(Q)sh scripts/check-libc $(ARGS) || [ $$? = 77 ]

# For other CPUs, under their kernels in qemu: those of $(ARCHS), or all.
check-arch:
	$(Q)sh scripts/check-arch $(ARCHS) \
		$(if $(filter command%,$(origin ARCH)),$(ARCH)) || [ $$? = 77 ]

# Models of the protocol, every order of events of which is tried: two minutes.
check-model:
	$(Q)sh scripts/check-model $(ARGS) || [ $$? = 77 ]

# What can be found without running anything: a minute.
lint:
	$(Q)sh scripts/lint $(ARGS) || [ $$? = 77 ]

# Random programs, natively and under the library, for so many SECONDS; see
# test/fuzz/run.
SECONDS = 60
fuzz:
	$(build)
	$(Q)$(quiet_make) -f test/programs.mk fuzz
	$(Q)sh test/fuzz/run -t $(SECONDS) $(SEED)
	$(Q)sh test/fuzz/run -s -t $$(($(SECONDS) / 4 + 1)) $(SEED)

# Places and version, where they are named: the same for the same source.
fill     = sed -e 's|@libdir@|$(libdir)|g' -e 's|@libexecdir@|$(libexecdir)|g' \
	   -e 's|@docdir@|$(docdir)|g' -e 's|@version@|$(VERSION)|g' \
	   -e 's|@preload@|$(preload)|g'
# put MODE,FROM,TO
put      = rm -f $(strip $(3)); $(fill) $(2) >$(strip $(3)); chmod $(1) $(strip $(3))
PAGES    = $(notdir $(wildcard scripts/man/*.[157]))
EXAMPLES = $(notdir $(wildcard scripts/examples/*))
DOCS     = README COPYING scripts/NEWS
bench_runs      = $(addprefix scripts/bench/,run plot.sh) \
		  test/hosts/latency.pl
bash_completion = $(datadir)/bash-completion/completions
zsh_completion  = $(datadir)/zsh/site-functions

install: all
	install -d $(addprefix $(DESTDIR),$(libdir) $(bindir) $(helpers)/bench \
		$(bash_completion) $(zsh_completion))
	install -m 644 $(LIB) $(DESTDIR)$(libdir)/libvspawn.so
	install -m 755 $(filter-out $(B)/bench/%,$(HELPERS)) \
		$(DESTDIR)$(helpers)
	install -m 755 $(filter $(B)/bench/%,$(HELPERS)) $(bench_runs) \
		$(DESTDIR)$(helpers)/bench
	install -m 644 $(filter-out $(bench_runs),$(wildcard scripts/bench/*.sh \
		scripts/bench/*.awk test/hosts/[lL]atency.*)) \
		$(DESTDIR)$(helpers)/bench
	install -m 644 scripts/trace2perfetto.jq $(DESTDIR)$(helpers)
	$(call put,755,scripts/vspawn,$(DESTDIR)$(bindir)/vspawn)
	install -m 644 $(B)/completion/bash $(DESTDIR)$(bash_completion)/vspawn
	install -m 644 $(B)/completion/zsh $(DESTDIR)$(zsh_completion)/_vspawn
	install -d $(addprefix $(DESTDIR)$(mandir)/man,1 5 7) \
		$(DESTDIR)$(docdir)/examples
	set -e; for f in $(PAGES); do $(call put,644,scripts/man/$$f,\
		$(DESTDIR)$(mandir)/man$${f##*.}/$$f); done
	set -e; for f in $(EXAMPLES); do $(call put,644,scripts/examples/$$f,\
		$(DESTDIR)$(docdir)/examples/$$f); done
	install -m 644 $(DOCS) $(DESTDIR)$(docdir)

uninstall:
	rm -f $(addprefix $(DESTDIR),$(libdir)/libvspawn.so $(bindir)/vspawn \
		$(bash_completion)/vspawn $(zsh_completion)/_vspawn)
	rm -rf $(DESTDIR)$(helpers) $(DESTDIR)$(docdir)
	rm -f $(foreach p,$(PAGES),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(p)))/$(p))

clean:
	rm -rf $(B)

dist:
	$(Q)sh scripts/package/dist $(B)/vspawn-$(VERSION).tar.gz \
		vspawn-$(VERSION)

# Debian's and RPM's, in $(B)/deb and $(B)/rpm.
deb rpm:
	$(Q)sh scripts/package/$@

# Built twice, looked at, installed, run, upgraded and purged in a root: as
# root, 1 GB.
check-package:
	$(Q)sh scripts/check-package $(ARGS) || [ $$? = 77 ]

help:
	@echo 'all        build $(LIB) for $(ARCH)'
	@echo 'demo       compare real programs without and with it (3 minutes)'
	@echo 'check      run the tests (10 minutes)'
	@echo 'test       one of them: ONE=fork_fds MODE=txn, or ONE=symbols'
	@echo 'check-real the tests with real programs, which it installs'
	@echo 'check-libc the same with other libcs (root; 20 minutes)'
	@echo 'check-arch the suites on other CPUs, in qemu; ARCH=NAME: on one'
	@echo 'check-model the protocol, every order of events (2 minutes, 1 GB)'
	@echo 'lint       warnings, static analysis, stack depths (5 minutes)'
	@echo 'fuzz       random programs without and with it: SECONDS=60 SEED='
	@echo 'soak       N=1000000 children of one program leave nothing behind'
	@echo 'bench      all figures and plots (10 minutes); ARGS=--quick: 1 minute'
	@echo 'check-package the packages, in a root of Debian (root; 10 minutes)'
	@echo 'deb rpm    packages, in $(B)/deb and $(B)/rpm'
	@echo 'dist       a tarball, in $(B)'
	@echo 'install    into DESTDIR, prefix=$(prefix); uninstall takes it away'
	@echo 'clean help'
	@echo
	@echo 'CC CFLAGS LDFLAGS CROSS_COMPILE DESTDIR prefix are honoured;'
	@echo 'V=1 shows the commands.'

-include $(OBJ:.o=.d)

.PHONY: all hosts check test check-real check-libc check-arch check-model check-package lint fuzz soak demo bench install uninstall clean dist deb rpm help

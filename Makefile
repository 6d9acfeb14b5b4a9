# SPDX-License-Identifier: MIT
# `make help` lists the targets.

VERSION = 0.1
prefix  = /usr/local
bindir  = $(prefix)/bin
libdir  = $(prefix)/lib
DESTDIR =

ifeq ($(origin CC),default)
CC      = $(CROSS_COMPILE)gcc
endif
CFLAGS  = -O2 -g
B       = build

# The folder of this CPU, or the one that degrades to the real libc.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ARCH    := $(if $(wildcard arch/$(MACHINE)/stub.S),$(MACHINE),generic)

WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes
# What may run in a child that shares memory, or on a trapped system call, is
# not allowed a stack protector, a PLT call or an instrumented prologue; one
# set of flags for all keeps it simple. -U: a distribution's CFLAGS often hold
# _FORTIFY_SOURCE, whose checks are calls into libc.
HARD    = -std=gnu11 -D_GNU_SOURCE= -fPIC -fvisibility=hidden -fno-stack-protector -fno-plt \
	  -fcf-protection -fno-sanitize=all -fno-omit-frame-pointer \
	  -fno-tree-loop-distribute-patterns \
	  -U_FORTIFY_SOURCE -Iarch -Iarch/$(ARCH) -Ipreload -I$(B)
ifneq ($(MACHINE),x86_64)
HARD   := $(filter-out -fcf-protection,$(HARD))
endif
LINK    = -shared -Wl,-soname,libvspawn.so -Wl,-z,now,-z,relro \
	  -Wl,-z,noexecstack -Wl,--hash-style=gnu -Wl,--no-undefined \
	  -Wl,--version-script=$(B)/vspawn.map -Wl,--as-needed

Q       = $(if $(V),,@)
say     = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2);)

SRC     = $(sort $(wildcard preload/*.c))
OBJ     = $(SRC:%.c=$(B)/%.o) $(B)/arch/$(ARCH)/stub.o
LIB     = $(B)/libvspawn.so

all: $(LIB)

$(LIB): $(OBJ) $(B)/vspawn.map
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) $(LINK) -o $@ $(OBJ) -ldl

$(B)/%.o: %.c Makefile | $(B)/syscall_names.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(HARD) \
		-MMD -MP -c -o $@ $<

$(B)/%.o: %.S Makefile
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# One node per symbol version; everything else exported is in the last one,
# whose name no libc has, so that it answers every version asked for.
$(B)/vspawn.map: preload/entry.def preload/version.sh Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)sh preload/version.sh $(ARCH) <preload/entry.def >$@

# Names of this CPU's system calls, for the stats.
$(B)/syscall_names.h: Makefile
	@mkdir -p $(@D)
	$(call say,GEN,$@)echo '#include <asm/unistd.h>' | \
	$(CC) $(CPPFLAGS) -E -dM - | \
	sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/[__NR_\1] = "\1",/p' | \
	grep -v arch_specific | LC_ALL=C sort >$@

check bench demo: $(LIB)
	$(Q)sh scripts/$@ $(ARGS)

install: $(LIB)
	install -d $(DESTDIR)$(libdir) $(DESTDIR)$(bindir)
	install -m 644 $(LIB) $(DESTDIR)$(libdir)/libvspawn.so
	sed 's|@libdir@|$(libdir)|' scripts/vspawn >$(B)/vspawn
	install -m 755 $(B)/vspawn $(DESTDIR)$(bindir)/vspawn

uninstall:
	rm -f $(DESTDIR)$(libdir)/libvspawn.so $(DESTDIR)$(bindir)/vspawn

clean:
	rm -rf $(B)

dist:
	git archive --prefix=vspawn-$(VERSION)/ HEAD | gzip -9n \
		>vspawn-$(VERSION).tar.gz

help:
	@echo 'all        build $(LIB) for $(ARCH)'
	@echo 'demo       compare real programs without and with it (3 minutes)'
	@echo 'check      run every test (10 minutes)'
	@echo 'bench      the latency table of one C program'
	@echo 'install    into DESTDIR, prefix=$(prefix); uninstall takes it away'
	@echo 'clean dist help'
	@echo
	@echo 'CC CFLAGS LDFLAGS CROSS_COMPILE DESTDIR prefix are honoured;'
	@echo 'V=1 shows the commands.'

-include $(OBJ:.o=.d)

.PHONY: all check demo bench install uninstall clean dist help

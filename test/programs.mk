# SPDX-License-Identifier: MIT
# The test programs: test/suites/*/NAME.c is a Check suite, test/hosts/NAME.c a
# program that a suite or a script drives. `make -f test/programs.mk`.
B      = build
CC     = gcc
CFLAGS = -O2 -g

# The suites make system calls behind the library's back with these headers.
include arch/name.mk
PORT   := -Iarch -Iarch/$(ARCH)
CHECK  := $(shell pkg-config --cflags --libs check)
# glibc's old names and attributes, and code that looks for trouble.
WARN   = -Wall -Wextra -Wno-deprecated-declarations -Wno-unused-result
DIALECT = -std=gnu11 -D_GNU_SOURCE=

# Children that no setting of LD_PRELOAD may reach.
STATIC = append nop receiver say show state target

# The folders are for the reader: a suite's program goes by its name alone.
SUITES = $(patsubst %.c,$(B)/suites/%,$(notdir $(wildcard test/suites/*/*.c)))
vpath %.c $(wildcard test/suites/*)
PLUGIN = $(B)/hosts/ballast.so $(B)/hosts/plugin.so $(B)/hosts/interposer.so \
	 $(B)/hosts/deep_fork.so
HOSTS  = $(filter-out $(PLUGIN:.so=),$(patsubst test/hosts/%.c,$(B)/hosts/%,\
	 $(wildcard test/hosts/*.c))) $(PLUGIN)

all: $(SUITES) hosts

hosts: $(HOSTS)

$(B)/suites/%: %.c test/programs.mk
	@mkdir -p $(@D)
	$(CC) $(DIALECT) $(CFLAGS) $(WARN) -Itest/lib $(PORT) -MMD -MP \
		-o $@ $(wildcard test/suites/*/$*.c) $(CHECK) \
		-Wl,--wrap=check_get_clockid -ldl -lutil -lpthread

$(PLUGIN): $(B)/hosts/%.so: test/hosts/%.c test/programs.mk
	@mkdir -p $(@D)
	$(CC) $(DIALECT) $(CFLAGS) $(WARN) -MMD -MP -shared -fPIC -o $@ $< \
		-ldl -lpthread

$(STATIC:%=$(B)/hosts/%): LINK = -static
# Its variables have names that are seen.
$(B)/hosts/audited: LINK = -rdynamic
$(B)/hosts/interposed: LINK = $(PORT) -fno-pie -no-pie
$(B)/hosts/first_natives: LINK = $(PORT)
$(B)/hosts/first_clones: LINK = $(PORT)
# Where threads are a library of their own, it does not have them.
$(B)/hosts/unthreaded: THREADS =
$(B)/hosts/%: THREADS = -lpthread
$(B)/hosts/%: test/hosts/%.c test/programs.mk
	@mkdir -p $(@D)
	$(CC) $(DIALECT) $(CFLAGS) $(WARN) -Itest/lib -MMD -MP $(LINK) \
		-o $@ $< -ldl -lutil $(THREADS)

# The fuzzer asks for what x86-64 and a new glibc have.
FUZZ = $(filter-out test/fuzz/image.c,$(wildcard test/fuzz/*.c test/fuzz/*/*.c))

fuzz: $(B)/hosts/fuzz-host $(B)/hosts/fuzz-image $(B)/hosts/fuzz-dynamic

$(B)/hosts/fuzz-host: $(FUZZ)
$(B)/hosts/fuzz-image $(B)/hosts/fuzz-dynamic: $(patsubst %,test/fuzz/%.c,\
	image dump log crowd/member)
$(B)/hosts/fuzz-image: LINK = -static
$(B)/hosts/fuzz-%: test/programs.mk $(wildcard test/fuzz/*.h test/fuzz/*/*.h)
	@mkdir -p $(@D)
	$(CC) $(DIALECT) $(CFLAGS) $(WARN) -Wno-array-bounds -Itest/fuzz $(PORT) \
		$(LINK) -o $@ $(filter %.c,$^) -lpthread

-include $(wildcard $(B)/suites/*.d $(B)/hosts/*.d)

# A suite that has been moved to another folder is made again, from where it is:
# for make it may still be where the last build found it.
test/suites/%.c: ;

.PHONY: all hosts fuzz

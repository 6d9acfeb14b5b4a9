# SPDX-License-Identifier: MIT
# The unit tests: test/unit/NAME.c and the files of preload/ that are named
# here for it, with the sanitizers for memory and undefined behaviour. Those in
# THREADS are made once more for data races. `make -f test/unit/unit.mk`.
B      = build
CC     = gcc
CFLAGS = -O1 -g

include arch/name.mk
comma := ,

lock         = kernel/lock.c kernel/own_memory.c
site         = txn/record/site.c $(price) kernel/once.c $(lock)
site_ways    = $(site)
price        = txn/record/price.c txn/record/history.c
price_bound  = $(price)
site_needs   = $(site)
windows      = txn/record/windows.c $(site)
renew        = txn/map/renew.c txn/map/shared.c $(parts) $(proc_maps)
parts        = txn/map/parts.c
config       = base/config.c base/strict.c
rules        = rules/parse.c rules/rule.c rules/match.c base/strict.c \
	       base/line.c
rules_match  = $(rules)
env          = entry/env.c entry/preload_list.c base/config.c base/strict.c \
	       base/child_kind.c
env_random   = $(env)
app_marks    = memory/app_marks.c memory/mark_list.c $(lock)
app_marks_held = $(app_marks)
app_marks_kernel = $(app_marks)
file_actions = spawn/file_actions.c
hidden_usage = kernel/task/hidden_usage.c $(lock)
path         = spawn/path.c
proc_maps    = kernel/proc/maps.c kernel/proc/maps_text.c \
	       kernel/proc/pagemap.c kernel/proc/read.c
proc_text    = $(proc_maps)
proc_places  = $(proc_maps)
unwind       = libc/unwind/unwind.c libc/unwind/unwind_rules.c \
	       libc/unwind/cfa.c \
	       libc/module.c libc/symbol.c libc/object.c
unwind_libc  = $(unwind)
unwind_rules = libc/unwind/unwind_rules.c libc/unwind/cfa.c
unwind_unknown = $(unwind_rules)
stats        = $(filter-out %/log.c %/tell.c,\
	       $(patsubst preload/%,%,$(wildcard preload/stats/*.c \
	       preload/stats/*/*.c))) \
	       base/config.c base/strict.c base/child_kind.c
figures      = $(stats)
summary      = $(stats)
THREADS      = app_marks app_marks_held hidden_usage site stats figures

# Not every CPU has them.
has     = $(shell echo 'int main(void) { return 0; }' | \
	  $(CC) $(1) -o /dev/null -x c - 2>/dev/null && echo $(1))
MEMORY := $(call has,-fsanitize=address$(comma)undefined \
	  -fno-sanitize-recover=all) $(call has,-fsanitize=bounds-strict)
RACES  := $(call has,-fsanitize=thread)
WARN   = -Wall -Wextra -Wno-missing-field-initializers
NAMES  = $(patsubst test/unit/%.c,%,$(wildcard test/unit/*.c))
FLAGS  = -std=gnu11 -D_GNU_SOURCE= -fno-omit-frame-pointer $(WARN) \
	 -Itest/lib -Iarch -Iarch/$(ARCH) -Ipreload -I$(B)
CHECK := $(shell pkg-config --cflags --libs check)

BUILT  = $(NAMES) $(if $(RACES),$(THREADS:%=%.threads))

all: $(BUILT:%=$(B)/unit/%)

# Headers of preload/ are all taken for each one's.
HEADERS := $(wildcard preload/*/*.h preload/*/*/*.h preload/*/*/*/*.h \
	   preload/*/*.def arch/*.h arch/$(ARCH)/*.h test/unit/*.h)

$(B)/syscall_names.h:
	$(MAKE) -s $@

define program
$(B)/unit/$(1) $(B)/unit/$(1).threads: test/unit/$(1).c \
		$(addprefix preload/,$($(1))) $(HEADERS) \
		$(B)/syscall_names.h test/unit/unit.mk
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(SANITIZE) $$(FLAGS) -o $$@ \
		test/unit/$(1).c $(addprefix preload/,$($(1))) $$(CHECK) \
		-ldl -lpthread
endef
$(foreach name,$(NAMES),$(eval $(call program,$(name))))
$(B)/unit/%: SANITIZE = $(MEMORY)
$(B)/unit/%.threads: SANITIZE = $(RACES)

names:
	@printf '%s\n' $(BUILT)

.PHONY: all names

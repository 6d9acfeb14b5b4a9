#!/bin/sh
# SPDX-License-Identifier: MIT
# make -j: many children, a job server, nested makes, failures.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs make
temporary_folder

cat >"$tmp/Makefile" <<'EOF'
files := $(addprefix out/,$(shell seq 1 60))
all: $(files) nested
	@cat $(files) | sort -n | cksum
out/%:
	@mkdir -p out
	@echo $* >$@; test -s $@
nested: $(files)
	@$(MAKE) -s -f $(firstword $(MAKEFILE_LIST)) inner
inner: in1 in2 in3
	@echo inner done $(words $^)
in%:
	@sleep 0.0$*
bad:
	@exit 7
	@echo not reached
killed:
	@kill -9 $$$$
.PHONY: all nested inner bad killed
EOF

cat >"$tmp/run" <<'EOF'
cd "$1" || exit 1
rm -rf out
make -s -j8 all
make -s all
make -s -j4 bad 2>&1 | sed 's/.*Error/Error/'
make -s killed 2>&1 | sed 's/.*killed\]/killed/'
make -s -j -k bad all >/dev/null 2>&1
echo "status $?"
EOF
same_in_all_modes sh "$tmp/run" "$tmp"

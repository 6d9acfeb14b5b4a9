# SPDX-License-Identifier: MIT
# For makefiles. MACHINE: the CPU that $(CC) compiles for, as its folder here
# is called, whatever its byte order; ARCH: that folder, or the one that
# degrades to the real libc. The 32-bit ABIs of 64-bit CPUs have none.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null | sed -E \
	-e 's/.*(x32|abin32|_ilp32)$$/generic/' -e 's/-.*//' \
	-e 's/^i[3-7]86$$/i386/' -e 's/^arm.*/arm/' \
	-e 's/^mips(isa)?(64)?(32)?(r6)?(el)?$$/mips\2/' \
	-e 's/^powerpc64(le)?$$/ppc64/' \
	$(if $(filter -m32,$(CC) $(CFLAGS) $(CPPFLAGS)),-e s/^x86_64/i386/))
ARCH    := $(if $(wildcard arch/$(MACHINE)/stub.S),$(MACHINE),generic)

/* SPDX-License-Identifier: MIT
 * mips: no transactional fork, its kernels have no Syscall User Dispatch
 * (6.12). */
#include "../generic/context.h"

/* SPDX-License-Identifier: MIT
 * s390x: no transactional fork. Its kernels have Syscall User Dispatch, but
 * put -ENOSYS into r2, the first argument and the result, before the signal
 * frame is written (__do_syscall(), seen in Linux 6.1): what was asked for is
 * lost. */
#include "../generic/context.h"

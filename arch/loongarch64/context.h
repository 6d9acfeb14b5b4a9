/* SPDX-License-Identifier: MIT
 * loongarch64: no transactional fork, untested: no kernel of this CPU was at
 * hand. */
#include "../generic/context.h"

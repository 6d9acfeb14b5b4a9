/* SPDX-License-Identifier: MIT
 * See child_kind.h. Here, because every room above asks. */
#include "base/child_kind.h"

bool vs_speculative VS_HOT;
bool vs_may_share;
VS_THREAD struct vs_share *vs_sharing;

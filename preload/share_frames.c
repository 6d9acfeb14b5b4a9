/* SPDX-License-Identifier: MIT */
#include "share.h"
#if VS_ARCH_SHARE
uintptr_t vs_share_limit(const struct vs_share *s)
{
	return s->reported > s->cfa ? s->reported : s->cfa;
}
#endif

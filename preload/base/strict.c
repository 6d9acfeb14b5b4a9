/* SPDX-License-Identifier: MIT
 * VSPAWN_STRICT, which a rule may say, too. */
#include <stddef.h>

#include "base/bytes.h"
#include "base/config.h"

/* Bytes, or with K, M, G or T more. */
static bool size(const char *text, uint64_t *to)
{
	static const char units[] = "KMGT";
	unsigned shift = 0;
	const char *at = text;

	for (*to = 0; *at >= '0' && *at <= '9'; at++) {
		if (*to > UINT64_MAX / 10 - 1)
			return false;
		*to = *to * 10 + (unsigned)(*at - '0');
	}
	for (unsigned i = 0; *at && units[i]; i++) {
		if (*at == units[i])
			shift = 10 * (i + 1);
	}
	if (at == text || !*to || *to > UINT64_MAX >> shift)
		return false;
	*to <<= shift;
	return !at[shift > 0];
}

bool vs_strict_parse(const char *text, struct vs_strictness *to)
{
	static const char off[] = "off", log[] = "log:", fail[] = "fail:";

	*to = (struct vs_strictness){VS_STRICT_OFF, 0};
	if (vs_begins(text, off) && !text[sizeof(off) - 1])
		return true;
	if (vs_begins(text, log)) {
		to->how = VS_STRICT_LOG;
		return size(text + sizeof(log) - 1, &to->bytes);
	}
	to->how = VS_STRICT_FAIL;
	return vs_begins(text, fail) &&
	       size(text + sizeof(fail) - 1, &to->bytes);
}

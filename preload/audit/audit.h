/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_AUDIT: what the children of each call site do before they exec, and
 * whether they could share their parent's memory. In the parent.
 */
#ifndef VS_AUDIT_H
#define VS_AUDIT_H

#include <stdint.h>

#include "stats/stats.h"

struct vs_audit;

/* At load, if there is to be one. */
void vs_audit_prepare(void);

/* A record for one call of fork(), or NULL: there is no audit, or another
 * thread has it. To be given back by vs_audit_tell(), which adds to what is
 * known of the call site, and tells if that is more than before. */
struct vs_audit *vs_audit_claim(void);
void vs_audit_tell(struct vs_audit *record, uintptr_t caller,
		   const struct vs_verdict *verdict);

/* In the child of a native fork. */
void vs_audit_reset(void);

#endif

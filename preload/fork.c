/* SPDX-License-Identifier: MIT */
#include "gate.h"
#include "vspawn.h"
bool vs_speculative;
__thread struct vs_share *vs_sharing;
void vs_leave_speculation(enum vs_entry entry) { (void)entry; }
void vs_after_true_fork(void) { vs_gate_reset(); vs_stats_reset(); }

/* SPDX-License-Identifier: MIT
 * When reports begin and end. Only if vs_config.reports says that there are
 * any. */
#ifndef VS_LIFE_H
#define VS_LIFE_H

/* At load. */
void vs_stats_begin(void);

/* In the child of a native fork, which counts anew. */
void vs_stats_reset(void);

/* At exit: the summary, where VSPAWN_STATS says. */
void vs_stats_print(void);

/* The program has a filter that may kill for any system call of ours. */
void vs_stats_filtered(void);

#endif

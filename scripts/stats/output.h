/* SPDX-License-Identifier: MIT
 * What the numbers are printed as. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdint.h>
#include <stdio.h>

#include "live.h"
#include "stats/report/report.h"

/* ---- elf.c ---- */

/* The function that `address` of the file is in, or NULL. Until the next call.
 */
const char *elf_symbol(const char *path, uint64_t address);

/* ---- site.c ---- */

/* A call site, as MODULE+OFFSET; "?" if the library did not find out. And its
 * function, or NULL. Of the file that site_of() was told last. */
void site_of(const struct live_file *file);
const char *site_name(const struct vs_place *place);
const char *site_symbol(const struct vs_place *place);

/* ---- the formats ---- */

void print_text(const struct live_file *file);
void print_json(const struct live_file *file);

/* All of them: each metric is one block. */
void print_prometheus(FILE *to, const struct live_file *files, int n);

/* ---- top.c ---- */

/* Every `interval` seconds, `times` times, or for ever if that is 0. Of these
 * processes, or of all if there is none. */
int top(const char *folder, const pid_t *pid, int pids, double interval,
	int times);

/* ---- main.c ---- */

struct vs_report report_of(const struct live_file *file);

/* All files, or those of these processes; the caller frees them. *n says how
 * many. Of a pid that has none it is said on stderr, unless `quiet`. */
struct live_file *collect(const char *folder, const pid_t *pid, int pids,
			  bool quiet, int *n);

#endif

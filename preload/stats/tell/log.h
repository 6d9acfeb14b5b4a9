/* SPDX-License-Identifier: MIT
 * Lines for the operator, one at a time: where VSPAWN_LOG says. */
#ifndef VS_LOG_H
#define VS_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* At load, if lines may have to go to stderr: what that is. */
void vs_log_prepare(void);

/* A newline is added. If VSPAWN_LOG is not set, to stderr if `anyway`, else
 * nowhere; and to stderr only if that still is what it was at load or, if that
 * is not known, a terminal: a daemon may have it closed, and another file
 * there. Opens no descriptor that another thread could see. Not in a child
 * that is supervised or shares memory. */
void vs_log(const char *line, bool anyway);

/* The same for several lines at once, and another file: its name as VSPAWN_LOG
 * has it. */
void vs_log_text(const char *file, const char *text, size_t size);

/* In the child of a native fork. */
void vs_log_reset(void);

#endif

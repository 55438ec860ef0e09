/* SPDX-License-Identifier: MIT
 *
 * Where finished lines of the log go, for log.c: file, stderr, event log. Nothing here fails
 * towards the caller.
 */
#ifndef THAWLINE_DIAG_LOG_TARGET_H
#define THAWLINE_DIAG_LOG_TARGET_H

#include "diag/log.h"

/* What THAWLINE_LOG and THAWLINE_LOG_LEVEL ask for, 0 for nothing: lines above this level have no
   target. */
enum log_level log_target_level(void);

/* `line` is escaped and has `length` units without line end. */
void log_target_write(const WCHAR *line, size_t length);

/* The Application event log on Windows; nothing under Wine. */
void log_target_report(const WCHAR *line);

#endif

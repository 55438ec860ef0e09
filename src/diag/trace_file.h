/* SPDX-License-Identifier: MIT
 *
 * Where the lines of the trace go, for trace.c.
 */
#ifndef THAWLINE_DIAG_TRACE_FILE_H
#define THAWLINE_DIAG_TRACE_FILE_H

#include "base/types.h"

/* A finished line with its end. Any thread, whatever locks it holds; keeps GetLastError. */
void trace_file_write(const char *line, size_t length);

/* The scope when the file was opened. ASCII; static. */
const char *trace_file_scope(void);

#endif

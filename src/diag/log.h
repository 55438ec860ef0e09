/* SPDX-License-Identifier: MIT
 *
 * The log: one sentence a line. Errors are logged where they are born, once, and passed up unchanged.
 *
 * Lines go to the file named by THAWLINE_LOG, to stderr when it is `-`, to sinks set through the API, and errors on
 * Windows to the Application event log. Text from outside goes through %ls / log_text and is escaped: control characters and lone
 * surrogates never reach a sink. Any thread; never call it with a lock held of rank above LEAF... see lock.h.
 */
#ifndef THAWLINE_DIAG_LOG_H
#define THAWLINE_DIAG_LOG_H

#include "base/types.h"

enum log_level
{
    LOG_ERROR = 1,
    LOG_WARNING,
    LOG_INFO,
    LOG_DEBUG
};

/* printf formats as in mingw's C99 set (%ls for 16-bit text). `hr` may be S_OK: then no code is shown. A failing
   code is shown as `VSS_E_BAD_STATE (0x80042301)`. Returns `hr`, so that `return log_error(hr, ...)` reads well. */
HRESULT log_error(HRESULT hr, const char *format, ...) __attribute__((format(gnu_printf, 2, 3)));
HRESULT log_warning(HRESULT hr, const char *format, ...) __attribute__((format(gnu_printf, 2, 3)));
void log_info(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/* "X is not implemented." Returns E_NOTIMPL. */
HRESULT log_not_implemented(const char *what);

/* A sink gets every line of `level` or more severe as UTF-16 without line end. Called without locks held. */
typedef void (*log_sink)(void *context, enum log_level level, const WCHAR *line);
HRESULT log_set_sink(log_sink sink, void *context, enum log_level level); /* NULL removes it */

#endif

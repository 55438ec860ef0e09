/* SPDX-License-Identifier: MIT
 *
 * The log: one sentence a line. Errors are logged where they are born, once, and passed up
 * unchanged.
 *
 * Lines go to the file named by THAWLINE_LOG, to stderr when it is `-`, to the sink set through the
 * API, and errors on Windows to the Application event log. THAWLINE_LOG_LEVEL (error, warning,
 * info, debug; info when unset) bounds the first two. Text from outside goes through %ls and is
 * escaped: control characters, lone surrogates and what turns or breaks a line reach no one but as
 * \u001b and the like. Any thread, but with no lock held (debug builds stop). The last error is
 * kept, nothing is allocated, and nothing that goes wrong here reaches the caller.
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

/* printf formats as in mingw's C99 set (%ls for 16-bit text, %s for ASCII only; no %n, no %c above
   ASCII). `hr` may be S_OK: then no code is shown. A failing code is shown as `VSS_E_BAD_STATE
   (0x80042301)`. Returns `hr`, so that `return log_error(hr, ...)` reads well. A line is cut at
   LOG_LINE_LENGTH units. */
#define LOG_LINE_LENGTH 2048
HRESULT log_error(HRESULT hr, const char *format, ...) __attribute__((format(gnu_printf, 2, 3)));
HRESULT log_warning(HRESULT hr, const char *format, ...) __attribute__((format(gnu_printf, 2, 3)));
void log_info(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/* "X is not implemented." Returns E_NOTIMPL. */
HRESULT log_not_implemented(const char *what);

/* The sink gets every line of `level` or more severe as UTF-16 without line end. It is called
   without locks held, by several threads at once if need be; what it logs itself does not come back
   to it. When this returns, the former sink is not running any more, unless it is the former sink
   that calls this. */
typedef void (*log_sink)(void *context, enum log_level level, const WCHAR *line);
HRESULT log_set_sink(log_sink sink, void *context, enum log_level level); /* NULL removes it */

/* Copies `text` with what must not reach a terminal or a line-based file as \u001b. Cuts at
   `units`, never inside a surrogate pair or an escape, and ends with NUL. Returns the length. */
size_t log_escape(const WCHAR *text, size_t length, WCHAR *out, size_t units);

#endif

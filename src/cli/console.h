/* SPDX-License-Identifier: MIT
 *
 * Everything that is written for people. Results go to standard output, everything else to
 * standard error; both are UTF-8 unless they are a console. A call writes one line, in which
 * control characters and characters that reorder text are shown as \u001b and the like: names of
 * files and writers come from outside and must not move the cursor. Any thread.
 */
#ifndef THAWLINE_CLI_CONSOLE_H
#define THAWLINE_CLI_CONSOLE_H

#include <stdbool.h>
#include <windows.h>

void console_result(const WCHAR *format, ...); /* wide strings are %ls, narrow ones %hs */
void console_note(const WCHAR *format, ...);
void console_error(const WCHAR *format, ...); /* "thawline: ..." */

/* UTF-8 text of our own making, as it is, to standard output. */
void console_raw(const char *text, size_t length);

/* Whether notes go to a screen that a line can be drawn on again. */
bool console_is_screen(void);
/* Draws `text` over the line that the last call drew; "" takes that line away. Only on a screen. */
void console_redraw(const WCHAR *text);

/* A copy of `text` as it is shown; free() it. */
WCHAR *console_shown(const WCHAR *text);

#endif

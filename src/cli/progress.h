/* SPDX-License-Identifier: MIT
 *
 * How far the work is: one line drawn again and again on a screen, a plain line a phase elsewhere,
 * always on standard error. progress_set and progress_add may be called from any thread and draw
 * nothing; everything else belongs to the main thread.
 */
#ifndef THAWLINE_CLI_PROGRESS_H
#define THAWLINE_CLI_PROGRESS_H

#include <stdbool.h>
#include <windows.h>

void progress_open(bool quiet); /* quiet: nothing is shown */

/* Begins a phase ("Copying"), the end of the one before. `total` bytes; 0: not known. */
void progress_phase(const WCHAR *name, ULONGLONG total);
void progress_add(ULONGLONG bytes);
void progress_set(ULONGLONG done, ULONGLONG total);
/* Shows what is new; cheap enough to be called often. */
void progress_draw(void);
void progress_close(void);

#endif

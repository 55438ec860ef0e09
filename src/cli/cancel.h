/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C. The first one asks the program to stop and clean up; a second one ends it at once (what
 * it made is then collected by whoever uses shadow copies next).
 */
#ifndef THAWLINE_CLI_CANCEL_H
#define THAWLINE_CLI_CANCEL_H

#include <stdbool.h>
#include <windows.h>

/* What functions return that stopped because of it. */
#define CANCELLED HRESULT_FROM_WIN32(ERROR_CANCELLED)

void cancel_install(void);
/* What the first Ctrl-C does; any thread. */
void cancel_request(void);
bool cancel_requested(void);
/* Waits so long, or shorter if asked to stop. True: asked to stop. */
bool cancel_wait(DWORD milliseconds);
/* Everything is cleaned up: lets the system close the program if that was what it wanted. */
void cancel_done(void);

#endif

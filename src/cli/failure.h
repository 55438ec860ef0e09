/* SPDX-License-Identifier: MIT
 *
 * Says what went wrong: the call, the HRESULT by name and meaning, and what the DLL's log said
 * about it.
 */
#ifndef THAWLINE_CLI_FAILURE_H
#define THAWLINE_CLI_FAILURE_H

#include <windows.h>

/* Keeps the DLL's last warnings and errors for failure_report. */
void failure_listen(void);

/* "VSS_E_BAD_STATE (0x80042301): the sentence"; free() it. */
WCHAR *failure_text(HRESULT hr);

/* One line for the failed call, and under it what the log said since the last report. */
void failure_report(const WCHAR *call, HRESULT hr);

#endif

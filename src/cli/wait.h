/* SPDX-License-Identifier: MIT
 *
 * Waiting for asynchronous operations, with an eye on Ctrl-C and the progress; and saying what
 * failed. Main thread.
 */
#ifndef THAWLINE_CLI_WAIT_H
#define THAWLINE_CLI_WAIT_H

#include <windows.h>
#include <vss.h>

/* Returns `hr`, after saying why `call` failed if it did; not for CANCELLED. */
HRESULT wait_said(const WCHAR *call, HRESULT hr);
/* Waits for the operation that was begun with result `hr` and releases it: what became of it,
   CANCELLED if it was stopped. Says nothing. */
HRESULT wait_outcome(HRESULT hr, IVssAsync *async);
/* wait_outcome for what must not be stopped half-way: Ctrl-C has to wait, too. */
HRESULT wait_whole(HRESULT hr, IVssAsync *async);
/* wait_outcome and wait_said. */
HRESULT wait_for(const WCHAR *call, HRESULT hr, IVssAsync *async);

#endif

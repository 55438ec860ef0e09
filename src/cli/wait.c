/* SPDX-License-Identifier: MIT
 *
 * Waiting for asynchronous operations.
 */
#include "cli/wait.h"

#include "cli/cancel.h"
#include "cli/failure.h"
#include "cli/progress.h"

/* How long an operation is waited for before Ctrl-C and the progress are looked at. */
#define WAIT_SLICE 50

HRESULT wait_said(const WCHAR *call, HRESULT hr)
{
    if (FAILED(hr) && hr != CANCELLED)
        failure_report(call, hr);
    return hr;
}

static HRESULT wait_until_done(HRESULT hr, IVssAsync *async, bool may_stop)
{
    HRESULT outcome = VSS_S_ASYNC_PENDING;

    while (SUCCEEDED(hr) && outcome == VSS_S_ASYNC_PENDING)
    {
        /* Cancel returns when the operation has stopped. */
        if (may_stop && cancel_requested())
            IVssAsync_Cancel(async);
        hr = IVssAsync_Wait(async, WAIT_SLICE);
        if (SUCCEEDED(hr))
            hr = IVssAsync_QueryStatus(async, &outcome, NULL);
        progress_draw();
    }
    if (async)
        IVssAsync_Release(async);
    if (FAILED(hr))
        return hr;
    if (outcome == VSS_S_ASYNC_CANCELLED)
        return CANCELLED;
    return FAILED(outcome) ? outcome : S_OK;
}

HRESULT wait_outcome(HRESULT hr, IVssAsync *async)
{
    HRESULT begun = hr;

    hr = wait_until_done(hr, async, true);
    return SUCCEEDED(begun) && cancel_requested() ? CANCELLED : hr;
}

HRESULT wait_whole(HRESULT hr, IVssAsync *async)
{
    return wait_until_done(hr, async, false);
}

HRESULT wait_for(const WCHAR *call, HRESULT hr, IVssAsync *async)
{
    return wait_said(call, wait_outcome(hr, async));
}

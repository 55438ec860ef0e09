/* SPDX-License-Identifier: MIT
 *
 * One event on its way through one writer. See writer_call.h.
 */
#include "bus/writer_call.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"

struct writer_call *writer_call_create(
    struct bus_payload *payload, struct writer_components *components)
{
    struct writer_call *call = mem_alloc(sizeof(*call));
    if (!call)
        return NULL;
    call->refs = 1;
    call->payload = bus_payload_addref(payload);
    if (components)
        call->components = writer_components_addref(components);
    return call;
}

struct writer_call *writer_call_addref(struct writer_call *call)
{
    InterlockedIncrement(&call->refs);
    return call;
}

void writer_call_release(struct writer_call *call)
{
    if (!call || InterlockedDecrement(&call->refs))
        return;
    bus_payload_release(call->payload);
    writer_components_release(call->components);
    writer_metadata_release(call->metadata);
    writer_metadata_release(call->identity);
    mem_free(call->message);
    mem_free(call);
}

/* The codes a writer may set (writer-provider 3.7). */
static bool may_be_set(HRESULT failure, bool extended)
{
    switch (failure)
    {
    case VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT:
    case VSS_E_WRITERERROR_OUTOFRESOURCES:
    case VSS_E_WRITERERROR_TIMEOUT:
    case VSS_E_WRITERERROR_RETRYABLE:
    case VSS_E_WRITERERROR_NONRETRYABLE: return true;
    case S_OK:
    case VSS_E_WRITERERROR_PARTIAL_FAILURE: return extended;
    default: return false;
    }
}

HRESULT writer_call_set_failure(struct writer_call *call, bool extended, HRESULT failure,
    HRESULT application, const WCHAR *message)
{
    if (!may_be_set(failure, extended))
        return log_warning(E_INVALIDARG,
            "SetWriterFailure: 0x%08X is not a code that a writer may set.", (unsigned)failure);
    if (call->payload->event == EVENT_IDENTIFY)
        return log_warning(
            VSS_E_BAD_STATE, "SetWriterFailure is not allowed in OnIdentify: return false there.");
    HRESULT hr = str16_assign(&call->message, message);
    if (FAILED(hr))
        return hr;
    call->verdict.failure_set = true;
    call->verdict.failure = failure;
    call->application = application;
    return S_OK;
}

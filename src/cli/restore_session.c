/* SPDX-License-Identifier: MIT
 *
 * The conversation with VSS during a restore. Follows requestor 6.1.
 */
#include "cli/restore_session.h"

#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/failure.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/restore_partial.h"
#include "cli/restore_ranges.h"
#include "cli/restore_wishes.h"
#include "cli/wait.h"
#include "cli/writers.h"

HRESULT restore_session_open(const struct restore *restore, IVssBackupComponents **session)
{
    DWORD error = ERROR_SUCCESS;
    WCHAR *text = path_read_text(restore->document, &error);
    BSTR xml = text ? SysAllocString(text) : NULL;
    IVssAsync *async = NULL;
    HRESULT hr;

    progress_phase(L"Asking the writers", 0);
    free(text);
    if (!xml)
        return wait_said(
            L"Reading the document", error ? HRESULT_FROM_WIN32(error) : E_OUTOFMEMORY);
    hr = wait_said(L"CreateVssBackupComponents", CreateVssBackupComponents(session));
    if (SUCCEEDED(hr))
        hr = wait_said(
            L"InitializeForRestore", IVssBackupComponents_InitializeForRestore(*session, xml));
    SysFreeString(xml);
    if (FAILED(hr))
        return hr;
    hr = IVssBackupComponents_GatherWriterMetadata(*session, &async);
    return wait_for(L"GatherWriterMetadata", hr, async);
}

/* ---- Selecting ---- */

/* Files that go elsewhere are no business of a writer that does not look for them there. */
static bool restore_session_concerns(
    const struct restore *restore, const struct restore_component *component)
{
    return component->chosen &&
        (!restore->destination || (component->schema & VSS_BS_WRITER_SUPPORTS_NEW_TARGET));
}

static HRESULT restore_session_name_parts(
    const struct restore_component *component, IVssBackupComponents *session)
{
    HRESULT hr = S_OK;

    for (size_t i = 1; component->parts && i < component->member_count && SUCCEEDED(hr); i++)
    {
        const struct restore_member *member = &component->members[i];

        if (member->chosen && member->selectable)
            hr = session->lpVtbl->AddRestoreSubcomponent(session, RESTORE_NAMED(component),
                member->logical_path ? member->logical_path : L"", member->name, FALSE);
    }
    return wait_said(L"AddRestoreSubcomponent", hr);
}

/* The running writer may know other sets of files than the one that was backed up. */
static HRESULT restore_session_name_targets(const struct restore *restore,
    const struct restore_component *component, IVssBackupComponents *session)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; restore->destination && i < component->set_count && SUCCEEDED(hr); i++)
    {
        const struct restore_set *set = &component->sets[i];
        WCHAR *target;

        if (!component->members[set->member].chosen)
            continue;
        target = path_below(restore->destination, set->original);
        hr = session->lpVtbl->AddNewTarget(
            session, RESTORE_NAMED(component), set->path, set->filespec, set->recursive, target);
        free(target);
        if (hr == VSS_E_OBJECT_NOT_FOUND)
            hr = S_OK;
    }
    return wait_said(L"AddNewTarget", hr);
}

static HRESULT restore_session_select_one(const struct restore *restore,
    struct restore_component *component, IVssBackupComponents *session)
{
    HRESULT hr = session->lpVtbl->SetSelectedForRestore(session, RESTORE_NAMED(component), TRUE);

    if (hr == VSS_E_OBJECT_NOT_FOUND)
    {
        if (!restore->destination && component->has_method &&
            component->involvement == VSS_WRE_ALWAYS)
            restore_refuse(component,
                L"writer %ls is not running, and its files are not to be restored without it",
                component->writer_name);
        return S_OK;
    }
    component->told = SUCCEEDED(hr);
    if (SUCCEEDED(wait_said(L"SetSelectedForRestore", hr)))
        hr = restore_wishes_tell(restore, component, session);
    if (SUCCEEDED(hr))
        hr = restore_session_name_parts(component, session);
    if (SUCCEEDED(hr))
        hr = restore_session_name_targets(restore, component, session);
    return hr;
}

/* A component that is told of, and what the session says of it. */
typedef HRESULT (*restore_session_visitor)(struct restore *restore,
    struct restore_component *component, IVssBackupComponents *session, IVssComponent *from);

/* The components stand in the document in the order in which they were read. */
static HRESULT restore_session_visit_part(struct restore *restore, IVssBackupComponents *session,
    IVssWriterComponentsExt *part, size_t *at, restore_session_visitor visitor)
{
    UINT count = 0;
    HRESULT hr = part->lpVtbl->GetComponentCount(part, &count);

    for (UINT i = 0; i < count && SUCCEEDED(hr) && *at < restore->component_count; i++, ++*at)
    {
        struct restore_component *component = &restore->components[*at];
        IVssComponent *from = NULL;

        hr = part->lpVtbl->GetComponent(part, i, &from);
        if (SUCCEEDED(hr) && component->told)
            hr = visitor(restore, component, session, from);
        if (from)
            IVssComponent_Release(from);
    }
    return hr;
}

static HRESULT restore_session_visit(
    struct restore *restore, IVssBackupComponents *session, restore_session_visitor visitor)
{
    size_t at = 0;
    UINT parts = 0;
    HRESULT hr = IVssBackupComponents_GetWriterComponentsCount(session, &parts);

    for (UINT i = 0; i < parts && SUCCEEDED(hr); i++)
    {
        IVssWriterComponentsExt *part = NULL;

        hr = IVssBackupComponents_GetWriterComponents(session, i, &part);
        if (FAILED(hr))
            break;
        hr = restore_session_visit_part(restore, session, part, &at, visitor);
        /* The table of IUnknown is the object's second. */
        IUnknown_Release((IUnknown *)((void **)part + 1));
    }
    return hr;
}

static HRESULT restore_session_name_ranges(struct restore *restore,
    struct restore_component *component, IVssBackupComponents *session, IVssComponent *from)
{
    return restore_partial_tell(restore, component, session, from);
}

HRESULT restore_session_select(struct restore *restore, IVssBackupComponents *session)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < restore->component_count && SUCCEEDED(hr); i++)
    {
        struct restore_component *component = &restore->components[i];

        if (!restore_session_concerns(restore, component))
            continue;
        restore_wishes_check(restore, component);
        if (!component->refusal)
            hr = restore_session_select_one(restore, component, session);
    }
    if (SUCCEEDED(hr))
        hr = restore_session_visit(restore, session, restore_session_name_ranges);
    return hr;
}

/* ---- PreRestore ---- */

static HRESULT restore_session_status(struct restore *restore, IVssBackupComponents *session)
{
    IVssAsync *async = NULL;
    HRESULT hr = IVssBackupComponents_GatherWriterStatus(session, &async);

    hr = wait_for(L"GatherWriterStatus", hr, async);
    if (SUCCEEDED(hr))
        hr = wait_said(L"GetWriterStatus", writers_read_status(&restore->writers, session));
    return hr;
}

/* The instances that run are others than those that were backed up. */
static const struct backup_writer *restore_session_veto(
    const struct restore *restore, const struct restore_component *component)
{
    for (size_t i = 0; i < restore->writers.count; i++)
    {
        const struct backup_writer *writer = &restore->writers.items[i];

        if (IsEqualGUID(&writer->writer, &component->writer) &&
            writer->state == VSS_WS_FAILED_AT_PRE_RESTORE)
            return writer;
    }
    return NULL;
}

static void restore_session_note_veto(const struct backup_writer *writer,
    struct restore_component *component, const WCHAR *component_message)
{
    WCHAR *reason = failure_text(writer->failure);
    const WCHAR *message = component_message ? component_message : writer->message;

    restore_refuse(component, L"writer %ls does not allow it: %ls%ls%ls", component->writer_name,
        message ? message : L"", message ? L", " : L"", reason);
    free(reason);
}

static HRESULT restore_session_hear_one(struct restore *restore,
    struct restore_component *component, IVssBackupComponents *session, IVssComponent *from)
{
    const struct backup_writer *veto = restore_session_veto(restore, component);
    BSTR message = NULL;

    (void)session;
    IVssComponent_GetRestoreTarget(from, &component->target);
    IVssComponent_GetPreRestoreFailureMsg(from, &message);
    if (!restore->destination)
        restore_ranges_hear(restore, component, from);
    if (veto)
        restore_session_note_veto(veto, component, message);
    SysFreeString(message);
    return S_OK;
}

static HRESULT restore_session_hear(struct restore *restore, IVssBackupComponents *session)
{
    return wait_said(L"Reading what the writers said",
        restore_session_visit(restore, session, restore_session_hear_one));
}

HRESULT restore_session_begin(struct restore *restore, IVssBackupComponents *session)
{
    IVssAsync *async = NULL;
    HRESULT hr = IVssBackupComponents_PreRestore(session, &async);

    /* A restore has no Abort: a writer that was asked is to be told of the end. */
    progress_phase(L"Preparing the writers", 0);
    hr = wait_said(L"PreRestore", wait_whole(hr, async));
    if (SUCCEEDED(hr))
        hr = restore_session_status(restore, session);
    if (SUCCEEDED(hr))
        hr = restore_session_hear(restore, session);
    return hr;
}

/* ---- PostRestore ---- */

static VSS_FILE_RESTORE_STATUS restore_session_outcome(const struct restore_component *component)
{
    if (component->refusal)
        return VSS_RS_NONE;
    if (component->failed)
        return VSS_RS_FAILED;
    if (component->cut_short)
        return component->files ? VSS_RS_FAILED : VSS_RS_NONE;
    return VSS_RS_ALL;
}

static HRESULT restore_session_report(
    const struct restore_component *component, IVssBackupComponents *session)
{
    VSS_FILE_RESTORE_STATUS status = restore_session_outcome(component);
    HRESULT hr = S_OK;

    for (size_t i = 0; i < component->set_count && SUCCEEDED(hr); i++)
    {
        const struct restore_set *set = &component->sets[i];

        if (set->mapped && set->to)
            hr = session->lpVtbl->AddAlternativeLocationMapping(session, RESTORE_NAMED(component),
                set->path, set->filespec, set->recursive, set->mapping);
        if (hr == VSS_E_OBJECT_NOT_FOUND)
            hr = S_OK; /* as with new targets */
    }
    if (SUCCEEDED(wait_said(L"AddAlternativeLocationMapping", hr)))
        hr = wait_said(L"SetFileRestoreStatus",
            session->lpVtbl->SetFileRestoreStatus(session, RESTORE_NAMED(component), status));
    return hr;
}

void restore_session_leave(IVssBackupComponents *session)
{
    IVssAsync *async = NULL;
    HRESULT hr = IVssBackupComponents_PostRestore(session, &async);

    wait_whole(hr, async);
}

HRESULT restore_session_end(struct restore *restore, IVssBackupComponents *session)
{
    IVssAsync *async = NULL;
    HRESULT hr = S_OK;

    progress_phase(L"Finishing", 0);
    for (size_t i = 0; i < restore->component_count && SUCCEEDED(hr); i++)
    {
        if (restore->components[i].told)
            hr = restore_session_report(&restore->components[i], session);
    }
    if (FAILED(hr) || cancel_requested())
    {
        restore_session_leave(session);
        return FAILED(hr) ? hr : CANCELLED;
    }
    hr = IVssBackupComponents_PostRestore(session, &async);
    hr = wait_whole(hr, async);
    /* A writer that has gone since PreRestore, as one in a service that was stopped. */
    if (hr == VSS_E_UNEXPECTED_WRITER_ERROR)
        hr = S_OK;
    if (SUCCEEDED(wait_said(L"PostRestore", hr)))
        hr = restore_session_status(restore, session);
    return hr;
}

/* SPDX-License-Identifier: MIT
 *
 * What the user wants writers to do. Follows requestor 2.7.
 */
#include "cli/restore_wishes.h"

#include <stdio.h>

#include "cli/wait.h"

/* The schema of a writer that was backed up says what it can do. Of rolling forward it need not say
   anything: to many a writer that is its own matter at each restore. */
void restore_wishes_check(const struct restore *restore, struct restore_component *component)
{
    if (restore->authoritative && !(component->schema & VSS_BS_AUTHORITATIVE_RESTORE))
        restore_refuse(component, L"its writer %ls does not support authoritative restores",
            component->writer_name);
    if (restore->restore_name && !(component->schema & VSS_BS_RESTORE_RENAME))
        restore_refuse(component, L"its writer %ls cannot restore it under another name",
            component->writer_name);
}

static HRESULT restore_wishes_roll_forward(const struct restore *restore,
    const struct restore_component *component, IVssBackupComponentsEx2 *session)
{
    const WCHAR *point = restore->roll_forward;
    VSS_ROLLFORWARD_TYPE type = VSS_RF_PARTIAL;

    if (text_same(point, L"none"))
        type = VSS_RF_NONE;
    else if (text_same(point, L"all"))
        type = VSS_RF_ALL;
    return wait_said(L"SetRollForward",
        session->lpVtbl->SetRollForward(
            session, RESTORE_NAMED(component), type, type == VSS_RF_PARTIAL ? point : NULL));
}

static HRESULT restore_wishes_tell_second(const struct restore *restore,
    const struct restore_component *component, IVssBackupComponentsEx2 *session)
{
    HRESULT hr = S_OK;

    if (restore->roll_forward)
        hr = restore_wishes_roll_forward(restore, component, session);
    if (SUCCEEDED(hr) && restore->authoritative)
        hr = wait_said(L"SetAuthoritativeRestore",
            session->lpVtbl->SetAuthoritativeRestore(session, RESTORE_NAMED(component), TRUE));
    if (SUCCEEDED(hr) && restore->restore_name)
        hr = wait_said(L"SetRestoreName",
            session->lpVtbl->SetRestoreName(
                session, RESTORE_NAMED(component), restore->restore_name));
    return hr;
}

HRESULT restore_wishes_tell(const struct restore *restore,
    const struct restore_component *component, IVssBackupComponents *session)
{
    IVssBackupComponentsEx2 *second = NULL;
    HRESULT hr = S_OK;

    if (restore->more)
        hr = wait_said(L"SetAdditionalRestores",
            session->lpVtbl->SetAdditionalRestores(session, RESTORE_NAMED(component), TRUE));
    if (SUCCEEDED(hr) && restore->options)
        hr = wait_said(L"SetRestoreOptions",
            session->lpVtbl->SetRestoreOptions(
                session, RESTORE_NAMED(component), restore->options));
    if (FAILED(hr) || !(restore->roll_forward || restore->authoritative || restore->restore_name))
        return hr;
    hr = wait_said(L"IVssBackupComponentsEx2",
        IVssBackupComponents_QueryInterface(
            session, &IID_IVssBackupComponentsEx2, (void **)&second));
    if (SUCCEEDED(hr))
        hr = restore_wishes_tell_second(restore, component, second);
    if (second)
        IVssBackupComponentsEx2_Release(second);
    return hr;
}

void restore_wishes_left(
    const struct restore *restore, const struct restore_component *component, WCHAR *options)
{
    bool unheard = !component->told && !component->refusal;

    _snwprintf(options, RESTORE_WISHES_SIZE, L"%ls%ls%ls%ls",
        unheard && restore->roll_forward ? L" --roll-forward" : L"",
        unheard && restore->authoritative ? L" --authoritative" : L"",
        unheard && restore->restore_name ? L" --restore-name" : L"",
        unheard && restore->options ? L" --restore-options" : L"");
}

/* SPDX-License-Identifier: MIT
 *
 * A restore in sentences. See restore.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <windows.h>

#include "support/restore.h"

void restore_begin(struct backup *restore, BSTR saved)
{
    IVssAsync *async = NULL;
    backup_create(restore);
    IVssBackupComponents *bc = restore->components;
    assert_hr(IVssBackupComponents_InitializeForRestore(bc, saved), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(bc, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

HRESULT restore_select(struct backup *restore, VSS_ID id, const WCHAR *name, BOOLEAN selected)
{
    return IVssBackupComponents_SetSelectedForRestore(
        restore->components, id, VSS_CT_FILEGROUP, L"group", name, selected);
}

HRESULT restore_pre(struct backup *restore)
{
    IVssAsync *async = NULL;
    HRESULT hr = IVssBackupComponents_PreRestore(restore->components, &async);
    return FAILED(hr) ? hr : await(async);
}

HRESULT restore_post(struct backup *restore)
{
    IVssAsync *async = NULL;
    HRESULT hr = IVssBackupComponents_PostRestore(restore->components, &async);
    if (SUCCEEDED(hr))
        hr = await(async);
    if (SUCCEEDED(hr))
        backup_keep_documents(restore);
    return hr;
}

IVssComponent *restore_find(struct backup *restore, VSS_ID id, const WCHAR *name)
{
    IVssBackupComponents *bc = restore->components;
    IVssComponent *found = NULL;
    UINT parts = 0;
    assert_hr(IVssBackupComponents_GetWriterComponentsCount(bc, &parts), S_OK);
    for (UINT i = 0; i < parts; i++)
    {
        IVssWriterComponentsExt *part = NULL;
        VSS_ID instance;
        VSS_ID class_id;
        UINT count = 0;
        assert_hr(IVssBackupComponents_GetWriterComponents(bc, i, &part), S_OK);
        assert_hr(part->lpVtbl->GetWriterInfo(part, &instance, &class_id), S_OK);
        assert_hr(part->lpVtbl->GetComponentCount(part, &count), S_OK);
        for (UINT k = 0; k < count && !found && IsEqualGUID(&class_id, &id); k++)
        {
            IVssComponent *component = NULL;
            BSTR text = NULL;
            assert_hr(part->lpVtbl->GetComponent(part, k, &component), S_OK);
            assert_hr(component->lpVtbl->GetComponentName(component, &text), S_OK);
            if (lstrcmpW(text, name) == 0)
                found = component;
            else
                component->lpVtbl->Release(component);
            SysFreeString(text);
        }
        /* The table of IUnknown is the object's second. */
        IUnknown_Release((IUnknown *)((void **)part + 1));
    }
    assert_non_null(found);
    return found;
}

/* SPDX-License-Identifier: MIT
 *
 * A backup in sentences. See backup.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/keep_document.h"

void check_hr(HRESULT actual, HRESULT expected, const char *text, const char *file, int line)
{
    if (actual == expected)
        return;
    const char *actual_name = ThawlineGetResultName(actual);
    const char *expected_name = ThawlineGetResultName(expected);
    print_error("%s: %s (0x%08lx), expected %s (0x%08lx)\n", text, actual_name ? actual_name : "?",
        (unsigned long)actual, expected_name ? expected_name : "?", (unsigned long)expected);
    _fail(file, line);
}

HRESULT async_status(IVssAsync *async)
{
    HRESULT result = E_UNEXPECTED;
    assert_hr(IVssAsync_QueryStatus(async, &result, NULL), S_OK);
    return result;
}

HRESULT await(IVssAsync *async)
{
    assert_non_null(async);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    HRESULT result = async_status(async);
    IVssAsync_Release(async);
    return result;
}

static void keep_writer_documents(IVssBackupComponents *components)
{
    UINT count = 0;
    if (FAILED(IVssBackupComponents_GetWriterMetadataCount(components, &count)))
        return;
    for (UINT i = 0; i < count; i++)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;
        BSTR text = NULL;
        if (IVssBackupComponents_GetWriterMetadata(components, i, &instance, &metadata) != S_OK)
            continue;
        if (IVssExamineWriterMetadata_SaveAsXML(metadata, &text) == S_OK)
            keep_document("writer_metadata", text);
        SysFreeString(text);
        IVssExamineWriterMetadata_Release(metadata);
    }
}

void backup_keep_documents(const struct backup *backup)
{
    BSTR text = NULL;
    if (IVssBackupComponents_SaveAsXML(backup->components, &text) == S_OK)
        keep_document("backup_components", text);
    SysFreeString(text);
    keep_writer_documents(backup->components);
}

void backup_create(struct backup *backup)
{
    backup->components = NULL;
    assert_hr(CreateVssBackupComponentsInternal(&backup->components), S_OK);
    assert_non_null(backup->components);
}

void backup_begin(struct backup *backup, BOOL component_mode)
{
    IVssAsync *async = NULL;
    backup_create(backup);
    assert_hr(IVssBackupComponents_InitializeForBackup(backup->components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(
                  backup->components, (boolean)component_mode, FALSE, VSS_BT_FULL, FALSE),
        S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(backup->components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

void backup_add_component(
    struct backup *backup, VSS_ID instance_id, VSS_ID writer_id, const WCHAR *name)
{
    assert_hr(IVssBackupComponents_AddComponent(
                  backup->components, instance_id, writer_id, VSS_CT_FILEGROUP, L"group", name),
        S_OK);
}

void backup_start_set(struct backup *backup)
{
    WCHAR volume[] = L"C:\\";
    assert_hr(IVssBackupComponents_StartSnapshotSet(backup->components, &backup->set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  backup->components, volume, GUID_NULL, &backup->snapshot_id),
        S_OK);
}

void backup_prepare(struct backup *backup)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_PrepareForBackup(backup->components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

HRESULT backup_snapshot(struct backup *backup)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_DoSnapshotSet(backup->components, &async), S_OK);
    return await(async);
}

void backup_until_prepared(struct backup *backup)
{
    backup_begin(backup, FALSE);
    backup_start_set(backup);
    backup_prepare(backup);
}

void backup_until_done(struct backup *backup)
{
    backup_until_prepared(backup);
    assert_hr(backup_snapshot(backup), VSS_S_ASYNC_FINISHED);
}

HRESULT backup_complete(struct backup *backup)
{
    IVssAsync *async = NULL;
    HRESULT hr = IVssBackupComponents_BackupComplete(backup->components, &async);
    if (FAILED(hr))
    {
        assert_null(async);
        return hr;
    }
    assert_hr(hr, S_OK);
    hr = await(async);
    backup_keep_documents(backup);
    return hr;
}

void backup_gather_status(struct backup *backup)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_GatherWriterStatus(backup->components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

HRESULT backup_writer_status(struct backup *backup, VSS_ID instance_id, VSS_WRITER_STATE *state)
{
    UINT count = 0;
    assert_hr(IVssBackupComponents_GetWriterStatusCount(backup->components, &count), S_OK);
    for (UINT i = 0; i < count; i++)
    {
        VSS_ID instance;
        VSS_ID writer;
        BSTR name = NULL;
        HRESULT failure = E_UNEXPECTED;
        assert_hr(IVssBackupComponents_GetWriterStatus(
                      backup->components, i, &instance, &writer, &name, state, &failure),
            S_OK);
        SysFreeString(name);
        if (IsEqualGUID(&instance, &instance_id))
            return failure;
    }
    fail_msg("the writer is not in the status list of %u", count);
    return E_UNEXPECTED;
}

IVssComponent *backup_find_component(const struct backup *backup, VSS_ID instance_id)
{
    UINT count = 0;
    IVssComponent *component = NULL;
    assert_hr(IVssBackupComponents_GetWriterComponentsCount(backup->components, &count), S_OK);
    for (UINT i = 0; i < count && !component; i++)
    {
        IVssWriterComponentsExt *writer = NULL;
        VSS_ID id;
        VSS_ID class_id;
        assert_hr(IVssBackupComponents_GetWriterComponents(backup->components, i, &writer), S_OK);
        assert_hr(writer->lpVtbl->GetWriterInfo(writer, &id, &class_id), S_OK);
        if (IsEqualGUID(&id, &instance_id))
            assert_hr(writer->lpVtbl->GetComponent(writer, 0, &component), S_OK);
        /* Its IUnknown lies behind its first table. */
        IUnknown *unknown = (IUnknown *)((void **)writer + 1);
        IUnknown_Release(unknown);
    }
    assert_non_null(component);
    return component;
}

void backup_release(struct backup *backup)
{
    if (backup->components)
        IVssBackupComponents_Release(backup->components);
    backup->components = NULL;
}

size_t backup_count_shadows(void)
{
    struct backup query = {0};
    IVssEnumObject *list = NULL;
    VSS_OBJECT_PROP prop;
    ULONG fetched = 0;
    size_t count = 0;
    backup_create(&query);
    assert_hr(IVssBackupComponents_InitializeForBackup(query.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(query.components, (LONG)VSS_CTX_ALL), S_OK);
    HRESULT hr = IVssBackupComponents_Query(
        query.components, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list);
    assert_true(hr == S_OK || hr == S_FALSE);
    assert_non_null(list);
    while (IVssEnumObject_Next(list, 1, &prop, &fetched) == S_OK)
    {
        VssFreeSnapshotPropertiesInternal(&prop.Obj.Snap);
        count++;
    }
    IVssEnumObject_Release(list);
    backup_release(&query);
    return count;
}

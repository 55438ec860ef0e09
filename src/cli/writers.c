/* SPDX-License-Identifier: MIT
 *
 * What the writers say.
 */
#include "cli/writers.h"

#include <stdlib.h>

#include "cli/destination.h"
#include "cli/path.h"

/* In the order of VSS_WRITER_STATE. */
static const WCHAR *const writers_states[VSS_WS_COUNT] = {L"unknown", L"stable",
    L"waiting for freeze", L"waiting for thaw", L"waiting for post-snapshot",
    L"waiting for completion", L"failed at identify", L"failed at prepare backup",
    L"failed at prepare snapshot", L"failed at freeze", L"failed at thaw",
    L"failed at post-snapshot", L"failed at backup complete", L"failed at pre-restore",
    L"failed at post-restore", L"failed at backup shutdown"};

const WCHAR *writers_state_text(VSS_WRITER_STATE state)
{
    return (unsigned)state < VSS_WS_COUNT ? writers_states[state] : writers_states[VSS_WS_UNKNOWN];
}

bool writers_has_failed(const struct backup_writer *writer)
{
    return FAILED(writer->failure) || writer->state == VSS_WS_UNKNOWN ||
        writer->state >= VSS_WS_FAILED_AT_IDENTIFY;
}

/* The record of the writer; a new one if it was not seen before. */
static struct backup_writer *writers_find(struct writer_list *list, const VSS_ID *instance)
{
    struct backup_writer *writer;

    for (size_t i = 0; i < list->count; i++)
    {
        if (IsEqualGUID(&list->items[i].instance, instance))
            return &list->items[i];
    }
    list->items = text_grow(list->items, (list->count + 1) * sizeof(*list->items));
    writer = &list->items[list->count++];
    ZeroMemory(writer, sizeof(*writer));
    writer->instance = *instance;
    writer->state = VSS_WS_STABLE;
    return writer;
}

/* Later gathers may show a writer stable again that failed in between: the failure is what
   counts. */
static void writers_record(struct writer_list *list, const struct backup_writer *seen,
    const WCHAR *name, const WCHAR *message)
{
    struct backup_writer *writer = writers_find(list, &seen->instance);

    if (!writer->name)
        writer->name = text_copy(name);
    writer->writer = seen->writer;
    if (writers_has_failed(writer))
        return;
    writer->state = seen->state;
    writer->failure = seen->failure;
    writer->application = seen->application;
    free(writer->message);
    writer->message = text_copy(message);
}

/* Ex3 tells the application's own words; a vssapi.dll without it tells the rest. */
static HRESULT writers_read_one(struct writer_list *list, IVssBackupComponents *session,
    IVssBackupComponentsEx3 *session3, UINT index)
{
    struct backup_writer seen = {0};
    BSTR name = NULL, message = NULL;
    HRESULT hr;

    if (session3)
        hr = IVssBackupComponentsEx3_GetWriterStatusEx(session3, index, &seen.instance,
            &seen.writer, &name, &seen.state, &seen.failure, &seen.application, &message);
    else
        hr = IVssBackupComponents_GetWriterStatus(
            session, index, &seen.instance, &seen.writer, &name, &seen.state, &seen.failure);
    if (SUCCEEDED(hr))
        writers_record(list, &seen, name, message);
    SysFreeString(name);
    SysFreeString(message);
    return hr;
}

HRESULT writers_read_status(struct writer_list *seen, IVssBackupComponents *session)
{
    IVssBackupComponentsEx3 *session3 = NULL;
    UINT count = 0;
    HRESULT hr;

    IVssBackupComponents_QueryInterface(session, &IID_IVssBackupComponentsEx3, (void **)&session3);
    hr = IVssBackupComponents_GetWriterStatusCount(session, &count);
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
        hr = writers_read_one(seen, session, session3, i);
    if (session3)
        IVssBackupComponentsEx3_Release(session3);
    return hr;
}

void writers_free(struct writer_list *seen)
{
    for (size_t i = 0; i < seen->count; i++)
    {
        free(seen->items[i].name);
        free(seen->items[i].message);
    }
    free(seen->items);
}

static HRESULT writers_save_one(
    const WCHAR *folder, IVssExamineWriterMetadata *metadata, const VSS_ID *instance)
{
    WCHAR id[TEXT_GUID_SIZE];
    BSTR xml = NULL;
    HRESULT hr = IVssExamineWriterMetadata_SaveAsXML(metadata, &xml);

    if (SUCCEEDED(hr))
    {
        WCHAR *path;

        text_from_guid(instance, id);
        path = text_format(L"%ls\\%ls.xml", folder, id);
        hr = HRESULT_FROM_WIN32(path_write_text(path, xml));
        free(path);
    }
    SysFreeString(xml);
    return hr;
}

HRESULT writers_save_metadata(const struct backup *backup, IVssBackupComponents *session)
{
    WCHAR *folder = path_join(backup->destination, DESTINATION_WRITERS);
    UINT count = 0;
    HRESULT hr = IVssBackupComponents_GetWriterMetadataCount(session, &count);

    if (SUCCEEDED(hr) && count)
        hr = HRESULT_FROM_WIN32(path_make_folder(folder));
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;

        hr = IVssBackupComponents_GetWriterMetadata(session, i, &instance, &metadata);
        if (SUCCEEDED(hr))
            hr = writers_save_one(folder, metadata, &instance);
        if (metadata)
            IVssExamineWriterMetadata_Release(metadata);
    }
    free(folder);
    return hr;
}

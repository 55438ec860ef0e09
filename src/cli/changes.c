/* SPDX-License-Identifier: MIT
 *
 * Incremental and differential backups. Follows requestor 6.7: of a writer that supports the type
 * its differenced files come first, then its partial files, then its file sets by their masks. The
 * files of a writer that does not support it are copied whole.
 */
#include "cli/changes.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/destination.h"
#include "cli/path.h"
#include "cli/wait.h"

bool changes_only(const struct backup *backup)
{
    return backup->history.type == VSS_BT_INCREMENTAL ||
        backup->history.type == VSS_BT_DIFFERENTIAL;
}

/* ---- The backup before ---- */

static WCHAR *changes_check_since(struct backup *backup, const WCHAR *since)
{
    bool differential = backup->history.type == VSS_BT_DIFFERENTIAL;
    struct history before = {0};
    WCHAR *mark, *wrong = NULL;
    DWORD error;

    backup->since = path_absolute(since);
    if (!backup->since)
        return text_format(L"%ls is no folder on a drive", since);
    error = history_read(&before, backup->since);
    mark = path_join(backup->since, DESTINATION_MARK);
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
        wrong = text_format(L"%ls holds no backup with a history", since);
    else if (error)
        wrong = text_format(L"the history of the backup in %ls cannot be read", since);
    else if (path_attributes(mark) != INVALID_FILE_ATTRIBUTES)
        wrong = text_format(L"%ls holds an incomplete copy", since);
    else if (before.type == VSS_BT_COPY || (differential && before.type != VSS_BT_FULL))
        wrong = text_format(L"%ls holds a backup of type %ls; --type %ls wants one of type %ls",
            since, history_type_word(before.type), history_type_word(backup->history.type),
            differential ? L"full" : L"full, incremental or differential");
    else if (before.begun > backup->history.begun)
        wrong = text_format(L"the backup in %ls is from the future: was the clock set?", since);
    backup->since_time = before.begun;
    free(mark);
    history_free(&before);
    return wrong;
}

WCHAR *changes_check(struct backup *backup, const WCHAR *type, const WCHAR *since)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    backup->history.type = history_type(type);
    backup->history.begun = (ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime;
    if (!changes_only(backup))
        return since ? text_format(L"--since is for --type incremental and differential") : NULL;
    if (!since)
        return text_format(L"--type %ls wants --since and the folder of the backup before", type);
    if (backup->verify)
        return text_format(L"--verify compares whole copies; it does not go with --type %ls", type);
    return changes_check_since(backup, since);
}

/* ---- Stamps ---- */

/* `instance` NULL: of whichever instance, because each start of a writer makes another. */
static const struct backup_component *changes_find(const struct backup *backup,
    const VSS_ID *instance, const VSS_ID *writer, const WCHAR *logical_path, const WCHAR *name)
{
    for (size_t i = 0; i < backup->component_count; i++)
    {
        const struct backup_component *component = &backup->components[i];
        const WCHAR *path = component->logical_path ? component->logical_path : L"";

        if (instance && !IsEqualGUID(&component->instance, instance))
            continue;
        if (IsEqualGUID(&component->writer, writer) && !wcscmp(component->name, name) &&
            !wcscmp(path, logical_path ? logical_path : L""))
            return component;
    }
    return NULL;
}

/* One IVssComponent of a document. */
typedef HRESULT (*changes_visit)(struct backup *backup, IVssBackupComponents *session,
    const struct backup_component *component, IVssComponent *from);

static HRESULT changes_visit_one(struct backup *backup, IVssBackupComponents *session,
    const VSS_ID *instance, const VSS_ID *writer, IVssComponent *from, changes_visit visit)
{
    const struct backup_component *component = NULL;
    BSTR path = NULL, name = NULL;
    HRESULT hr = IVssComponent_GetLogicalPath(from, &path);

    if (SUCCEEDED(hr))
        hr = IVssComponent_GetComponentName(from, &name);
    if (SUCCEEDED(hr))
        component = changes_find(backup, instance, writer, path, name);
    if (component)
        hr = visit(backup, session, component, from);
    SysFreeString(path);
    SysFreeString(name);
    return hr;
}

/* Those of `document` that this backup has, too. */
static HRESULT changes_visit_all(struct backup *backup, IVssBackupComponents *document,
    IVssBackupComponents *session, changes_visit visit)
{
    UINT parts = 0;
    HRESULT hr = IVssBackupComponents_GetWriterComponentsCount(document, &parts);

    for (UINT i = 0; i < parts && SUCCEEDED(hr); i++)
    {
        IVssWriterComponentsExt *part = NULL;
        VSS_ID instance, writer;
        UINT count = 0;

        hr = IVssBackupComponents_GetWriterComponents(document, i, &part);
        if (FAILED(hr))
            break;
        hr = part->lpVtbl->GetWriterInfo(part, &instance, &writer);
        if (SUCCEEDED(hr))
            hr = part->lpVtbl->GetComponentCount(part, &count);
        for (UINT j = 0; j < count && SUCCEEDED(hr); j++)
        {
            IVssComponent *from = NULL;

            hr = part->lpVtbl->GetComponent(part, j, &from);
            if (SUCCEEDED(hr))
                hr = changes_visit_one(
                    backup, session, document == session ? &instance : NULL, &writer, from, visit);
            if (from)
                IVssComponent_Release(from);
        }
        /* The table of IUnknown is the object's second. */
        IUnknown_Release((IUnknown *)((void **)part + 1));
    }
    return hr;
}

static HRESULT changes_read_stamp(struct backup *backup, IVssBackupComponents *session,
    const struct backup_component *component, IVssComponent *from)
{
    struct backup_component *mine = &backup->components[component - backup->components];
    BSTR stamp = NULL;
    HRESULT hr = IVssComponent_GetBackupStamp(from, &stamp);

    (void)session;
    if (hr == S_OK && stamp && !mine->stamp)
        mine->stamp = text_copy(stamp);
    else if (hr == S_OK && stamp && wcscmp(mine->stamp, stamp))
        mine->stamps_differ = true;
    SysFreeString(stamp);
    return hr;
}

/* A stamp goes to all instances of a writer, and none can be told which of two was its own. With
   another's it would leave out what it never backed up; without one it knows of no backup. */
static HRESULT changes_tell_stamp(
    const struct backup_component *component, IVssBackupComponents *session)
{
    if (component->stamps_differ)
    {
        console_error(L"backup: instances of %ls gave different stamps to component %ls; they get "
                      L"none back",
            component->writer_name, component->name);
        return S_OK;
    }
    if (!component->stamp)
        return S_OK;
    return IVssBackupComponents_SetPreviousBackupStamp(session, component->writer, component->type,
        component->logical_path, component->name, component->stamp);
}

HRESULT changes_tell_stamps(struct backup *backup, IVssBackupComponents *session)
{
    WCHAR *path = path_join(backup->since, L"backup-components.xml");
    DWORD error = ERROR_SUCCESS;
    WCHAR *text = path_read_text(path, &error);
    BSTR xml = text ? SysAllocString(text) : NULL;
    IVssBackupComponents *before = NULL;
    HRESULT hr = error ? HRESULT_FROM_WIN32(error) : xml ? S_OK : E_OUTOFMEMORY;

    if (SUCCEEDED(hr))
        hr = CreateVssBackupComponents(&before);
    if (SUCCEEDED(hr))
        hr = IVssBackupComponents_InitializeForRestore(before, xml);
    if (SUCCEEDED(hr))
        hr = changes_visit_all(backup, before, session, changes_read_stamp);
    for (size_t i = 0; i < backup->component_count && SUCCEEDED(hr); i++)
        hr = changes_tell_stamp(&backup->components[i], session);
    if (before)
        IVssBackupComponents_Release(before);
    SysFreeString(xml);
    free(text);
    free(path);
    return wait_said(L"Handing on the stamps of the backup before", hr);
}

/* ---- What writers say ---- */

static HRESULT changes_read_differenced(struct backup_component *component, IVssComponent *from)
{
    UINT count = 0;
    HRESULT hr = IVssComponent_GetDifferencedFilesCount(from, &count);

    component->differenced = text_grow(component->differenced,
        (component->differenced_count + count + 1) * sizeof(*component->differenced));
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        BSTR path = NULL, spec = NULL, lsn = NULL;
        BOOL recursive = FALSE;
        FILETIME time = {0};

        hr = IVssComponent_GetDifferencedFile(from, i, &path, &spec, &recursive, &lsn, &time);
        if (SUCCEEDED(hr))
            component->differenced[component->differenced_count++] = (struct backup_differenced){
                file_set_expand(path, spec, recursive != 0), time};
        SysFreeString(path);
        SysFreeString(spec);
        SysFreeString(lsn);
    }
    return hr;
}

/* Whatever the mask of its file set. */
static void changes_add_whole(
    struct backup_component *component, const WCHAR *folder, const WCHAR *name)
{
    const FILETIME ever = {MAXDWORD, MAXDWORD};

    component->differenced = text_grow(component->differenced,
        (component->differenced_count + 1) * sizeof(*component->differenced));
    component->differenced[component->differenced_count++] = (struct backup_differenced){
        file_set_expand(folder, name, false), ever};
}

/* A file whose ranges cannot be read, or whose path a history cannot hold, is copied whole: no byte
   is missed. */
static void changes_add_partial(
    struct backup_component *component, const WCHAR *folder, const WCHAR *name, const WCHAR *text)
{
    struct file_set place = file_set_expand(folder, name, false);
    WCHAR *file = path_join(place.folder, place.filespec);
    struct ranges ranges = {0};

    if (ranges_read(text, &ranges))
    {
        console_error(L"backup: the ranges of %ls\\%ls cannot be read; it is copied whole: %ls",
            folder, name, text);
        changes_add_whole(component, folder, name);
    }
    else if (path_is_plain(file))
        history_add_part(&component->partial, file, &ranges);
    else
        changes_add_whole(component, folder, name);
    ranges_free(&ranges);
    free(file);
    file_set_free(&place);
}

static HRESULT changes_read_partial(struct backup_component *component, IVssComponent *from)
{
    UINT count = 0;
    HRESULT hr = IVssComponent_GetPartialFileCount(from, &count);

    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        BSTR path = NULL, name = NULL, text = NULL, metadata = NULL;

        hr = IVssComponent_GetPartialFile(from, i, &path, &name, &text, &metadata);
        if (SUCCEEDED(hr))
            changes_add_partial(component, path ? path : L"", name ? name : L"", text ? text : L"");
        SysFreeString(path);
        SysFreeString(name);
        SysFreeString(text);
        SysFreeString(metadata);
    }
    return hr;
}

static HRESULT changes_read_one(struct backup *backup, IVssBackupComponents *session,
    const struct backup_component *component, IVssComponent *from)
{
    struct backup_component *mine = &backup->components[component - backup->components];
    HRESULT hr = changes_read_differenced(mine, from);

    (void)session;
    return SUCCEEDED(hr) ? changes_read_partial(mine, from) : hr;
}

HRESULT changes_read(struct backup *backup, IVssBackupComponents *session)
{
    HRESULT hr = S_OK;

    if (changes_only(backup) && backup->component_mode)
        hr = changes_visit_all(backup, session, session, changes_read_one);
    return wait_said(L"Reading which files changed", hr);
}

void changes_free(struct backup_component *component)
{
    for (size_t i = 0; i < component->differenced_count; i++)
        file_set_free(&component->differenced[i].files);
    free(component->differenced);
    for (size_t i = 0; i < component->set_count; i++)
        file_set_free(&component->sets[i].files);
    free(component->sets);
    free(component->stamp);
    history_free(&component->partial);
}

/* ---- One file ---- */

static ULONGLONG changes_time(FILETIME time)
{
    return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

/* A file that was copied to its place keeps the write time that it had, and is new all the same. */
static bool changes_by_file_system(const struct backup *backup, const WIN32_FIND_DATAW *data)
{
    return changes_time(data->ftLastWriteTime) >= backup->since_time ||
        changes_time(data->ftCreationTime) >= backup->since_time;
}

static enum change changes_if(bool changed)
{
    return changed ? CHANGE_WHOLE : CHANGE_NONE;
}

/* False: it is none of the component's. */
static bool changes_by_component(const struct backup *backup,
    const struct backup_component *component, const WCHAR *path, const WIN32_FIND_DATAW *data,
    enum change *change, const struct ranges **parts)
{
    bool incremental = backup->history.type == VSS_BT_INCREMENTAL;
    DWORD schema = incremental ? VSS_BS_INCREMENTAL : VSS_BS_DIFFERENTIAL;
    DWORD required = incremental ? VSS_FSBT_INCREMENTAL_BACKUP_REQUIRED
                                 : VSS_FSBT_DIFFERENTIAL_BACKUP_REQUIRED;
    bool supports = component->schema & schema;

    for (size_t i = 0; supports && i < component->differenced_count; i++)
    {
        ULONGLONG time = changes_time(component->differenced[i].time);

        if (!file_set_holds(&component->differenced[i].files, path, true))
            continue;
        /* The writer's time stands for the file's, unless it gave none. */
        *change = changes_if(
            time ? time >= backup->since_time : changes_by_file_system(backup, data));
        return true;
    }
    *parts = supports ? history_find_part(&component->partial, path) : NULL;
    if (*parts)
    {
        *change = CHANGE_PARTS;
        return true;
    }
    for (size_t i = 0; i < component->set_count; i++)
    {
        if (!file_set_holds(&component->sets[i].files, path, true))
            continue;
        *change = changes_if(!supports || (component->sets[i].mask & required));
        return true;
    }
    return false;
}

enum change changes_of(const struct backup *backup, const WCHAR *path, const WIN32_FIND_DATAW *data,
    const struct ranges **parts)
{
    enum change change = CHANGE_NONE;
    bool known = false;

    *parts = NULL;
    if (!changes_only(backup))
        return CHANGE_WHOLE;
    for (size_t i = 0; backup->component_mode && i < backup->component_count; i++)
    {
        enum change here = CHANGE_NONE;
        const struct ranges *ranges = NULL;

        if (!changes_by_component(backup, &backup->components[i], path, data, &here, &ranges))
            continue;
        known = true;
        /* Of two that name different ranges no byte is missed. */
        if (here == CHANGE_WHOLE ||
            (here == CHANGE_PARTS && *parts && !ranges_same(*parts, ranges)))
        {
            *parts = NULL;
            return CHANGE_WHOLE;
        }
        if (here == CHANGE_PARTS)
        {
            change = here;
            *parts = ranges;
        }
    }
    return known ? change : changes_if(changes_by_file_system(backup, data));
}

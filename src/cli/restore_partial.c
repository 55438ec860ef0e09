/* SPDX-License-Identifier: MIT
 *
 * Ranges files of partial files. Follows requestor 2.7 (SetRangesFilePath) and 6.6.
 */
#include "cli/restore_partial.h"

#include <stdlib.h>

#include <objbase.h>

#include "cli/file_set.h"
#include "cli/path.h"
#include "cli/wait.h"

/* The ranges that the copy has of the file; NULL: all of it. */
static const struct ranges *partial_find(
    const struct restore *restore, const WCHAR *folder, const WCHAR *name)
{
    struct file_set place = file_set_expand(folder ? folder : L"", name ? name : L"", false);
    WCHAR *file = path_join(place.folder, place.filespec);
    const struct ranges *found = history_find_part(&restore->history, file);

    free(file);
    file_set_free(&place);
    return found;
}

/* A new name in the folder for temporary files; NULL: there is no such folder. */
static WCHAR *partial_place(void)
{
    WCHAR folder[MAX_PATH + 1], id[TEXT_GUID_SIZE] = L"";
    WCHAR *path, *place;
    GUID guid;

    if (!GetTempPathW(ARRAYSIZE(folder), folder))
        return NULL;
    /* It fails only when it cannot be unique on other machines. */
    CoCreateGuid(&guid);
    text_from_guid(&guid, id);
    path = text_format(L"%lsthawline-ranges-%ls.bin", folder, id);
    place = path_absolute(path);
    free(path);
    return place;
}

static HRESULT partial_tell_one(struct restore *restore, const struct restore_component *component,
    IVssBackupComponents *session, UINT index, const struct ranges *ranges)
{
    WCHAR *path = partial_place();
    DWORD error = path ? ranges_write(path, ranges) : ERROR_PATH_NOT_FOUND;
    HRESULT hr = wait_said(L"Writing a ranges file", HRESULT_FROM_WIN32(error));

    if (SUCCEEDED(hr))
    {
        text_list_add(&restore->ranges_files, path);
        hr = wait_said(L"SetRangesFilePath",
            session->lpVtbl->SetRangesFilePath(session, RESTORE_NAMED(component), index, path));
    }
    free(path);
    return hr;
}

HRESULT restore_partial_tell(struct restore *restore, const struct restore_component *component,
    IVssBackupComponents *session, IVssComponent *from)
{
    UINT count = 0;
    HRESULT hr = IVssComponent_GetPartialFileCount(from, &count);

    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        BSTR folder = NULL, name = NULL, text = NULL, metadata = NULL;
        const struct ranges *ranges = NULL;

        hr = IVssComponent_GetPartialFile(from, i, &folder, &name, &text, &metadata);
        if (SUCCEEDED(hr) && text && !ranges_are_listed(text))
            ranges = partial_find(restore, folder, name);
        if (ranges)
            hr = partial_tell_one(restore, component, session, i, ranges);
        SysFreeString(folder);
        SysFreeString(name);
        SysFreeString(text);
        SysFreeString(metadata);
    }
    return hr;
}

void restore_partial_end(struct restore *restore)
{
    for (size_t i = 0; i < restore->ranges_files.count; i++)
        DeleteFileW(restore->ranges_files.items[i]);
    text_list_free(&restore->ranges_files);
}

/* SPDX-License-Identifier: MIT
 *
 * A restored file until it is whole.
 */
#include "cli/restore_part.h"

#include <stdlib.h>
#include <wchar.h>

#include <objbase.h>
#include <shlobj.h>

#include "cli/console.h"
#include "cli/path.h"
#include "cli/text.h"

#define PART_PREFIX L"thawline-restoring-"
#define PART_SUFFIX L".tmp"
#define NOTE_SUFFIX L".note"
/* Below the folder of this user's local application data. */
#define NOTE_FOLDER L"Thawline\\Restores"
/* Units of the longest path that there is, and the NUL. */
#define NOTE_LIMIT 32768

/* ---- Notes: `<GUID>.note` holds the path of the part with this GUID, or nothing yet ---- */

/* NULL: this user has no such folder. */
static WCHAR *note_folder(void)
{
    WCHAR base[MAX_PATH];

    if (SHGetFolderPathW(
            NULL, CSIDL_LOCAL_APPDATA | CSIDL_FLAG_CREATE, NULL, SHGFP_TYPE_CURRENT, base) != S_OK)
        return NULL;
    return path_join(base, NOTE_FOLDER);
}

static WCHAR *note_path(const WCHAR *folder, const WCHAR *id)
{
    WCHAR *path = text_format(L"%ls\\%ls" NOTE_SUFFIX, folder, id);
    WCHAR *name = path_open_name(path);

    free(path);
    return name;
}

/* What was being written when the power failed may be anything: a path counts only with the name
   that the note's own name promises. NULL: none. */
static WCHAR *note_read(HANDLE note, const WCHAR *id)
{
    WCHAR *path = text_memory(NOTE_LIMIT * sizeof(WCHAR));
    WCHAR *wanted = text_format(L"\\" PART_PREFIX L"%ls" PART_SUFFIX, id);
    const WCHAR *last;
    DWORD size;

    if (!ReadFile(note, path, (NOTE_LIMIT - 1) * sizeof(WCHAR), &size, NULL))
        *path = 0;
    last = wcsrchr(path, '\\');
    if (!last || wcscmp(last, wanted) || !path_is_plain(path))
    {
        free(path);
        path = NULL;
    }
    free(wanted);
    return path;
}

/* Whether there is nothing left that the note is for. */
static bool note_settle(const WCHAR *path)
{
    WCHAR root[] = {path[0], ':', '\\', 0};
    WCHAR *name = path_open_name(path);
    DWORD error = restore_part_remove(name);
    bool drive_is_there = path_attributes(root) != INVALID_FILE_ATTRIBUTES;

    free(name);
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
        return drive_is_there;
    return !error;
}

static void note_clear(const WCHAR *folder, const WCHAR *id)
{
    WCHAR *name = note_path(folder, id);
    WCHAR *path = NULL;
    bool settled;
    HANDLE note = CreateFileW(name, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);

    if (note != INVALID_HANDLE_VALUE) /* else its restore runs */
    {
        path = note_read(note, id);
        settled = !path || note_settle(path);
        CloseHandle(note);
        if (settled)
            DeleteFileW(name);
    }
    free(path);
    free(name);
}

static void notes_clear(const WCHAR *folder)
{
    WCHAR *pattern = note_path(folder, L"*");
    WIN32_FIND_DATAW found;
    HANDLE find = FindFirstFileW(pattern, &found);
    bool more = find != INVALID_HANDLE_VALUE;

    while (more)
    {
        WCHAR *suffix = wcsrchr(found.cFileName, '.');
        GUID id;

        if (suffix)
            *suffix = 0;
        if (suffix && *found.cFileName == '{' && text_to_guid(found.cFileName, &id))
            note_clear(folder, found.cFileName);
        more = FindNextFileW(find, &found);
    }
    if (find != INVALID_HANDLE_VALUE)
        FindClose(find);
    free(pattern);
}

/* ---- The part ---- */

/* A new name, and a note for it. */
static void part_name(struct restore_part *part, const WCHAR *folder)
{
    WCHAR id[TEXT_GUID_SIZE] = L"";
    WCHAR *name;
    GUID guid;

    /* It fails only when it cannot be unique on other machines. */
    CoCreateGuid(&guid);
    text_from_guid(&guid, id);
    _snwprintf(part->name, RESTORE_PART_SIZE, PART_PREFIX L"%ls" PART_SUFFIX, id);
    part->folder = NULL;
    part->note = INVALID_HANDLE_VALUE;
    if (!folder)
        return;
    name = note_path(folder, id);
    part->note = CreateFileW(
        name, GENERIC_WRITE | DELETE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    free(name);
}

void restore_part_begin(struct restore_part *part)
{
    WCHAR *folder = note_folder();

    if (folder && !path_make_folder(folder))
        notes_clear(folder);
    part_name(part, folder);
    if (part->note == INVALID_HANDLE_VALUE)
        console_error(L"restore: no note can be kept of the file that is being written; if the "
                      L"restore is killed, a file " PART_PREFIX L"... may be left");
    free(folder);
}

WCHAR *restore_part_place(struct restore_part *part, const WCHAR *folder)
{
    WCHAR *path = path_join(folder, part->name);
    WCHAR *name = path_open_name(path);
    const LARGE_INTEGER begin = {0};
    DWORD size = (DWORD)((wcslen(path) + 1) * sizeof(WCHAR)), written;

    /* It must be on the disk before the part is: after a power cut it is all that tells of it. */
    if (part->note != INVALID_HANDLE_VALUE && !(part->folder && text_same(part->folder, folder)) &&
        SetFilePointerEx(part->note, begin, NULL, FILE_BEGIN) &&
        WriteFile(part->note, path, size, &written, NULL) && FlushFileBuffers(part->note))
    {
        free(part->folder);
        part->folder = text_copy(folder);
    }
    free(path);
    return name;
}

void restore_part_end(struct restore_part *part)
{
    FILE_DISPOSITION_INFO gone = {TRUE};

    if (part->note != INVALID_HANDLE_VALUE)
    {
        SetFileInformationByHandle(part->note, FileDispositionInfo, &gone, sizeof(gone));
        CloseHandle(part->note);
    }
    free(part->folder);
    part->folder = NULL;
    part->note = INVALID_HANDLE_VALUE;
}

void restore_part_leave(struct restore_part *part)
{
    WCHAR *folder = note_folder();

    restore_part_end(part);
    part_name(part, folder);
    free(folder);
}

DWORD restore_part_remove(const WCHAR *name)
{
    DWORD error = DeleteFileW(name) ? ERROR_SUCCESS : GetLastError();

    if (error == ERROR_ACCESS_DENIED && SetFileAttributesW(name, FILE_ATTRIBUTE_NORMAL))
        error = DeleteFileW(name) ? ERROR_SUCCESS : GetLastError();
    return error;
}

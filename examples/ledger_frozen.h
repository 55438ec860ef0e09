/* SPDX-License-Identifier: MIT
 *
 * Part of ledger.c: what the application had on the volume in each freeze, for whoever wants to
 * compare a copy in another process: FOLDER\frozen\00001.hashes and so on, the hashes of the
 * account files in the order of their numbers.
 */
#ifndef LEDGER_FROZEN_H
#define LEDGER_FROZEN_H

#include "ledger_accounts.h"

static inline void frozen_path(const WCHAR *folder, unsigned freeze, WCHAR *path)
{
    _snwprintf(path, MAX_PATH, L"%ls\\frozen\\%05u.hashes", folder, freeze);
}

/* `folder` is the ledger's. Whoever sees the file sees it whole. */
static inline bool frozen_write(
    const WCHAR *folder, unsigned freeze, const uint64_t *hashes, unsigned count)
{
    WCHAR path[MAX_PATH], unfinished[MAX_PATH];
    const DWORD size = count * sizeof(*hashes);
    DWORD written = 0;
    HANDLE file;

    _snwprintf(unfinished, MAX_PATH, L"%ls\\frozen", folder);
    CreateDirectoryW(unfinished, NULL);
    wcscat(unfinished, L"\\unfinished");
    file = CreateFileW(unfinished, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (!WriteFile(file, hashes, size, &written, NULL))
        written = 0;
    CloseHandle(file);
    frozen_path(folder, freeze, path);
    return written == size && MoveFileExW(unfinished, path, MOVEFILE_REPLACE_EXISTING);
}

/* The number of the latest freeze; 0: there was none. */
static inline unsigned frozen_latest(const WCHAR *folder)
{
    WCHAR path[MAX_PATH];
    unsigned freeze = 0;

    do
        frozen_path(folder, freeze + 1, path);
    while (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES && ++freeze);
    return freeze;
}

/* free() what it returns; NULL when it cannot be read. */
static inline uint64_t *frozen_read(const WCHAR *folder, unsigned freeze, unsigned *count)
{
    WCHAR path[MAX_PATH];
    uint64_t *hashes = NULL;
    DWORD size, got = 0;
    HANDLE file;

    frozen_path(folder, freeze, path);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    size = GetFileSize(file, NULL);
    hashes = malloc(size + 1);
    if (hashes && (!ReadFile(file, hashes, size, &got, NULL) || got != size))
    {
        free(hashes);
        hashes = NULL;
    }
    CloseHandle(file);
    *count = size / sizeof(*hashes);
    return hashes;
}

static inline void frozen_delete_all(const WCHAR *folder)
{
    WCHAR path[MAX_PATH];

    for (unsigned freeze = frozen_latest(folder); freeze; freeze--)
    {
        frozen_path(folder, freeze, path);
        DeleteFileW(path);
    }
    _snwprintf(path, MAX_PATH, L"%ls\\frozen", folder);
    RemoveDirectoryW(path);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * Small trees of files for tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/sample_tree.h"
#include "support/test_volume.h"

#define LARGE_SIZE (3 * 1024 * 1024 + 17)
/* Together with what stands before, beyond MAX_PATH. */
#define LONG_NAME                                                                                  \
    L"a-long-folder-name-that-makes-the-path-longer-than-a-plain-call-could-open-it-123456"

struct sample_file
{
    const WCHAR *name;
    size_t size;
    DWORD attributes;
};

static const struct sample_file sample_files[] = {
    {L"empty.txt", 0, 0},
    {L"one.bin", 1, FILE_ATTRIBUTE_READONLY},
    {L"page.bin", 4096, 0},
    {L"large.bin", LARGE_SIZE, 0},
    {L"folder\\hidden.txt", 100, FILE_ATTRIBUTE_HIDDEN},
    {L"folder\\Gr\x00fc\x00df\x0065 \x65e5\x672c.txt", 200, 0},
    {L"folder\\a b ; c %TEMP%.txt", 300, 0},
    {L"deep\\" LONG_NAME L"\\" LONG_NAME L"\\" LONG_NAME L"\\file.txt", 400, 0},
};

void sample_path(const WCHAR *name, WCHAR *path)
{
    WCHAR temp[MAX_PATH];

    assert_true(GetTempPathW(MAX_PATH, temp) != 0);
    _snwprintf(path, SAMPLE_PATH, L"%ls%ls", temp, name);
}

/* As file calls take it. */
static void sample_open_name(const WCHAR *path, WCHAR *name)
{
    _snwprintf(name, SAMPLE_PATH, L"%ls%ls", path[0] == '\\' ? L"" : L"\\\\?\\", path);
}

static void sample_make_parents(const WCHAR *path)
{
    WCHAR name[SAMPLE_PATH];

    sample_open_name(path, name);
    for (WCHAR *slash = wcschr(name + wcslen(L"\\\\?\\C:\\"), '\\'); slash;
         slash = wcschr(slash + 1, '\\'))
    {
        *slash = 0;
        CreateDirectoryW(name, NULL);
        *slash = '\\';
    }
}

void sample_write(const WCHAR *path, const void *data, size_t size)
{
    WCHAR name[SAMPLE_PATH];
    HANDLE file;
    DWORD written;

    sample_make_parents(path);
    sample_open_name(path, name);
    file = CreateFileW(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        fail_msg("cannot create %ls: error %lu", path, GetLastError());
    assert_true(WriteFile(file, data, (DWORD)size, &written, NULL));
    CloseHandle(file);
}

unsigned sample_make(const WCHAR *folder)
{
    BYTE *data = malloc(LARGE_SIZE);

    for (size_t i = 0; i < ARRAYSIZE(sample_files); i++)
    {
        WCHAR path[SAMPLE_PATH], name[SAMPLE_PATH];

        for (size_t j = 0; j < sample_files[i].size; j++)
            data[j] = (BYTE)(j * 31 + j / 256 + i);
        _snwprintf(path, SAMPLE_PATH, L"%ls\\%ls", folder, sample_files[i].name);
        sample_write(path, data, sample_files[i].size);
        sample_open_name(path, name);
        if (sample_files[i].attributes)
            assert_true(SetFileAttributesW(name, sample_files[i].attributes));
    }
    free(data);
    return ARRAYSIZE(sample_files);
}

void sample_make_many(const WCHAR *folder, unsigned count, size_t size)
{
    BYTE *data = calloc(1, size);
    WCHAR path[SAMPLE_PATH];

    for (unsigned i = 0; i < count; i++)
    {
        _snwprintf(path, SAMPLE_PATH, L"%ls\\%03u\\%05u.txt", folder, i / 100, i);
        sample_write(path, data, size);
    }
    free(data);
}

void sample_remove(const WCHAR *folder)
{
    test_delete(folder);
}

bool sample_exists(const WCHAR *path)
{
    WCHAR name[SAMPLE_PATH];

    sample_open_name(path, name);
    return GetFileAttributesW(name) != INVALID_FILE_ATTRIBUTES;
}

void sample_copy_path(const WCHAR *destination, const WCHAR *path, WCHAR *copy)
{
    _snwprintf(copy, SAMPLE_PATH, L"%ls\\%lc\\%ls", destination, path[0], path + 3);
}

static BYTE *sample_read(const WCHAR *name, DWORD *size)
{
    HANDLE file = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    BYTE *data;

    if (file == INVALID_HANDLE_VALUE)
        fail_msg("cannot open %ls: error %lu", name, GetLastError());
    *size = GetFileSize(file, NULL);
    data = malloc(*size + 1);
    assert_true(ReadFile(file, data, *size, size, NULL));
    CloseHandle(file);
    return data;
}

static void sample_assert_same_file(const WCHAR *a, const WCHAR *b)
{
    const DWORD compared = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    WIN32_FILE_ATTRIBUTE_DATA of_a, of_b;
    DWORD size_a, size_b;
    BYTE *data_a = sample_read(a, &size_a);
    BYTE *data_b = sample_read(b, &size_b);

    if (size_a != size_b || memcmp(data_a, data_b, size_a))
        fail_msg("%ls differs from %ls", b, a);
    free(data_a);
    free(data_b);
    assert_true(GetFileAttributesExW(a, GetFileExInfoStandard, &of_a));
    assert_true(GetFileAttributesExW(b, GetFileExInfoStandard, &of_b));
    if (CompareFileTime(&of_a.ftLastWriteTime, &of_b.ftLastWriteTime))
        fail_msg("%ls has another write time", b);
    if ((of_a.dwFileAttributes ^ of_b.dwFileAttributes) & compared)
        fail_msg("%ls has other attributes: %lx, not %lx", b, of_b.dwFileAttributes,
            of_a.dwFileAttributes);
}

void sample_assert_same(const WCHAR *folder, const WCHAR *copy)
{
    for (size_t i = 0; i < ARRAYSIZE(sample_files); i++)
    {
        WCHAR path[SAMPLE_PATH], a[SAMPLE_PATH], b[SAMPLE_PATH];

        _snwprintf(path, SAMPLE_PATH, L"%ls\\%ls", folder, sample_files[i].name);
        sample_open_name(path, a);
        _snwprintf(path, SAMPLE_PATH, L"%ls\\%ls", copy, sample_files[i].name);
        sample_open_name(path, b);
        sample_assert_same_file(a, b);
    }
}

/* SPDX-License-Identifier: MIT
 *
 * Files of tests: making, reading, comparing. See test_volume.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "support/test_volume.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define COMPARED_ATTRIBUTES                                                                        \
    (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |                     \
        FILE_ATTRIBUTE_ARCHIVE)
#define RING 24
#define PATH_LIMIT 4096

const WCHAR *test_path(const WCHAR *folder, const WCHAR *name)
{
    static WCHAR ring[RING][PATH_LIMIT];
    static unsigned next;
    WCHAR *path = ring[next++ % RING];
    const WCHAR *prefix = wcsncmp(folder, L"\\\\?\\", 4) == 0 ? L"" : L"\\\\?\\";
    swprintf(path, PATH_LIMIT, L"%ls%ls\\%ls", prefix, folder, name);
    return path;
}

void test_make_folder(const WCHAR *path)
{
    if (!CreateDirectoryW(path, NULL) && GetLastError() != ERROR_ALREADY_EXISTS)
        fail_msg("%ls can't be made: %lu", path, (unsigned long)GetLastError());
}

static HANDLE open_file(const WCHAR *path, DWORD access, DWORD disposition)
{
    HANDLE file = CreateFileW(
        path, access, SHARE_ALL, NULL, disposition, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (file == INVALID_HANDLE_VALUE)
        fail_msg("%ls can't be opened: %lu", path, (unsigned long)GetLastError());
    return file;
}

void test_write_file(const WCHAR *path, const void *bytes, size_t size)
{
    DWORD wrote = 0;
    HANDLE file = open_file(path, GENERIC_WRITE, CREATE_ALWAYS);
    BOOL done = !size || WriteFile(file, bytes, (DWORD)size, &wrote, NULL);
    CloseHandle(file);
    assert_true(done);
    assert_int_equal(wrote, size);
}

void test_write_text(const WCHAR *path, const char *text)
{
    test_write_file(path, text, strlen(text));
}

/* The whole file; free it. NULL when it can't be read. */
static BYTE *read_file(const WCHAR *path, size_t *size)
{
    LARGE_INTEGER length;
    DWORD got = 0;
    HANDLE file = CreateFileW(path, GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    BYTE *bytes = NULL;
    if (GetFileSizeEx(file, &length))
        bytes = malloc((size_t)length.QuadPart + 1);
    if (bytes &&
        (!ReadFile(file, bytes, (DWORD)length.QuadPart, &got, NULL) ||
            got != (DWORD)length.QuadPart))
    {
        free(bytes);
        bytes = NULL;
    }
    CloseHandle(file);
    *size = got;
    return bytes;
}

bool test_has_text(const WCHAR *path, const char *text)
{
    size_t size = 0;
    BYTE *bytes = read_file(path, &size);
    bool same = bytes && size == strlen(text) && memcmp(bytes, text, size) == 0;
    free(bytes);
    return same;
}

bool test_exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

void test_set_attributes(const WCHAR *path, DWORD attributes)
{
    assert_true(SetFileAttributesW(path, attributes));
}

FILETIME test_write_time(const WCHAR *path)
{
    WIN32_FILE_ATTRIBUTE_DATA data = {0};
    assert_true(GetFileAttributesExW(path, GetFileExInfoStandard, &data));
    return data.ftLastWriteTime;
}

void test_set_write_time(const WCHAR *path, FILETIME time)
{
    HANDLE file = open_file(path, FILE_WRITE_ATTRIBUTES, OPEN_EXISTING);
    BOOL done = SetFileTime(file, NULL, NULL, &time);
    CloseHandle(file);
    assert_true(done);
}

void test_set_age(const WCHAR *path, unsigned seconds)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    ULARGE_INTEGER time = {.LowPart = now.dwLowDateTime, .HighPart = now.dwHighDateTime};
    time.QuadPart -= (ULONGLONG)seconds * 10000000;
    test_set_write_time(path, (FILETIME){time.LowPart, time.HighPart});
}

/* ---- the host ---- */

char *test_host_path(const WCHAR *path)
{
    typedef char *(CDECL * get_unix_name)(LPCWSTR);
    HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
    get_unix_name function = (get_unix_name)(void *)GetProcAddress(
        kernel, "wine_get_unix_file_name");
    return function ? function(path) : NULL;
}

bool test_host_run(const char *const *arguments)
{
    /* A system call, so not CDECL like the name of a file. */
    typedef LONG(WINAPI * spawn)(const char *const *arguments, int wait);
    spawn function = (spawn)(void *)GetProcAddress(
        GetModuleHandleW(L"ntdll.dll"), "__wine_unix_spawnvp");
    return function && function(arguments, TRUE) == 0;
}

bool test_host_link(const WCHAR *target, const WCHAR *link)
{
    char *target_path = test_host_path(target);
    char *link_path = test_host_path(link);
    const char *arguments[] = {"ln", "-s", "-n", target_path, link_path, NULL};
    bool done = target_path && link_path && test_host_run(arguments);
    HeapFree(GetProcessHeap(), 0, target_path);
    HeapFree(GetProcessHeap(), 0, link_path);
    return done;
}

/* ---- trees ---- */

static bool is_dot(const WCHAR *name)
{
    return name[0] == L'.' && (!name[1] || (name[1] == L'.' && !name[2]));
}

static void delete_tree(const WCHAR *path, unsigned depth)
{
    WIN32_FIND_DATAW found;
    WCHAR *below = malloc(PATH_LIMIT * sizeof(WCHAR));
    swprintf(below, PATH_LIMIT, L"%ls\\*", path);
    HANDLE search = FindFirstFileW(below, &found);
    if (search != INVALID_HANDLE_VALUE)
    {
        do
        {
            swprintf(below, PATH_LIMIT, L"%ls\\%ls", path, found.cFileName);
            if (is_dot(found.cFileName) || found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
                continue;
            SetFileAttributesW(below, FILE_ATTRIBUTE_NORMAL);
            if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
                delete_tree(below, depth + 1);
            else
                DeleteFileW(below);
        } while (FindNextFileW(search, &found));
        FindClose(search);
    }
    free(below);
    RemoveDirectoryW(path);
}

void test_delete(const WCHAR *path)
{
    /* The host's rm knows a link when it sees one. */
    char *host_path = test_host_path(path);
    const char *arguments[] = {"rm", "-rf", host_path, NULL};
    if (!host_path || !test_host_run(arguments))
    {
        if (GetFileAttributesW(path) & FILE_ATTRIBUTE_DIRECTORY)
            delete_tree(path, 0);
        else
            DeleteFileW(path);
    }
    HeapFree(GetProcessHeap(), 0, host_path);
}

unsigned test_count_entries(const WCHAR *folder)
{
    WIN32_FIND_DATAW found;
    unsigned count = 0;
    WCHAR *below = malloc(PATH_LIMIT * sizeof(WCHAR));
    swprintf(below, PATH_LIMIT, L"%ls\\*", folder);
    HANDLE search = FindFirstFileW(below, &found);
    if (search != INVALID_HANDLE_VALUE)
    {
        do
        {
            if (is_dot(found.cFileName))
                continue;
            count++;
            bool is_link = found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT;
            swprintf(below, PATH_LIMIT, L"%ls\\%ls", folder, found.cFileName);
            if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY && !is_link)
                count += test_count_entries(below);
        } while (FindNextFileW(search, &found));
        FindClose(search);
    }
    free(below);
    return count;
}

static unsigned differs(const WCHAR *path, const char *what)
{
    print_error("%ls differs in %s\n", path, what);
    return 1;
}

static unsigned compare_files(const WCHAR *expected, const WCHAR *actual, bool folder)
{
    WIN32_FILE_ATTRIBUTE_DATA a = {0};
    WIN32_FILE_ATTRIBUTE_DATA b = {0};
    unsigned differences = 0;
    if (!GetFileAttributesExW(expected, GetFileExInfoStandard, &a) ||
        !GetFileAttributesExW(actual, GetFileExInfoStandard, &b))
        return differs(actual, "being there");
    if ((a.dwFileAttributes ^ b.dwFileAttributes) & COMPARED_ATTRIBUTES)
        differences += differs(actual, "attributes");
    if (CompareFileTime(&a.ftLastWriteTime, &b.ftLastWriteTime))
        differences += differs(actual, "write time");
    if (folder)
        return differences;
    size_t size_a = 0;
    size_t size_b = 0;
    BYTE *bytes_a = read_file(expected, &size_a);
    BYTE *bytes_b = read_file(actual, &size_b);
    if (!bytes_a || !bytes_b || size_a != size_b || memcmp(bytes_a, bytes_b, size_a) != 0)
        differences += differs(actual, "content");
    free(bytes_a);
    free(bytes_b);
    return differences;
}

/* What is in `expected` is in `actual`, and is the same. */
static unsigned compare_below(const WCHAR *expected, const WCHAR *actual, const WCHAR *ignore)
{
    WIN32_FIND_DATAW found;
    unsigned differences = 0;
    WCHAR *a = malloc(PATH_LIMIT * sizeof(WCHAR));
    WCHAR *b = malloc(PATH_LIMIT * sizeof(WCHAR));
    swprintf(a, PATH_LIMIT, L"%ls\\*", expected);
    HANDLE search = FindFirstFileW(a, &found);
    if (search == INVALID_HANDLE_VALUE)
        differences += differs(expected, "being readable");
    else
    {
        do
        {
            if (is_dot(found.cFileName) || (ignore && _wcsicmp(found.cFileName, ignore) == 0))
                continue;
            bool folder = found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
            swprintf(a, PATH_LIMIT, L"%ls\\%ls", expected, found.cFileName);
            swprintf(b, PATH_LIMIT, L"%ls\\%ls", actual, found.cFileName);
            differences += compare_files(a, b, folder);
            if (folder && !(found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
                differences += compare_below(a, b, NULL);
        } while (FindNextFileW(search, &found));
        FindClose(search);
    }
    free(a);
    free(b);
    return differences;
}

unsigned test_compare_trees(const WCHAR *expected, const WCHAR *actual, const WCHAR *ignore)
{
    unsigned differences = compare_below(expected, actual, ignore);
    unsigned more = test_count_entries(actual);
    unsigned wanted = test_count_entries(expected);
    if (ignore)
    {
        const WCHAR *left_out = test_path(expected, ignore);
        wanted -= test_exists(left_out) ? 1 + test_count_entries(left_out) : 0;
    }
    if (more != wanted)
    {
        print_error("%ls has %u entries, %ls has %u\n", expected, wanted, actual, more);
        differences++;
    }
    return differences;
}

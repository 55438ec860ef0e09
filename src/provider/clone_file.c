/* SPDX-License-Identifier: MIT
 *
 * Opening and deleting by exact name. See clone_file.h; links under Wine: wine facts 6.
 */
#include "provider/clone_file.h"

#include <winternl.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "os/file.h"
#include "os/settings.h"
#include "volume/wine_link.h"

HRESULT clone_before(const char *operation, const WCHAR *path)
{
    HRESULT (*before)(const char *operation, const WCHAR *path) = base_hooks.before_file_op;
    return before ? before(operation, path) : S_OK;
}

HRESULT clone_last_error(void)
{
    DWORD error = GetLastError();
    return error ? HRESULT_FROM_WIN32(error) : E_FAIL;
}

bool clone_is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

/* Wine's code page for the names of the host. */
#define CP_HOST 65010

/* `/dir/name` as `\\?\unix\dir\name`; mem_free it. NULL: it can't be said so. */
static WCHAR *unix_form(const char *host_path)
{
    int units = MultiByteToWideChar(CP_HOST, 0, host_path, -1, NULL, 0);
    WCHAR *wide = units > 0 ? mem_alloc_array((size_t)units, sizeof(WCHAR)) : NULL;
    struct str16_builder builder = {0};
    if (!wide || !MultiByteToWideChar(CP_HOST, 0, host_path, -1, wide, units))
    {
        mem_free(wide);
        return NULL;
    }
    size_t length = str16_len(wide);
    while (length && wide[length - 1] == L'/')
        length--;
    str16_builder_add(&builder, L"\\\\?\\unix");
    for (size_t i = 0; i < length; i++)
        str16_builder_add_char(&builder, wide[i] == L'/' ? L'\\' : wide[i]);
    mem_free(wide);
    return str16_builder_take(&builder);
}

HRESULT clone_working_path(const WCHAR *path, WCHAR **working)
{
    struct str16_builder builder = {0};
    if (!str16_starts_with(path, L"\\\\?\\"))
        str16_builder_add(&builder, L"\\\\?\\");
    str16_builder_add(&builder, path);
    while (builder.length && builder.text[builder.length - 1] == L'\\')
        builder.text[--builder.length] = 0;
    WCHAR *plain = str16_builder_take(&builder);
    if (!plain)
        return E_OUTOFMEMORY;
    char *host_path = wine_host_name(path);
    WCHAR *form = host_path ? unix_form(host_path) : NULL;
    wine_host_name_free(host_path);
    if (form)
        mem_free(plain);
    *working = form ? form : plain;
    return S_OK;
}

WCHAR *clone_join(const WCHAR *root, const WCHAR *relative)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, root);
    str16_builder_add_char(&builder, L'\\');
    str16_builder_add(&builder, relative);
    return str16_builder_take(&builder);
}

HRESULT clone_open_as(const struct clone_opening *opening, HANDLE *file)
{
    static const ULONG dispositions[] = {
        [CLONE_EXISTING] = FILE_OPEN, [CLONE_NEW] = FILE_CREATE, [CLONE_EITHER] = FILE_OPEN_IF};
    size_t length = str16_len(opening->name);
    WCHAR *native = str16_ndup(opening->name, length);
    if (!native)
        return E_OUTOFMEMORY;
    if (!opening->parent)
        native[1] = L'?'; /* `\\?\` is `\??\` to the kernel */
    UNICODE_STRING name = {
        (USHORT)(length * sizeof(WCHAR)), (USHORT)(length * sizeof(WCHAR)), native};
    OBJECT_ATTRIBUTES object = {.Length = sizeof(object),
        .RootDirectory = opening->parent,
        .ObjectName = &name}; /* no OBJ_CASE_INSENSITIVE */
    IO_STATUS_BLOCK io;
    HANDLE opened = NULL;
    ULONG options = FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT |
        (opening->no_follow ? FILE_OPEN_REPARSE_POINT : 0) |
        (opening->passing ? FILE_DELETE_ON_CLOSE : 0) |
        (opening->kind == CLONE_FOLDER ? FILE_DIRECTORY_FILE
                                       : FILE_NON_DIRECTORY_FILE | FILE_SEQUENTIAL_ONLY);
    NTSTATUS status = NtCreateFile(&opened, opening->access | SYNCHRONIZE, &object, &io, NULL,
        opening->attributes, opening->share, dispositions[opening->how], options, NULL, 0);
    mem_free(native);
    if (status < 0)
        return HRESULT_FROM_WIN32(RtlNtStatusToDosError(status));
    *file = opened;
    return S_OK;
}

HRESULT clone_open(const WCHAR *path, enum clone_kind kind, enum clone_how how, DWORD access,
    DWORD attributes, HANDLE *file)
{
    const struct clone_opening opening = {.name = path,
        .kind = kind,
        .how = how,
        .access = access,
        .attributes = attributes,
        .share = CLONE_SHARE_ALL};
    return clone_open_as(&opening, file);
}

static bool is_trimmed(WCHAR unit)
{
    return unit == L'.' || unit == L' ';
}

/* Whether the paths are the same but for dots and blanks at the ends of names, which Wine leaves
   out. */
static bool same_path(const WCHAR *a, const WCHAR *b)
{
    for (;;)
    {
        const WCHAR *a_rest = a;
        const WCHAR *b_rest = b;
        while (is_trimmed(*a_rest))
            a_rest++;
        while (is_trimmed(*b_rest))
            b_rest++;
        bool a_ends = !*a_rest || *a_rest == L'\\';
        bool b_ends = !*b_rest || *b_rest == L'\\';
        if (a_ends && b_ends)
        {
            a = a_rest;
            b = b_rest;
        }
        if (*a != *b)
            return false;
        if (!*a)
            return true;
        a++;
        b++;
    }
}

/* Makes `check` know the folder of `path`, whose last backslash is at `end`. */
static HRESULT know_folder(struct clone_link_check *check, const WCHAR *path, size_t end)
{
    if (check->folder && str16_len(check->folder) == end && str16_starts_with(path, check->folder))
        return S_OK;
    clone_link_check_free(check);
    HANDLE folder = NULL;
    WCHAR *asked = str16_ndup(path, end);
    WCHAR *joined = asked ? clone_join(asked, L"") : NULL;
    HRESULT hr = joined
        ? clone_open(joined, CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES, 0, &folder)
        : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = wine_resolved_path(folder, &check->resolved);
    if (SUCCEEDED(hr))
    {
        check->folder = asked;
        asked = NULL;
    }
    if (folder)
        CloseHandle(folder);
    mem_free(joined);
    mem_free(asked);
    return hr;
}

/* Whether what was resolved is nothing but a drive. A folder that a letter stands for goes by that
   letter, also for a second after it was taken back; links to folders show in their attributes. */
static bool is_folder_with_letter(const WCHAR *resolved, const WCHAR *path)
{
    size_t length = str16_len(resolved);
    if (length && resolved[length - 1] == L'\\')
        length--;
    if (!length || resolved[length - 1] != L':')
        return false;
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY &&
        !(attributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

HRESULT clone_is_entry(
    const WCHAR *folder, const WCHAR *name, const WCHAR *found, const WCHAR *path)
{
    WCHAR *expected = file_join(folder, name);
    if (!expected)
        return E_OUTOFMEMORY;
    bool same = same_path(expected, found) || is_folder_with_letter(found, path);
    mem_free(expected);
    return same ? S_OK : S_FALSE;
}

/* S_OK or S_FALSE as clone_link_check has it, by what is known of the folder. */
static HRESULT compare_with_folder(
    struct clone_link_check *check, HANDLE file, const WCHAR *path, const WCHAR *name)
{
    WCHAR *found = NULL;
    HRESULT hr = know_folder(check, path, (size_t)(name - 1 - path));
    if (SUCCEEDED(hr))
        hr = wine_resolved_path(file, &found);
    if (SUCCEEDED(hr))
        hr = clone_is_entry(check->resolved, name, found, path);
    mem_free(found);
    return hr;
}

HRESULT clone_link_check(struct clone_link_check *check, HANDLE file, const WCHAR *path)
{
    /* Windows: links have the reparse attribute, and the scan left them out. */
    const WCHAR *last = str16_find_last_char(path, L'\\');
    if (!settings_is_wine() || !last)
        return S_OK;
    HRESULT hr = compare_with_folder(check, file, path, last + 1);
    if (hr != S_FALSE)
        return hr;
    /* Wine looks at its drive letters once a second: the folder may have been resolved by one that
       is no more. */
    clone_link_check_free(check);
    return compare_with_folder(check, file, path, last + 1);
}

void clone_link_check_free(struct clone_link_check *check)
{
    mem_free(check->folder);
    mem_free(check->resolved);
    check->folder = NULL;
    check->resolved = NULL;
}

static HRESULT allow_deletion(HANDLE file)
{
    FILE_BASIC_INFO info = {.FileAttributes = FILE_ATTRIBUTE_NORMAL};
    return SetFileInformationByHandle(file, FileBasicInfo, &info, sizeof(info))
        ? S_OK
        : clone_last_error();
}

HRESULT clone_delete(struct clone_link_check *check, const WCHAR *path, enum clone_kind kind)
{
    HANDLE file = NULL;
    FILE_DISPOSITION_INFO gone = {TRUE};
    HRESULT hr = clone_before(kind == CLONE_FOLDER ? "delete-folder" : "delete-file", path);
    if (SUCCEEDED(hr))
        hr = clone_open(path, kind, CLONE_EXISTING, DELETE | FILE_WRITE_ATTRIBUTES, 0, &file);
    if (FAILED(hr))
        return clone_is_missing(hr) ? S_OK : hr;
    hr = clone_link_check(check, file, path);
    if (hr == S_FALSE)
        hr = HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK);
    if (SUCCEEDED(hr) &&
        !SetFileInformationByHandle(file, FileDispositionInfo, &gone, sizeof(gone)))
    {
        hr = clone_last_error();
        /* A read-only file says ERROR_ACCESS_DENIED. */
        if (hr == E_ACCESSDENIED && SUCCEEDED(allow_deletion(file)))
            hr = SetFileInformationByHandle(file, FileDispositionInfo, &gone, sizeof(gone))
                ? S_OK
                : clone_last_error();
    }
    CloseHandle(file);
    return hr;
}

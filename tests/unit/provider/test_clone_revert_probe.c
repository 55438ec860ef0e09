/* SPDX-License-Identifier: MIT
 *
 * What a revert finds out by trying, before anything of the volume goes: folders that let nothing
 * come or go, and files that would lose more than their content. Follows requestor 2.6.
 */
#include "revert_fixture.h"

#include <winternl.h>

static void spoil(void)
{
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    test_write_text(in_place(&fixture, L"dir\\new.txt"), "new");
    test_write_text(in_place(&fixture, L"new.txt"), "new");
}

static void assert_untouched(void)
{
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_true(test_has_text(in_place(&fixture, L"dir\\new.txt"), "new"));
    assert_true(test_has_text(in_place(&fixture, L"new.txt"), "new"));
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
}

/* ---- What the system says, where Wine or a test's host can't be made to say it ---- */

#ifdef _WIN64
#define IMPORT_NAME(name, bytes) "__imp_" #name
#else
#define IMPORT_NAME(name, bytes) "__imp__" #name "@" #bytes
#endif
/* IMPORT(result, name, bytes of the parameters, parameters): fake_name stands for it. */
#define IMPORT(result, name, bytes, ...)                                                           \
    extern result(WINAPI *const imported_##name)(__VA_ARGS__) __asm__(IMPORT_NAME(name, bytes));   \
    result(WINAPI *const imported_##name)(__VA_ARGS__) = fake_##name

#define DEDUPLICATED_TAG 0x80000013u

static struct
{
    uint64_t file; /* of which the following is said; 0: of none */
    bool encrypted;
    const WCHAR *streams[3]; /* ends with NULL */
    bool many_streams;
    ULONG extended_attributes;
    const WCHAR *deduplicated; /* the name of a file, or NULL */
    const WCHAR *border;       /* the name of a folder into which nothing can be moved, or NULL */
} said;

static FARPROC real(const char *module, const char *name)
{
    FARPROC found = GetProcAddress(GetModuleHandleA(module), name);
    if (!found)
        abort();
    return found;
}

static uint64_t id_of(HANDLE file)
{
    BY_HANDLE_FILE_INFORMATION info = {0};
    GetFileInformationByHandle(file, &info);
    return (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
}

static BOOL list_streams(FILE_STREAM_INFO *info)
{
    BYTE *at = (BYTE *)info;
    if (said.many_streams)
    {
        SetLastError(ERROR_MORE_DATA);
        return FALSE;
    }
    for (size_t i = 0; said.streams[i]; i++)
    {
        FILE_STREAM_INFO *stream = (FILE_STREAM_INFO *)at;
        memset(stream, 0, sizeof(*stream));
        stream->StreamNameLength = (DWORD)(wcslen(said.streams[i]) * sizeof(WCHAR));
        memcpy(stream->StreamName, said.streams[i], stream->StreamNameLength);
        stream->NextEntryOffset = said.streams[i + 1] ? 128 : 0;
        at += 128;
    }
    return TRUE;
}

static void mark_deduplicated(FILE_ID_BOTH_DIR_INFO *info)
{
    for (;;)
    {
        if (info->FileNameLength == wcslen(said.deduplicated) * sizeof(WCHAR) &&
            memcmp(info->FileName, said.deduplicated, info->FileNameLength) == 0)
        {
            info->FileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
            info->EaSize = DEDUPLICATED_TAG;
        }
        if (!info->NextEntryOffset)
            return;
        info = (FILE_ID_BOTH_DIR_INFO *)((BYTE *)info + info->NextEntryOffset);
    }
}

static BOOL WINAPI fake_GetFileInformationByHandleEx(
    HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, LPVOID info, DWORD size)
{
    BOOL(WINAPI * get)
    (HANDLE, FILE_INFO_BY_HANDLE_CLASS, LPVOID, DWORD) = (void *)real(
        "kernel32", "GetFileInformationByHandleEx");
    bool meant = said.file && id_of(file) == said.file;
    if (class == FileStreamInfo && meant && (said.streams[0] || said.many_streams))
        return list_streams(info);
    BOOL got = get(file, class, info, size);
    if (got && class == FileBasicInfo && meant && said.encrypted)
        ((FILE_BASIC_INFO *)info)->FileAttributes |= FILE_ATTRIBUTE_ENCRYPTED;
    if (got && class == FileIdBothDirectoryInfo && said.deduplicated)
        mark_deduplicated(info);
    return got;
}
IMPORT(BOOL, GetFileInformationByHandleEx, 16, HANDLE, FILE_INFO_BY_HANDLE_CLASS, LPVOID, DWORD);

/* Functions of ntdll are called by their names: these are linked in their place. */
NTSTATUS WINAPI NtQueryInformationFile(
    HANDLE file, PIO_STATUS_BLOCK io, PVOID info, ULONG size, FILE_INFORMATION_CLASS class)
{
    NTSTATUS(WINAPI * query)
    (HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS) = (void *)real(
        "ntdll", "NtQueryInformationFile");
    NTSTATUS status = query(file, io, info, size, class);
    if (class == FileEaInformation && said.file && id_of(file) == said.file)
    {
        *(ULONG *)info = said.extended_attributes;
        return 0;
    }
    return status;
}

#define NOT_SAME_DEVICE ((NTSTATUS)0xC00000D4)

/* As a quota's border has it: what was made in the folder may be moved within it, and out of it. */
static bool crosses(const FILE_RENAME_INFORMATION *info)
{
    WCHAR name[TEST_PATH_UNITS];
    WCHAR part[TEST_PATH_UNITS];
    size_t units = info->FileNameLength / sizeof(WCHAR);
    if (!said.border || units >= TEST_PATH_UNITS)
        return false;
    memcpy(name, info->FileName, units * sizeof(WCHAR));
    name[units] = 0;
    swprintf(part, TEST_PATH_UNITS, L"\\%ls\\", said.border);
    return wcsstr(name, part) != NULL;
}

NTSTATUS WINAPI NtSetInformationFile(
    HANDLE file, PIO_STATUS_BLOCK io, PVOID info, ULONG size, FILE_INFORMATION_CLASS class)
{
    NTSTATUS(WINAPI * set)
    (HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS) = (void *)real(
        "ntdll", "NtSetInformationFile");
    if (class == FileRenameInformation && crosses(info))
        return NOT_SAME_DEVICE;
    return set(file, io, info, size, class);
}

static int open_and_say_nothing(void **state)
{
    memset(&said, 0, sizeof(said));
    return open_with_copy(state);
}

static int say_nothing_and_close(void **state)
{
    memset(&said, 0, sizeof(said));
    return close_fixture(state);
}

static void say_of(const WCHAR *name)
{
    HANDLE file = CreateFileW(in_place(&fixture, name), FILE_READ_ATTRIBUTES,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    said.file = id_of(file);
    CloseHandle(file);
}

/* ---- Folders ---- */

/* False where tests may not. */
static bool change_flag(const char *flag, const WCHAR *name)
{
    char *host = test_host_path(*name ? in_place(&fixture, name) : fixture.place.name);
    assert_non_null(host);
    bool done = test_host_run((const char *const[]){"chattr", flag, host, NULL});
    HeapFree(GetProcessHeap(), 0, host);
    return done;
}

/* The root has entries that go after those of folders. */
static void a_folder_that_nobody_may_write_is_found_before_anything_goes(void **state)
{
    static const WCHAR *const folders[] = {L"", L"dir"};
    (void)state;
    spoil();
    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
    {
        bool changed = true;
        assert_int_equal(begin(true), S_OK);
        if (!change_flag("+i", folders[i]))
            skip();
        HRESULT hr = fixture.provider->ops->revert(
            fixture.provider, fixture.snapshot, fixture.volume, true, &changed);
        assert_true(change_flag("-i", folders[i]));
        assert_int_equal(hr, E_ACCESSDENIED);
        assert_false(changed);
        assert_false(is_noted());
        assert_untouched();
    }
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* Nor a file: the folders show no sign of having been tried. */
static void a_refused_revert_leaves_the_times_of_folders_as_they_were(void **state)
{
    (void)state;
    bool changed = true;
    spoil();
    test_set_age(in_place(&fixture, L"dir"), 5000);
    FILETIME before = test_write_time(in_place(&fixture, L"dir"));
    unsigned entries = test_count_entries(in_place(&fixture, L"dir"));
    test_write_text(in_copy(&fixture, L"dir\\planted.txt"), "planted");
    assert_int_equal(revert(&changed), VSS_E_VOLUME_NOT_SUPPORTED);
    FILETIME after = test_write_time(in_place(&fixture, L"dir"));
    assert_memory_equal(&before, &after, sizeof(before));
    assert_int_equal(test_count_entries(in_place(&fixture, L"dir")), entries);
    assert_untouched();
}

/* Nothing but moving a file into it shows that. */
static void a_folder_behind_a_quotas_border_is_found_before_anything_goes(void **state)
{
    (void)state;
    spoil();
    said.border = L"dir";
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_untouched();
    said.border = NULL;
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void bind_outside(const WCHAR *name, char *host, size_t size)
{
    char *source = test_host_path(outside);
    char *target = test_host_path(in_place(&fixture, name));
    assert_non_null(source);
    assert_non_null(target);
    snprintf(host, size, "%s", target);
    bool bound = test_host_run((const char *const[]){"mount", "--bind", source, host, NULL});
    HeapFree(GetProcessHeap(), 0, target);
    HeapFree(GetProcessHeap(), 0, source);
    if (!bound)
        skip();
}

/* Whatever it holds: files, an empty folder, nothing. */
static void what_another_folder_is_bound_to_refuses_the_revert(void **state)
{
    (void)state;
    char host[3 * TEST_PATH_UNITS];
    spoil();
    test_make_folder(in_place(&fixture, L"bound"));
    for (int i = 0; i < 3; i++)
    {
        bool changed = true;
        if (i == 1)
        {
            test_delete(test_path(outside, L"file"));
            test_make_folder(test_path(outside, L"inner"));
        }
        else if (i == 2)
        {
            test_delete(test_path(outside, L"inner"));
        }
        bind_outside(L"bound", host, sizeof(host));
        HRESULT hr = revert(&changed);
        assert_true(test_host_run((const char *const[]){"umount", host, NULL}));
        assert_int_equal(hr, VSS_E_VOLUME_NOT_SUPPORTED);
        assert_false(changed);
        assert_false(is_noted());
        assert_untouched();
        assert_int_equal(test_count_entries(outside), i < 2);
    }
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static HRESULT swap_for_link(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, "revert-stage") != 0)
        return S_OK;
    base_hooks.before_file_op = NULL;
    MoveFileW(in_place(&fixture, L"dir"), in_place(&fixture, L"moved"));
    test_host_link(outside, in_place(&fixture, L"dir"));
    return S_OK;
}

static void a_folder_that_becomes_a_link_while_it_is_made_ready_refuses_the_revert(void **state)
{
    (void)state;
    char link[3 * TEST_PATH_UNITS];
    test_delete(in_place(&fixture, L"top.txt")); /* comes before what is in folders */
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    base_hooks.before_file_op = swap_for_link;
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_null(base_hooks.before_file_op);
    assert_int_equal(test_count_entries(outside), 1);
    char *root = test_host_path(fixture.place.name);
    assert_non_null(root);
    snprintf(link, sizeof(link), "%s/dir", root);
    HeapFree(GetProcessHeap(), 0, root);
    assert_true(test_host_run((const char *const[]){"rm", link, NULL}));
    assert_true(MoveFileW(in_place(&fixture, L"moved"), in_place(&fixture, L"dir")));
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_false(test_exists(in_place(&fixture, L"top.txt")));
}

/* ---- Files ---- */

static void a_file_that_would_lose_more_than_its_content_refuses_the_revert(void **state)
{
    static const struct
    {
        bool encrypted;
        bool many;
        ULONG attributes;
        const WCHAR *streams[3];
        HRESULT expected;
    } rows[] = {
        {true, false, 0, {NULL}, VSS_E_VOLUME_NOT_SUPPORTED},
        {false, false, 24, {NULL}, VSS_E_VOLUME_NOT_SUPPORTED},
        {false, false, 0, {L"::$DATA", L":secret:$DATA"}, VSS_E_VOLUME_NOT_SUPPORTED},
        {false, false, 0, {L":secret:$DATA"}, VSS_E_VOLUME_NOT_SUPPORTED},
        {false, true, 0, {NULL}, VSS_E_VOLUME_NOT_SUPPORTED},
        {false, false, 0, {L"::$DATA"}, S_OK},
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        bool changed = true;
        spoil();
        say_of(L"dir\\a.txt");
        said.encrypted = rows[i].encrypted;
        said.many_streams = rows[i].many;
        said.extended_attributes = rows[i].attributes;
        memcpy(said.streams, rows[i].streams, sizeof(said.streams));
        HRESULT hr = revert(&changed);
        memset(&said, 0, sizeof(said));
        assert_int_equal(hr, rows[i].expected);
        assert_false(is_noted());
        if (hr == S_OK)
            continue;
        assert_false(changed);
        assert_untouched();
    }
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* Only what would be replaced counts. */
static void streams_of_a_file_that_stays_are_no_hindrance(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    say_of(L"dir\\b.txt");
    said.streams[0] = L"::$DATA";
    said.streams[1] = L":secret:$DATA";
    assert_int_equal(revert(&changed), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
}

static bool give_to(const char *user, const WCHAR *name)
{
    char *host = test_host_path(in_place(&fixture, name));
    assert_non_null(host);
    bool given = test_host_run((const char *const[]){"chown", user, host, NULL});
    HeapFree(GetProcessHeap(), 0, host);
    return given;
}

static void a_file_of_somebody_else_is_not_replaced_by_one_of_ours(void **state)
{
    (void)state;
    spoil();
    if (!give_to("12345", L"dir\\a.txt"))
        skip();
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_untouched();
    assert_true(give_to("0", L"dir\\a.txt"));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* Whether it is in the copy or not. */
static void a_file_in_another_form_refuses_the_revert(void **state)
{
    static const WCHAR *const names[] = {L"b.txt", L"new.txt"};
    (void)state;
    spoil();
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        said.deduplicated = names[i];
        bool changed = true;
        assert_int_equal(revert(&changed), VSS_E_VOLUME_NOT_SUPPORTED);
        said.deduplicated = NULL;
        assert_false(changed);
        assert_untouched();
    }
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

int main(void)
{
#define with_copy(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, open_and_say_nothing, say_nothing_and_close)
    const struct CMUnitTest tests[] = {
        with_copy(a_folder_that_nobody_may_write_is_found_before_anything_goes),
        with_copy(a_refused_revert_leaves_the_times_of_folders_as_they_were),
        with_copy(a_folder_behind_a_quotas_border_is_found_before_anything_goes),
        with_copy(what_another_folder_is_bound_to_refuses_the_revert),
        with_copy(a_folder_that_becomes_a_link_while_it_is_made_ready_refuses_the_revert),
        with_copy(a_file_that_would_lose_more_than_its_content_refuses_the_revert),
        with_copy(streams_of_a_file_that_stays_are_no_hindrance),
        with_copy(a_file_of_somebody_else_is_not_replaced_by_one_of_ours),
        with_copy(a_file_in_another_form_refuses_the_revert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

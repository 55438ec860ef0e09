/* SPDX-License-Identifier: MIT
 *
 * os/file: nothing is lost when any one operation fails, and nothing is deleted through a link.
 */
#include <windows.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "os/file.h"
#include "os/module.h"
#include "os/settings.h"

#define PATIENCE_MS 30000

/* A folder of this test alone. */
static WCHAR folder[MAX_PATH];

static int make_folder(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, folder));
    assert_true(DeleteFileW(folder));
    assert_true(CreateDirectoryW(folder, NULL));
    return 0;
}

static size_t count_entries(const WCHAR *path)
{
    WIN32_FIND_DATAW found;
    WCHAR *pattern = file_join(path, L"*");
    size_t count = 0;
    HANDLE find = FindFirstFileW(pattern, &found);
    mem_free(pattern);
    assert_true(find != INVALID_HANDLE_VALUE);
    do
        count += wcscmp(found.cFileName, L".") && wcscmp(found.cFileName, L"..");
    while (FindNextFileW(find, &found));
    FindClose(find);
    return count;
}

static int remove_folder(void **state)
{
    (void)state;
    base_hooks.before_file_op = NULL;
    assert_int_equal(count_entries(folder), 0);
    assert_true(RemoveDirectoryW(folder));
    return 0;
}

/* ---- an operation fails ---- */

static const char *failing_operation;
static unsigned failures_left;

static HRESULT fail_operation(const char *operation, const WCHAR *path)
{
    assert_non_null(path);
    if (strcmp(operation, failing_operation) != 0 || !failures_left)
        return S_OK;
    failures_left--;
    return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
}

static void fail_once(const char *operation)
{
    failing_operation = operation;
    failures_left = 1;
    base_hooks.before_file_op = fail_operation;
}

static void assert_content(const WCHAR *path, const char *content)
{
    void *bytes = NULL;
    size_t size = 0;
    assert_int_equal(file_read_all(path, 1000, &bytes, &size), S_OK);
    assert_int_equal(size, strlen(content));
    assert_memory_equal(bytes, content, size + 1);
    mem_free(bytes);
}

static void write_with_any_operation_failing_keeps_the_old_content(void **state)
{
    static const char *const operations[] = {"create", "write", "flush", "rename"};
    (void)state;
    WCHAR *path = file_join(folder, L"record");
    long blocks = mem_live_blocks();
    assert_int_equal(file_write_atomic(path, "old", 3), S_OK);
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
    {
        fail_once(operations[i]);
        HRESULT hr = file_write_atomic(path, "newer", 5);
        base_hooks.before_file_op = NULL;
        if (hr != HRESULT_FROM_WIN32(ERROR_DISK_FULL))
            fail_msg("%s failed, yet 0x%08lX came back", operations[i], hr);
        assert_content(path, "old");
        assert_int_equal(count_entries(folder), 1);
        assert_int_equal(mem_live_blocks(), blocks);
    }
    assert_int_equal(file_delete(path), S_OK);
    mem_free(path);
}

static void write_with_any_operation_failing_leaves_no_file_where_there_was_none(void **state)
{
    static const char *const operations[] = {"create", "write", "flush", "rename"};
    (void)state;
    WCHAR *path = file_join(folder, L"record");
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
    {
        fail_once(operations[i]);
        assert_true(FAILED(file_write_atomic(path, "new", 3)));
        base_hooks.before_file_op = NULL;
        assert_int_equal(count_entries(folder), 0);
    }
    mem_free(path);
}

static void write_whose_folder_is_not_flushed_stands(void **state)
{
    (void)state;
    WCHAR *path = file_join(folder, L"record");
    fail_once("flush_folder");
    assert_int_equal(file_write_atomic(path, "new", 3), S_OK);
    assert_int_equal(failures_left, 0);
    base_hooks.before_file_op = NULL;
    assert_content(path, "new");
    assert_int_equal(file_delete(path), S_OK);
    mem_free(path);
}

static size_t allocations_before_failure;

static bool allow_some(size_t size)
{
    (void)size;
    return allocations_before_failure-- > 0;
}

/* Runs `step` with the 1st, 2nd, ... allocation failing until it succeeds. */
static void check_every_allocation(HRESULT (*step)(void))
{
    long blocks = mem_live_blocks();
    HRESULT hr = E_OUTOFMEMORY;
    for (size_t i = 0; hr == E_OUTOFMEMORY; i++)
    {
        allocations_before_failure = i;
        base_hooks.allow_alloc = allow_some;
        hr = step();
        base_hooks.allow_alloc = NULL;
        assert_int_equal(mem_live_blocks(), blocks);
        assert_true(i < 100);
    }
    assert_int_equal(hr, S_OK);
}

static WCHAR record[MAX_PATH];

static HRESULT step_write(void)
{
    return file_write_atomic(record, "x", 1);
}

static HRESULT step_read(void)
{
    void *bytes = NULL;
    size_t size;
    HRESULT hr = file_read_all(record, 10, &bytes, &size);
    mem_free(bytes);
    return hr;
}

static HRESULT step_folders(void)
{
    WCHAR path[MAX_PATH];
    swprintf(path, MAX_PATH, L"%ls\\a\\b", folder);
    return file_make_folders(path);
}

static HRESULT step_lock(void)
{
    struct file_lock *lock = NULL;
    HRESULT hr = file_lock_take(record, &lock);
    file_lock_drop(lock, false);
    return hr;
}

static HRESULT step_delete(void)
{
    return file_delete(record);
}

static void any_failing_allocation_leaks_nothing(void **state)
{
    (void)state;
    swprintf(record, MAX_PATH, L"%ls\\record", folder);
    check_every_allocation(step_write);
    check_every_allocation(step_read);
    check_every_allocation(step_lock);
    check_every_allocation(step_folders);
    WCHAR path[MAX_PATH];
    swprintf(path, MAX_PATH, L"%ls\\a\\b", folder);
    assert_true(RemoveDirectoryW(path));
    swprintf(path, MAX_PATH, L"%ls\\a", folder);
    assert_true(RemoveDirectoryW(path));
    /* Under Wine a link is suspected while the paths can't be compared: the file stays then. */
    assert_int_equal(step_delete(), S_OK);
}

/* ---- reading and writing ---- */

static void missing_file_cannot_be_read_but_be_deleted(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size;
    WCHAR *path = file_join(folder, L"missing");
    WCHAR *deep = file_join(folder, L"no\\such\\file");
    assert_int_equal(
        file_read_all(path, 10, &bytes, &size), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_null(bytes);
    assert_int_equal(file_delete(path), S_OK);
    assert_int_equal(file_delete(deep), S_OK);
    mem_free(path);
    mem_free(deep);
}

static void file_above_the_limit_is_refused(void **state)
{
    (void)state;
    void *bytes = NULL;
    size_t size;
    WCHAR *path = file_join(folder, L"four");
    assert_int_equal(file_write_atomic(path, "1234", 4), S_OK);
    assert_int_equal(
        file_read_all(path, 3, &bytes, &size), HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE));
    assert_null(bytes);
    assert_int_equal(file_read_all(path, 4, &bytes, &size), S_OK);
    mem_free(bytes);
    assert_int_equal(file_delete(path), S_OK);
    mem_free(path);
}

static void empty_content_is_written_and_read(void **state)
{
    (void)state;
    WCHAR *path = file_join(folder, L"empty");
    assert_int_equal(file_write_atomic(path, "", 0), S_OK);
    assert_content(path, "");
    assert_int_equal(file_delete(path), S_OK);
    mem_free(path);
}

static void failing_read_gives_nothing(void **state)
{
    static const char *const operations[] = {"open", "read"};
    (void)state;
    void *bytes = NULL;
    size_t size;
    WCHAR *path = file_join(folder, L"record");
    assert_int_equal(file_write_atomic(path, "x", 1), S_OK);
    for (int i = 0; i < 2; i++)
    {
        fail_once(operations[i]);
        assert_int_equal(
            file_read_all(path, 10, &bytes, &size), HRESULT_FROM_WIN32(ERROR_DISK_FULL));
        base_hooks.before_file_op = NULL;
        assert_null(bytes);
    }
    assert_int_equal(file_delete(path), S_OK);
    mem_free(path);
}

/* A reader that closes the file when the writer has met it twice. */
struct reader
{
    HANDLE file;
    HANDLE met;
    LONG tries;
};

static struct reader reader;

static HRESULT count_renames(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, "rename") == 0 && ++reader.tries == 2)
        SetEvent(reader.met);
    return S_OK;
}

static DWORD WINAPI close_when_met(void *argument)
{
    (void)argument;
    DWORD waited = WaitForSingleObject(reader.met, PATIENCE_MS);
    CloseHandle(reader.file);
    return waited;
}

static void write_waits_for_a_reader_to_close_the_target(void **state)
{
    (void)state;
    DWORD waited = WAIT_FAILED;
    WCHAR *path = file_join(folder, L"record");
    assert_int_equal(file_write_atomic(path, "old", 3), S_OK);
    reader.tries = 0;
    reader.met = CreateEventW(NULL, TRUE, FALSE, NULL);
    reader.file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(reader.file != INVALID_HANDLE_VALUE);
    HANDLE thread = CreateThread(NULL, 0, close_when_met, NULL, 0, NULL);
    base_hooks.before_file_op = count_renames;
    assert_int_equal(file_write_atomic(path, "new", 3), S_OK);
    base_hooks.before_file_op = NULL;
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &waited);
    assert_int_equal(waited, WAIT_OBJECT_0);
    assert_content(path, "new");
    assert_int_equal(file_delete(path), S_OK);
    CloseHandle(thread);
    CloseHandle(reader.met);
    mem_free(path);
}

static void write_over_a_folder_fails_and_leaves_it(void **state)
{
    (void)state;
    WCHAR *path = file_join(folder, L"folder");
    assert_int_equal(file_make_folders(path), S_OK);
    assert_int_equal(file_write_atomic(path, "x", 1), E_ACCESSDENIED);
    assert_int_equal(file_delete(path), E_ACCESSDENIED);
    assert_int_equal(count_entries(folder), 1);
    assert_true(RemoveDirectoryW(path));
    mem_free(path);
}

/* ---- links ---- */

typedef NTSTATUS(WINAPI *spawn_function)(char *const argv[], int wait);
typedef char *(CDECL *unix_name_function)(const WCHAR *path);

/* ln -s target link, as the host does it. */
static void make_unix_link(const WCHAR *target, const WCHAR *link)
{
    spawn_function spawn = (spawn_function)(void *)module_system_function(
        L"ntdll.dll", "__wine_unix_spawnvp");
    unix_name_function unix_name = (unix_name_function)(void *)module_system_function(
        L"kernel32.dll", "wine_get_unix_file_name");
    assert_non_null(spawn);
    assert_non_null(unix_name);
    char *link_name = unix_name(link);
    char *target_name = unix_name(target);
    char ln[] = "ln";
    char option[] = "-s";
    char *const arguments[] = {ln, option, target_name, link_name, NULL};
    assert_non_null(link_name);
    assert_non_null(target_name);
    assert_int_equal(spawn(arguments, 1), 0);
    HeapFree(GetProcessHeap(), 0, link_name);
    HeapFree(GetProcessHeap(), 0, target_name);
}

static void remove_unix_link(const WCHAR *link)
{
    spawn_function spawn = (spawn_function)(void *)module_system_function(
        L"ntdll.dll", "__wine_unix_spawnvp");
    unix_name_function unix_name = (unix_name_function)(void *)module_system_function(
        L"kernel32.dll", "wine_get_unix_file_name");
    char *name = unix_name(link);
    char rm[] = "rm";
    char *const arguments[] = {rm, name, NULL};
    assert_int_equal(spawn(arguments, 1), 0);
    HeapFree(GetProcessHeap(), 0, name);
}

static void deleting_a_link_never_deletes_its_target(void **state)
{
    (void)state;
    if (!settings_is_wine())
        skip(); /* Windows: DeleteFile takes the link itself */
    WCHAR *below = file_join(folder, L"below");
    WCHAR *target = file_join(folder, L"same");
    WCHAR *link = file_join(below, L"same"); /* the last name alone would not tell */
    WCHAR *other = file_join(folder, L"other");
    assert_int_equal(file_make_folders(below), S_OK);
    assert_int_equal(file_write_atomic(target, "kept", 4), S_OK);
    make_unix_link(target, link);
    make_unix_link(target, other);
    assert_int_equal(file_delete(link), HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK));
    assert_int_equal(file_delete(other), HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK));
    assert_content(target, "kept");
    remove_unix_link(link);
    remove_unix_link(other);
    assert_true(RemoveDirectoryW(below));
    assert_int_equal(file_delete(target), S_OK);
    mem_free(below);
    mem_free(target);
    mem_free(link);
    mem_free(other);
}

static void file_below_a_linked_folder_is_deleted(void **state)
{
    (void)state;
    if (!settings_is_wine())
        skip();
    WCHAR *real = file_join(folder, L"real");
    WCHAR *linked = file_join(folder, L"linked");
    WCHAR *file = file_join(linked, L"file");
    assert_int_equal(file_make_folders(real), S_OK);
    make_unix_link(real, linked);
    assert_int_equal(file_write_atomic(file, "x", 1), S_OK);
    assert_int_equal(file_delete(file), S_OK);
    assert_int_equal(count_entries(real), 0);
    remove_unix_link(linked);
    assert_true(RemoveDirectoryW(real));
    mem_free(real);
    mem_free(linked);
    mem_free(file);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(write_with_any_operation_failing_keeps_the_old_content),
        TEST(write_with_any_operation_failing_leaves_no_file_where_there_was_none),
        TEST(write_whose_folder_is_not_flushed_stands),
        TEST(any_failing_allocation_leaks_nothing),
        TEST(missing_file_cannot_be_read_but_be_deleted),
        TEST(file_above_the_limit_is_refused),
        TEST(empty_content_is_written_and_read),
        TEST(failing_read_gives_nothing),
        TEST(write_waits_for_a_reader_to_close_the_target),
        TEST(write_over_a_folder_fails_and_leaves_it),
        TEST(deleting_a_link_never_deletes_its_target),
        TEST(file_below_a_linked_folder_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

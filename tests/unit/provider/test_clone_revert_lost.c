/* SPDX-License-Identifier: MIT
 *
 * Reverts that can't go on as they were begun: files that are known no more, what was made ready
 * and is gone, places that refuse a file. Nothing is lost, and nothing that was not done counts as
 * done. Follows requestor 2.6.
 */
#include "provider/clone_revert.h"
#include "revert_fixture.h"

#include <winternl.h>

static void spoil(void)
{
    let_delete();
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    test_delete(in_place(&fixture, L"top.txt"));
    test_make_folder(in_place(&fixture, L"new"));
    test_write_text(in_place(&fixture, L"new\\e.txt"), "echo");
    test_write_text(in_place(&fixture, L"ro.txt"), "written");
}

/* ---- What the system is made to say and do ---- */

#ifdef _WIN64
#define IMPORT_NAME(name, bytes) "__imp_" #name
#else
#define IMPORT_NAME(name, bytes) "__imp__" #name "@" #bytes
#endif
/* IMPORT(result, name, bytes of the parameters, parameters): fake_name stands for it. */
#define IMPORT(result, name, bytes, ...)                                                           \
    extern result(WINAPI *const imported_##name)(__VA_ARGS__) __asm__(IMPORT_NAME(name, bytes));   \
    result(WINAPI *const imported_##name)(__VA_ARGS__) = fake_##name

#define FLUSHED_LIMIT 64

static struct
{
    bool other_ids;       /* of files; folders have their own */
    const WCHAR *refused; /* no file gets a name that ends so, but for */
    unsigned allowed;     /* after so many refusals; 0: never */
    uint64_t flushed[FLUSHED_LIMIT];
    size_t flushes;
} told;

static FARPROC real(const char *module, const char *name)
{
    FARPROC found = GetProcAddress(GetModuleHandleA(module), name);
    if (!found)
        abort();
    return found;
}

static BOOL WINAPI fake_GetFileInformationByHandle(HANDLE file, BY_HANDLE_FILE_INFORMATION *info)
{
    BOOL(WINAPI * get)
    (HANDLE, BY_HANDLE_FILE_INFORMATION *) = (void *)real("kernel32", "GetFileInformationByHandle");
    BOOL got = get(file, info);
    if (got && told.other_ids && !(info->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        info->nFileIndexHigh ^= 0x5A5A;
    return got;
}
IMPORT(BOOL, GetFileInformationByHandle, 8, HANDLE, BY_HANDLE_FILE_INFORMATION *);

static BOOL WINAPI fake_FlushFileBuffers(HANDLE file)
{
    BOOL(WINAPI * flush)(HANDLE) = (void *)real("kernel32", "FlushFileBuffers");
    BY_HANDLE_FILE_INFORMATION info;
    if (told.flushes < FLUSHED_LIMIT && fake_GetFileInformationByHandle(file, &info))
        told.flushed[told.flushes++] = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
    return flush(file);
}
IMPORT(BOOL, FlushFileBuffers, 4, HANDLE);

#define ACCESS_DENIED ((NTSTATUS)0xC0000022)

static bool refuses(const FILE_RENAME_INFORMATION *info)
{
    size_t units = told.refused ? wcslen(told.refused) : 0;
    size_t all = info->FileNameLength / sizeof(WCHAR);
    if (!units || all < units ||
        memcmp(info->FileName + all - units, told.refused, units * sizeof(WCHAR)) != 0)
        return false;
    if (told.allowed && !--told.allowed)
        told.refused = NULL;
    return true;
}

/* Functions of ntdll are called by their names: this one is linked in its place. */
NTSTATUS WINAPI NtSetInformationFile(
    HANDLE file, PIO_STATUS_BLOCK io, PVOID info, ULONG size, FILE_INFORMATION_CLASS class)
{
    NTSTATUS(WINAPI * set)
    (HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS) = (void *)real(
        "ntdll", "NtSetInformationFile");
    if (class == FileRenameInformation && refuses(info))
        return ACCESS_DENIED;
    return set(file, io, info, size, class);
}

static int open_and_tell_nothing(void **state)
{
    memset(&told, 0, sizeof(told));
    return open_with_copy(state);
}

static int tell_nothing_and_close(void **state)
{
    memset(&told, 0, sizeof(told));
    return close_fixture(state);
}

/* ---- Half way ---- */

/* As a process that dies at the operation: nothing is done any more. */
static const char *dying_operation;
static unsigned dying_pass;

static HRESULT die_at(const char *operation, const WCHAR *path)
{
    (void)path;
    if (dying_pass && strcmp(operation, dying_operation) == 0)
        dying_pass--;
    return dying_pass ? S_OK : HRESULT_FROM_WIN32(ERROR_WRITE_FAULT);
}

static void die_in_revert(const char *operation, unsigned pass)
{
    bool changed = false;
    dying_operation = operation;
    dying_pass = pass;
    base_hooks.before_file_op = die_at;
    assert_int_equal(revert(&changed), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_true(changed);
    assert_true(is_noted());
}

/* All that was made ready. */
static unsigned take_ready(void)
{
    unsigned taken = 0;
    for (int i = 0; i < 20; i++)
    {
        WCHAR name[TEST_PATH_UNITS];
        swprintf(name, TEST_PATH_UNITS, L"%ls\\new\\%d", in_place(&fixture, REVERT_FOLDER), i);
        if (!test_exists(name))
            continue;
        test_set_attributes(name, FILE_ATTRIBUTE_NORMAL);
        assert_true(DeleteFileW(name));
        taken++;
    }
    return taken;
}

static const WCHAR *aside(void)
{
    static WCHAR path[TEST_PATH_UNITS];
    swprintf(path, TEST_PATH_UNITS, L"%ls-damaged-1", in_place(&fixture, REVERT_FOLDER));
    return path;
}

/* Whether the list of names says it. */
static bool is_listed(const WCHAR *name)
{
    WCHAR text[2048] = {0};
    DWORD got = 0;
    HANDLE file = CreateFileW(
        test_path(aside(), L"names.txt"), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(ReadFile(file, text, sizeof(text) - sizeof(WCHAR), &got, NULL));
    CloseHandle(file);
    return wcsstr(text, name) != NULL;
}

/* Among what went. */
static bool is_kept(const char *text)
{
    bool kept = false;
    for (int i = 0; i < 20; i++)
    {
        WCHAR name[TEST_PATH_UNITS];
        swprintf(name, TEST_PATH_UNITS, L"%ls\\old\\%d", aside(), i);
        kept |= test_has_text(name, text);
    }
    return kept;
}

static void assert_set_aside(void)
{
    bool changed = true;
    assert_int_equal(resume(&changed), E_FAIL);
    assert_false(changed);
    assert_false(is_noted());
    assert_true(test_exists(aside()));
    assert_true(is_listed(L"\tdir\\a.txt\r\n"));
    assert_true(is_listed(L"\tnew\\e.txt\r\n"));
}

static void revert_anew(void)
{
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
    test_delete(aside());
}

/* ---- Notes ---- */

/* Somebody has taken it, or a disk has lost it: what was moved is not rubbish for that. */
static void what_went_is_kept_when_the_note_is_gone(void **state)
{
    (void)state;
    bool changed = false;
    for (int i = 0; i < 2; i++)
    {
        spoil();
        die_in_revert("revert-put", 1);
        test_delete(in_place(&fixture, REVERT_NOTE_FILE));
        if (i == 0)
            clone_revert_sweep(fixture.volume);
        else
            assert_int_equal(revert(&changed), S_OK);
        assert_true(is_kept("written"));
        assert_true(is_listed(L"\tro.txt\r\n"));
        assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
        revert_anew();
    }
}

/* ---- Ids ---- */

static void a_work_folder_with_another_id_is_set_aside(void **state)
{
    (void)state;
    spoil();
    die_in_revert("revert-put", 1);
    char *host = test_host_path(in_place(&fixture, REVERT_FOLDER));
    assert_non_null(host);
    assert_true(test_host_run((const char *const[]){"sh", "-c",
        "cp -a \"$1\" \"$1-2\" && rm -r \"$1\" && mv \"$1-2\" \"$1\"", "sh", host, NULL}));
    HeapFree(GetProcessHeap(), 0, host);
    assert_true(is_noted());
    test_write_text(in_place(&fixture, L"mine"), "mine");
    assert_set_aside();
    assert_true(is_kept("written")); /* ro.txt, which was moved away */
    assert_true(test_has_text(in_place(&fixture, L"mine"), "mine"));
    revert_anew();
}

/* The folders happen to have the ids that they had. */
static void files_with_other_ids_are_not_taken_for_what_somebody_wrote(void **state)
{
    (void)state;
    spoil();
    die_in_revert("revert-write", 1);
    told.other_ids = true;
    assert_set_aside();
    told.other_ids = false;
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    revert_anew();
}

/* ---- What was made ready ---- */

static void what_was_made_ready_and_is_gone_is_told_and_what_went_for_it_comes_back(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    die_in_revert("revert-put", 1); /* of ro.txt, which was moved away */
    assert_false(test_exists(in_place(&fixture, L"ro.txt")));
    assert_true(take_ready() > 1);
    assert_int_equal(resume(&changed), E_FAIL);
    assert_false(is_noted());
    assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "written"));
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_false(test_exists(in_place(&fixture, L"top.txt")));
    revert_anew();
}

static void what_came_before_and_was_written_since_is_not_taken_for_gone(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    die_in_revert("revert-put", 3); /* dir\a.txt, after ro.txt and top.txt */
    let_delete();
    test_write_text(in_place(&fixture, L"ro.txt"), "mine");
    assert_int_equal(resume(&changed), S_OK);
    assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "mine"));
    revert_anew();
}

/* No place is left to put it back to. */
static void what_went_is_kept_when_its_folder_is_gone_too(void **state)
{
    (void)state;
    spoil();
    die_in_revert("revert-put", 3);
    assert_false(test_exists(in_place(&fixture, L"dir\\a.txt")));
    take_ready();
    test_delete(in_place(&fixture, L"dir"));
    assert_set_aside();
    assert_true(is_kept("ALPHA, and longer"));
    revert_anew();
}

/* ---- Places ---- */

static void a_file_that_may_not_come_leaves_the_one_that_is_there(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    told.refused = L"\\dir\\a.txt";
    told.allowed = 1;
    assert_int_equal(revert(&changed), E_FAIL);
    assert_true(changed);
    assert_false(is_noted());
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "read-only"));
    assert_true(test_has_text(in_place(&fixture, L"top.txt"), "tango"));
    revert_anew();
}

/* It waits in the work folder until it may. */
static void a_file_that_can_neither_come_nor_go_back_is_kept(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    told.refused = L"\\dir\\a.txt";
    assert_int_equal(revert(&changed), E_ACCESSDENIED);
    assert_true(changed);
    assert_true(is_noted());
    told.refused = NULL;
    assert_int_equal(resume(&changed), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* A failure that may pass: the file is there meanwhile, and is still known when the revert goes
   on. */
static void a_file_that_was_put_back_is_replaced_when_the_revert_goes_on(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    fail_at("revert-put", 3, HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    assert_int_equal(revert(&changed), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_int_equal(resume(&changed), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
}

static unsigned accesses;

static HRESULT count_accesses(const char *operation, const WCHAR *path)
{
    accesses += strcmp(operation, "revert-access") == 0 && wcscmp(path, L"top.txt") == 0;
    return S_OK;
}

/* The process died between the two. */
static void a_file_that_came_without_its_rights_gets_them_when_the_revert_goes_on(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    die_in_revert("revert-access", 1);
    assert_true(test_has_text(in_place(&fixture, L"top.txt"), "tango"));
    accesses = 0;
    base_hooks.before_file_op = count_accesses;
    assert_int_equal(resume(&changed), S_OK);
    base_hooks.before_file_op = NULL;
    assert_int_equal(accesses, 1);
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* ---- What is on the disk when ---- */

static bool was_flushed(const WCHAR *folder)
{
    BY_HANDLE_FILE_INFORMATION info = {0};
    HANDLE opened = CreateFileW(folder, FILE_READ_ATTRIBUTES,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (opened != INVALID_HANDLE_VALUE)
    {
        fake_GetFileInformationByHandle(opened, &info);
        CloseHandle(opened);
    }
    uint64_t id = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
    bool found = false;
    for (size_t i = 0; i < told.flushes; i++)
        found |= id && told.flushed[i] == id;
    return found;
}

static bool flushed_before_first_step;
static bool flushed_before_first_deletion;

static HRESULT look_what_was_flushed(const char *operation, const WCHAR *path)
{
    (void)path;
    static bool begun;
    if (!begun && strcmp(operation, "revert-delete") == 0)
    {
        begun = true;
        flushed_before_first_step = was_flushed(in_place(&fixture, REVERT_FOLDER)) &&
            was_flushed(in_place(&fixture, REVERT_FOLDER L"\\new")) &&
            was_flushed(in_place(&fixture, REVERT_FOLDER L"\\old")) &&
            was_flushed(in_place(&fixture, REVERT_PARENT));
        told.flushes = 0;
    }
    if (strcmp(operation, "revert-delete-old") == 0)
    {
        base_hooks.before_file_op = NULL;
        flushed_before_first_deletion = was_flushed(fixture.place.name) &&
            was_flushed(in_place(&fixture, L"dir")) &&
            was_flushed(in_place(&fixture, REVERT_FOLDER L"\\old"));
    }
    return S_OK;
}

static void what_is_moved_is_on_the_disk_before_anything_is_deleted(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    base_hooks.before_file_op = look_what_was_flushed;
    assert_int_equal(revert(&changed), S_OK);
    assert_null(base_hooks.before_file_op);
    assert_true(flushed_before_first_step);
    assert_true(flushed_before_first_deletion);
}

/* ---- Whose a work folder is ---- */

static bool give_to(const char *user, const WCHAR *path)
{
    char *host = test_host_path(path);
    assert_non_null(host);
    bool given = test_host_run((const char *const[]){"chown", user, host, NULL});
    HeapFree(GetProcessHeap(), 0, host);
    return given;
}

static void what_somebody_else_left_is_not_swept(void **state)
{
    (void)state;
    bool changed = true;
    test_make_folder(in_place(&fixture, REVERT_FOLDER));
    test_write_text(in_place(&fixture, REVERT_FOLDER L"\\file"), "of somebody");
    if (!give_to("12345", in_place(&fixture, REVERT_FOLDER)))
        skip();
    clone_revert_sweep(fixture.volume);
    assert_true(test_has_text(in_place(&fixture, REVERT_FOLDER L"\\file"), "of somebody"));
    assert_int_equal(revert(&changed), E_ACCESSDENIED);
    assert_true(test_has_text(in_place(&fixture, REVERT_FOLDER L"\\file"), "of somebody"));
    assert_true(give_to("0", in_place(&fixture, REVERT_FOLDER)));
    clone_revert_sweep(fixture.volume);
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
}

/* ---- Locks and notes with other names ---- */

static void a_lock_with_another_name_is_not_taken(void **state)
{
    (void)state;
    struct file_lock *lock = NULL;
    assert_int_equal(revert_note_lock(fixture.volume, &lock), S_OK);
    file_lock_drop(lock, false);
    lock = NULL;
    assert_true(CreateHardLinkW(
        test_path(outside, L"lock"), in_place(&fixture, REVERT_PARENT L"\\reverting"), NULL));
    assert_int_equal(revert_note_lock(fixture.volume, &lock), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_null(lock);
    assert_true(DeleteFileW(test_path(outside, L"lock")));
    assert_int_equal(revert_note_lock(fixture.volume, &lock), S_OK);
    file_lock_drop(lock, false);
}

static void a_note_or_steps_with_another_name_are_not_gone_by(void **state)
{
    static const WCHAR *const names[] = {L"note", L"steps"};
    (void)state;
    bool changed = false;
    spoil();
    die_in_revert("revert-put", 1);
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        WCHAR path[TEST_PATH_UNITS];
        swprintf(path, TEST_PATH_UNITS, L"%ls\\%ls", in_place(&fixture, REVERT_FOLDER), names[i]);
        assert_true(CreateHardLinkW(test_path(outside, L"other"), path, NULL));
        assert_int_equal(resume(&changed), HRESULT_FROM_WIN32(ERROR_TOO_MANY_LINKS));
        assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
        assert_true(DeleteFileW(test_path(outside, L"other")));
    }
    assert_int_equal(resume(&changed), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
}

int main(void)
{
#define with_copy(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, open_and_tell_nothing, tell_nothing_and_close)
    const struct CMUnitTest tests[] = {
        with_copy(what_went_is_kept_when_the_note_is_gone),
        with_copy(a_work_folder_with_another_id_is_set_aside),
        with_copy(files_with_other_ids_are_not_taken_for_what_somebody_wrote),
        with_copy(what_was_made_ready_and_is_gone_is_told_and_what_went_for_it_comes_back),
        with_copy(what_came_before_and_was_written_since_is_not_taken_for_gone),
        with_copy(what_went_is_kept_when_its_folder_is_gone_too),
        with_copy(a_file_that_may_not_come_leaves_the_one_that_is_there),
        with_copy(a_file_that_can_neither_come_nor_go_back_is_kept),
        with_copy(a_file_that_was_put_back_is_replaced_when_the_revert_goes_on),
        with_copy(a_file_that_came_without_its_rights_gets_them_when_the_revert_goes_on),
        with_copy(what_is_moved_is_on_the_disk_before_anything_is_deleted),
        with_copy(what_somebody_else_left_is_not_swept),
        with_copy(a_lock_with_another_name_is_not_taken),
        with_copy(a_note_or_steps_with_another_name_are_not_gone_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

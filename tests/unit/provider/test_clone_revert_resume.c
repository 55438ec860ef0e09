/* SPDX-License-Identifier: MIT
 *
 * Reverts that were interrupted: what is gone on with, by what right, and that nothing that was
 * written since is lost. Follows requestor 2.6.
 */
#include "provider/clone_revert.h"
#include "provider/clone_revert_step.h"
#include "revert_fixture.h"

static void spoil(void)
{
    let_delete();
    test_delete(in_place(&fixture, L"dir\\a.txt"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    test_delete(in_place(&fixture, L"gone"));
    test_write_text(in_place(&fixture, L"gone"), "a file");
    test_delete(in_place(&fixture, L"top.txt"));
    test_make_folder(in_place(&fixture, L"new"));
    test_write_text(in_place(&fixture, L"new\\e.txt"), "echo");
    test_write_text(in_place(&fixture, L"ro.txt"), "written");
}

/* As spoil() left it. */
static void assert_untouched(void)
{
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_true(test_has_text(in_place(&fixture, L"gone"), "a file"));
    assert_false(test_exists(in_place(&fixture, L"top.txt")));
    assert_true(test_has_text(in_place(&fixture, L"new\\e.txt"), "echo"));
    assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "written"));
}

/* Fails at the first operation of this name, after others have changed something. */
static void interrupt_at(const char *operation, unsigned pass, bool force)
{
    bool changed = false;
    fail_at(operation, pass, HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    assert_int_equal(revert_by(force, &changed), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_true(changed);
    assert_true(is_noted());
}

static void resume_well(void)
{
    bool changed = false;
    assert_int_equal(resume(&changed), S_OK);
    assert_false(is_noted());
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
}

/* From whichever operation on nothing works any more. */
static void a_revert_may_end_anywhere_and_goes_on_to_what_the_copy_holds(void **state)
{
    (void)state;
    unsigned half_way = 0;
    for (unsigned pass = 1;; pass++)
    {
        bool changed = false;
        spoil();
        fail_from(pass, HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
        revert(&changed);
        base_hooks.before_file_op = NULL;
        if (!failures)
            break;
        if (!changed)
            assert_untouched();
        half_way += changed;
        if (is_noted() && changed)
            resume_well();
        else if (is_noted())
            resume(&changed);
        assert_false(is_noted());
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
    assert_true(half_way > 5);
}

/* What a person does who finds his volume half way: saves a file that the revert had still to
   change, one that it has changed, one under a name that comes, and a new one. */
static void what_was_written_since_survives_wherever_the_revert_ended(void **state)
{
    static const WCHAR *const written[] = {
        L"dir\\a.txt", L"ro.txt", L"top.txt", L"dir\\b.txt", L"dir\\mine.txt"};
    (void)state;
    unsigned half_way = 0;
    for (unsigned pass = 1;; pass++)
    {
        bool changed = false;
        spoil();
        fail_from(pass, HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
        revert(&changed);
        base_hooks.before_file_op = NULL;
        if (!failures)
            break;
        if (!changed || !is_noted())
        {
            revert_well();
            continue;
        }
        half_way++;
        if (test_exists(in_place(&fixture, L"ro.txt")))
            let_delete();
        for (size_t i = 0; i < ARRAYSIZE(written); i++)
            test_write_text(in_place(&fixture, written[i]), "mine");
        test_make_folder(in_place(&fixture, L"new"));
        test_write_text(in_place(&fixture, L"new\\mine"), "mine");
        resume_well();
        for (size_t i = 0; i < ARRAYSIZE(written); i++)
            assert_true(test_has_text(in_place(&fixture, written[i]), "mine"));
        assert_true(test_has_text(in_place(&fixture, L"new\\mine"), "mine"));
        assert_false(test_exists(in_place(&fixture, L"new\\e.txt")));
        assert_true(test_has_text(in_place(&fixture, L"gone\\c.txt"), "charlie"));
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
    assert_true(half_way > 5);
}

static LONGLONG change_time(const WCHAR *name)
{
    FILE_BASIC_INFO info;
    HANDLE file = CreateFileW(in_place(&fixture, name), FILE_READ_ATTRIBUTES,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)));
    CloseHandle(file);
    return info.ChangeTime.QuadPart;
}

/* Same size and same time: what tells is that the system moved the change time. It may also be one
   that the revert itself put back, so the revert does not count as done. */
static void a_change_that_hides_its_time_survives_too(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    interrupt_at("revert-delete", 2, true);
    assert_false(test_exists(in_place(&fixture, L"new\\e.txt"))); /* it went first */
    assert_true(test_has_text(in_place(&fixture, L"gone"), "a file"));
    FILETIME time = test_write_time(in_place(&fixture, L"gone"));
    LONGLONG before = change_time(L"gone");
    do
    {
        HANDLE file = CreateFileW(
            in_place(&fixture, L"gone"), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        DWORD done = 0;
        assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
        assert_true(WriteFile(file, "A FILE", 6, &done, NULL));
        CloseHandle(file);
        test_set_write_time(in_place(&fixture, L"gone"), time);
    } while (change_time(L"gone") == before);
    assert_int_equal(resume(&changed), E_FAIL);
    assert_true(test_has_text(in_place(&fixture, L"gone"), "A FILE"));
    assert_false(is_noted());
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void a_revert_that_changed_nothing_yet_is_over(void **state)
{
    (void)state;
    bool changed = true;
    spoil();
    assert_int_equal(begin(true), S_OK);
    assert_true(is_noted());
    assert_int_equal(resume(&changed), E_FAIL);
    assert_false(changed);
    assert_false(is_noted());
    assert_untouched();
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* The note is all that is left of a revert that is over: gone through again it does nothing. */
static void a_finished_revert_that_is_gone_on_with_changes_nothing(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    fail_at("delete", 1, HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    assert_int_equal(revert(&changed), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_true(is_noted());
    assert_int_equal(fixture_differences(&fixture), 0);
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "newer");
    test_make_folder(in_place(&fixture, L"new"));
    test_write_text(in_place(&fixture, L"new\\e.txt"), "newer");
    test_delete(in_place(&fixture, L"dir\\b.txt"));
    resume_well();
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "newer"));
    assert_true(test_has_text(in_place(&fixture, L"new\\e.txt"), "newer"));
    assert_false(test_exists(in_place(&fixture, L"dir\\b.txt")));
}

/* Changes a byte, or changes it back. False past the end. */
static bool flip_byte(const WCHAR *path, LONG at)
{
    DWORD done = 0;
    BYTE byte = 0;
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    SetFilePointer(file, at, NULL, FILE_BEGIN);
    assert_true(ReadFile(file, &byte, 1, &done, NULL));
    bool is_there = done == 1;
    byte ^= 0x5A;
    SetFilePointer(file, at, NULL, FILE_BEGIN);
    if (is_there)
        assert_true(WriteFile(file, &byte, 1, &done, NULL));
    CloseHandle(file);
    return is_there;
}

/* Wherever a byte is another, the steps are set aside with all that was moved; brought back as they
   were they are followed. */
static void steps_that_are_damaged_are_not_followed(void **state)
{
    (void)state;
    bool changed = false;
    WCHAR steps[TEST_PATH_UNITS];
    swprintf(steps, TEST_PATH_UNITS, L"%ls\\steps", in_place(&fixture, REVERT_FOLDER));
    spoil();
    interrupt_at("revert-put", 1, true);
    WCHAR aside[TEST_PATH_UNITS];
    WCHAR folder[TEST_PATH_UNITS];
    wcscpy(folder, in_place(&fixture, REVERT_FOLDER));
    swprintf(aside, TEST_PATH_UNITS, L"%ls-damaged-1", folder);
    for (LONG at = 0; flip_byte(steps, at); at += 7)
    {
        changed = true;
        assert_int_equal(resume(&changed), E_FAIL);
        assert_false(changed);
        assert_false(is_noted());
        assert_false(test_exists(folder));
        assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
        assert_true(MoveFileW(aside, folder));
        flip_byte(steps, at);
    }
    assert_true(is_noted());
    resume_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static HANDLE hold_open(const WCHAR *name)
{
    HANDLE file = CreateFileW(in_place(&fixture, name), GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    return file;
}

static void a_revert_goes_on_by_force_only_if_it_was_begun_so(void **state)
{
    (void)state;
    for (int force = 0; force < 2; force++)
    {
        bool changed = false;
        spoil();
        interrupt_at("revert-delete", 2, force != 0);
        const WCHAR *left = test_exists(in_place(&fixture, L"gone")) &&
                test_has_text(in_place(&fixture, L"gone"), "a file")
            ? L"gone"
            : L"new\\e.txt";
        HANDLE file = hold_open(left);
        assert_int_equal(resume(&changed), force ? S_OK : VSS_E_VOLUME_IN_USE);
        assert_true(is_noted() == !force);
        CloseHandle(file);
        if (!force)
            resume_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
}

static void no_copy_is_made_of_a_volume_that_is_half_way(void **state)
{
    (void)state;
    struct snapshot_set *set = snapshot_set_addref(fixture.set);
    struct snapshot *snapshot = fixture.snapshot;
    spoil();
    interrupt_at("revert-put", 1, true);
    assert_int_equal(fixture_prepare(&fixture), VSS_E_PROVIDER_VETO);
    fixture_abort(&fixture);
    resume_well();
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture.provider->ops->commit(fixture.work), S_OK);
    struct revert_note note;
    assert_int_equal(revert_note_write(fixture.volume, &fixture.snapshot_id), S_OK);
    assert_int_equal(revert_note_read(fixture.volume, &note), S_OK);
    assert_true(note.noted);
    assert_memory_equal(&note.snapshot_id, &fixture.snapshot_id, sizeof(GUID));
    assert_int_equal(fixture.provider->ops->post_commit(fixture.work, 1), VSS_E_PROVIDER_VETO);
    assert_int_equal(revert_note_remove(fixture.volume), S_OK);
    fixture_abort(&fixture);
    snapshot_set_release(fixture.set);
    fixture.set = set;
    fixture.snapshot = snapshot;
}

static void what_a_revert_left_goes_with_a_copy(void **state)
{
    (void)state;
    WCHAR left[TEST_PATH_UNITS];
    swprintf(left, TEST_PATH_UNITS, L"%ls\\old", in_place(&fixture, REVERT_FOLDER));
    test_make_folder(in_place(&fixture, REVERT_FOLDER));
    test_make_folder(left);
    test_write_text(test_path(left, L"7"), "what went");
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
    /* And the file that was locked meanwhile, in its two folders. */
    assert_true(test_exists(in_place(&fixture, REVERT_PARENT L"\\reverting")));
    assert_int_equal(count_in_stores(&fixture), 2);
    fixture.snapshot = NULL;
}

static HRESULT lock_during_sweep;

static HRESULT lock_at_look(const char *operation, const WCHAR *path)
{
    struct file_lock *lock = NULL;
    (void)path;
    if (strcmp(operation, "open") != 0)
        return S_OK;
    base_hooks.before_file_op = NULL;
    lock_during_sweep = revert_note_lock(fixture.volume, &lock);
    file_lock_drop(lock, false);
    return S_OK;
}

static void no_revert_begins_while_leftovers_are_deleted(void **state)
{
    (void)state;
    struct file_lock *lock = NULL;
    test_make_folder(in_place(&fixture, REVERT_FOLDER));
    lock_during_sweep = S_OK;
    base_hooks.before_file_op = lock_at_look;
    clone_revert_sweep(fixture.volume);
    assert_null(base_hooks.before_file_op);
    assert_int_equal(lock_during_sweep, VSS_E_REVERT_IN_PROGRESS);
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
    test_make_folder(in_place(&fixture, REVERT_FOLDER));
    assert_int_equal(revert_note_lock(fixture.volume, &lock), S_OK);
    clone_revert_sweep(fixture.volume);
    assert_true(test_exists(in_place(&fixture, REVERT_FOLDER)));
    file_lock_drop(lock, false);
    clone_revert_sweep(fixture.volume);
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
}

/* Somebody takes what was made ready. */
static HRESULT take_new_files(const char *operation, const WCHAR *path)
{
    WCHAR name[TEST_PATH_UNITS];
    (void)path;
    if (strcmp(operation, "revert-write") != 0)
        return S_OK;
    base_hooks.before_file_op = NULL;
    for (int i = 0; i < 20; i++)
    {
        swprintf(name, TEST_PATH_UNITS, L"%ls\\new\\%d", in_place(&fixture, REVERT_FOLDER), i);
        if (test_exists(name))
        {
            test_set_attributes(name, FILE_ATTRIBUTE_NORMAL);
            assert_true(DeleteFileW(name));
        }
    }
    return S_OK;
}

static void a_file_that_was_made_ready_and_is_gone_is_not_taken_for_done(void **state)
{
    (void)state;
    bool changed = false;
    spoil();
    base_hooks.before_file_op = take_new_files;
    assert_int_equal(revert(&changed), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_null(base_hooks.before_file_op);
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_true(changed);
    assert_true(is_noted());
    assert_int_equal(resume(&changed), E_FAIL);
    assert_false(is_noted());
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "written"));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* ---- Notes and locks ---- */

static void a_volume_is_taken_once_by_whomever(void **state)
{
    (void)state;
    struct file_lock *lock = NULL;
    struct file_lock *second = NULL;
    struct revert_note note = {0};
    assert_int_equal(revert_note_lock(fixture.volume, &lock), S_OK);
    assert_int_equal(revert_note_lock(fixture.volume, &second), VSS_E_REVERT_IN_PROGRESS);
    assert_null(second);
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_true(note.running);
    assert_false(note.noted);
    file_lock_drop(lock, false);
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_false(note.running);
    assert_int_equal(revert_note_lock(fixture.volume, &lock), S_OK);
    file_lock_drop(lock, false);
}

static void a_volume_without_a_copy_on_it_is_not_taken(void **state)
{
    (void)state;
    struct file_lock *lock = NULL;
    struct revert_note note = {.noted = true};
    assert_int_equal(fixture_delete(&fixture), S_OK);
    fixture.snapshot = NULL;
    assert_int_equal(revert_note_lock(fixture.volume, &lock), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_false(note.noted);
    assert_false(test_exists(in_place(&fixture, L"System Volume Information")));
}

/* Also where one was set aside before; if it can't be, it stays noted. */
static void a_note_that_is_damaged_is_set_aside(void **state)
{
    (void)state;
    bool changed = true;
    WCHAR aside[TEST_PATH_UNITS];
    swprintf(aside, TEST_PATH_UNITS, L"%ls-damaged-1", in_place(&fixture, REVERT_FOLDER));
    test_make_folder(aside);
    spoil();
    interrupt_at("revert-put", 1, true);
    test_write_text(in_place(&fixture, REVERT_NOTE_FILE), "rubbish");
    fail_at("rename", 2, E_ACCESSDENIED); /* the list of names comes first */
    assert_int_equal(resume(&changed), E_ACCESSDENIED);
    base_hooks.before_file_op = NULL;
    assert_true(changed);
    assert_true(is_noted());
    assert_int_equal(resume(&changed), E_FAIL);
    assert_false(changed);
    assert_false(is_noted());
    assert_false(test_exists(test_path(aside, L"note")));
    wcscpy(wcsrchr(aside, L'1'), L"2");
    assert_true(test_has_text(test_path(aside, L"note"), "rubbish"));
    assert_true(test_exists(test_path(aside, L"steps")));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
    test_delete(aside);
    wcscpy(wcsrchr(aside, L'2'), L"1");
    test_delete(aside);
}

/* False where tests may not. */
static bool give_to(const char *user, const WCHAR *path)
{
    char *host = test_host_path(path);
    assert_non_null(host);
    bool given = test_host_run((const char *const[]){"chown", user, host, NULL});
    HeapFree(GetProcessHeap(), 0, host);
    return given;
}

/* Whoever may read it, an administrator too. */
static void what_somebody_else_wrote_is_not_gone_by(void **state)
{
    static const WCHAR *const names[] = {
        REVERT_FOLDER, REVERT_FOLDER L"\\note", REVERT_FOLDER L"\\steps"};
    (void)state;
    spoil();
    interrupt_at("revert-put", 1, true);
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        bool changed = false;
        struct revert_note note = {0};
        if (!give_to("12345", in_place(&fixture, names[i])))
            break;
        if (i < 2)
            assert_int_equal(revert_note_find(fixture.volume, &note), E_ACCESSDENIED);
        if (i != 1)
            assert_int_equal(resume(&changed), E_ACCESSDENIED);
        assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
        assert_true(give_to("0", in_place(&fixture, names[i])));
    }
    resume_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void a_lock_or_note_behind_a_link_is_none(void **state)
{
    (void)state;
    struct file_lock *lock = NULL;
    struct revert_note note = {.noted = true};
    const WCHAR *own = L"System Volume Information\\Thawline";
    assert_int_equal(begin(true), S_OK);
    WCHAR moved[TEST_PATH_UNITS];
    swprintf(moved, TEST_PATH_UNITS, L"%ls\\moved", outside);
    assert_true(MoveFileW(in_place(&fixture, own), moved));
    assert_true(test_host_link(moved, in_place(&fixture, own)));
    assert_int_equal(revert_note_lock(fixture.volume, &lock), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_null(lock);
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_false(note.noted);
    char *host = test_host_path(in_place(&fixture, L"System Volume Information"));
    char link[3 * TEST_PATH_UNITS];
    snprintf(link, sizeof(link), "%s/Thawline", host);
    HeapFree(GetProcessHeap(), 0, host);
    assert_true(test_host_run((const char *const[]){"rm", link, NULL}));
    assert_true(MoveFileW(moved, in_place(&fixture, own)));
    assert_true(is_noted());
    assert_int_equal(revert_note_remove(fixture.volume), S_OK);
}

static void steps_lead_nowhere_but_below_the_root(void **state)
{
    static const struct
    {
        const WCHAR *path;
        HRESULT loaded;
    } rows[] = {
        {L"a", S_OK},
        {L"dir\\a.txt", S_OK},
        {L"", HRESULT_FROM_WIN32(ERROR_INVALID_DATA)},
        {L"\\a", HRESULT_FROM_WIN32(ERROR_INVALID_DATA)},
        {L"a\\", HRESULT_FROM_WIN32(ERROR_INVALID_DATA)},
        {L"..\\a", HRESULT_FROM_WIN32(ERROR_INVALID_DATA)},
        {L"a\\.\\b", HRESULT_FROM_WIN32(ERROR_INVALID_DATA)},
        {L"a/../../b", HRESULT_FROM_WIN32(ERROR_INVALID_DATA)},
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct clone_revert_steps steps = {0};
        struct clone_revert_steps loaded = {0};
        assert_non_null(clone_revert_steps_add(&steps, CLONE_REVERT_MOVE_AWAY, rows[i].path, NULL));
        assert_int_equal(clone_revert_steps_save(&steps, test_path(outside, L"steps")), S_OK);
        assert_int_equal(
            clone_revert_steps_load(test_path(outside, L"steps"), &loaded), rows[i].loaded);
        clone_revert_steps_free(&loaded);
        clone_revert_steps_free(&steps);
    }
}

/* Not even a lock file is made there. */
static void a_volume_that_never_is_reverted_is_not_taken(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++)
    {
        struct file_lock *lock = NULL;
        fixture.volume->read_only = kind == 0;
        fixture.volume->host_root = kind == 1;
        fail_at("lock", 1, E_ACCESSDENIED);
        assert_int_equal(revert_note_lock(fixture.volume, &lock), VSS_E_VOLUME_NOT_SUPPORTED);
        assert_null(lock);
        assert_int_equal(failures, 0);
    }
    base_hooks.before_file_op = NULL;
    fixture.volume->read_only = false;
    fixture.volume->host_root = false;
}

static void a_note_that_cannot_be_read_is_not_taken_for_none(void **state)
{
    (void)state;
    struct revert_note note = {0};
    WCHAR path[TEST_PATH_UNITS];
    swprintf(path, TEST_PATH_UNITS, L"%ls\\note", in_place(&fixture, REVERT_FOLDER));
    test_make_folder(in_place(&fixture, REVERT_FOLDER));
    test_write_text(path, "rubbish");
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_true(note.noted && note.damaged);
    test_write_text(path,
        "longer than the text of a GUID is in UTF-16: thirty-eight units, of two bytes "
        "each, seventy-six");
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_true(note.noted && note.damaged);
    test_delete(path);
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_false(note.noted);
    assert_int_equal(begin(true), S_OK);
    fail_at("read", 1, E_ACCESSDENIED);
    assert_int_equal(revert_note_find(fixture.volume, &note), E_ACCESSDENIED);
    base_hooks.before_file_op = NULL;
    assert_true(is_noted());
    assert_int_equal(revert_note_remove(fixture.volume), S_OK);
}

int main(void)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, open_with_copy, close_fixture)
    const struct CMUnitTest tests[] = {
        with_copy(a_revert_may_end_anywhere_and_goes_on_to_what_the_copy_holds),
        with_copy(what_was_written_since_survives_wherever_the_revert_ended),
        with_copy(a_change_that_hides_its_time_survives_too),
        with_copy(a_revert_that_changed_nothing_yet_is_over),
        with_copy(a_finished_revert_that_is_gone_on_with_changes_nothing),
        with_copy(steps_that_are_damaged_are_not_followed),
        with_copy(a_revert_goes_on_by_force_only_if_it_was_begun_so),
        with_copy(no_copy_is_made_of_a_volume_that_is_half_way),
        with_copy(what_a_revert_left_goes_with_a_copy),
        with_copy(no_revert_begins_while_leftovers_are_deleted),
        with_copy(a_file_that_was_made_ready_and_is_gone_is_not_taken_for_done),
        with_copy(a_volume_is_taken_once_by_whomever),
        with_copy(a_volume_without_a_copy_on_it_is_not_taken),
        with_copy(a_note_that_is_damaged_is_set_aside),
        with_copy(what_somebody_else_wrote_is_not_gone_by),
        with_copy(a_lock_or_note_behind_a_link_is_none),
        with_copy(steps_lead_nowhere_but_below_the_root),
        with_copy(a_volume_that_never_is_reverted_is_not_taken),
        with_copy(a_note_that_cannot_be_read_is_not_taken_for_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

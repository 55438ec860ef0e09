/* SPDX-License-Identifier: MIT
 *
 * The clone provider when things go wrong: no room, a cancel, files that can't be read, every file
 * operation and every allocation failing in turn. Whatever happens, abort leaves nothing.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "support/fail_alloc.h"

static struct clone_fixture fixture;

static void fill_place(void)
{
    test_make_folder(in_place(&fixture, L"dir"));
    test_make_folder(in_place(&fixture, L"gone"));
    test_make_folder(in_place(&fixture, L"moved"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "bravo");
    test_write_text(in_place(&fixture, L"dir\\log"), "to be excluded");
    test_write_text(in_place(&fixture, L"gone\\c.txt"), "charlie");
    test_write_text(in_place(&fixture, L"moved\\d.txt"), "delta");
}

/* One of each kind of change. */
static void change_place(void)
{
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA");
    test_delete(in_place(&fixture, L"gone"));
    assert_true(MoveFileW(in_place(&fixture, L"moved"), in_place(&fixture, L"else")));
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), in_place(&fixture, L"dir\\z.txt")));
    test_make_folder(in_place(&fixture, L"new"));
    test_write_text(in_place(&fixture, L"new\\e.txt"), "echo");
}

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    fill_place();
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* ---- faults by operation ---- */

static const char *failing_operation; /* NULL: any */
static const WCHAR *failing_name;     /* what the path must end with; NULL: any */
static HRESULT failing_with;
static unsigned passes_left; /* until it fails */
static unsigned failures;

static HRESULT fail_operation(const char *operation, const WCHAR *path)
{
    if (failing_operation && strcmp(operation, failing_operation) != 0)
        return S_OK;
    size_t length = wcslen(path);
    size_t wanted = failing_name ? wcslen(failing_name) : 0;
    if (length < wanted || (wanted && wcscmp(path + length - wanted, failing_name) != 0))
        return S_OK;
    if (passes_left && --passes_left)
        return S_OK;
    failures++;
    return failing_with;
}

static void fail_at(const char *operation, const WCHAR *name, HRESULT hr)
{
    failing_operation = operation;
    failing_name = name;
    failing_with = hr;
    passes_left = 0;
    failures = 0;
    base_hooks.before_file_op = fail_operation;
}

static void too_little_room_fails_before_anything_is_copied(void **state)
{
    (void)state;
    fail_at("free-space", NULL, VSS_E_INSUFFICIENT_STORAGE);
    assert_int_equal(fixture_prepare(&fixture), VSS_E_INSUFFICIENT_STORAGE);
    /* the folders of the store itself */
    assert_int_equal(count_in_stores(&fixture), 2);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
}

static void a_disk_that_fills_up_is_insufficient_storage(void **state)
{
    (void)state;
    fail_at("copy-write", L"b.txt", HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    assert_int_equal(fixture_prepare(&fixture), VSS_E_INSUFFICIENT_STORAGE);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
}

static void an_unnamed_file_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    fail_at("copy-open", L"b.txt", HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
    fixture_make(&fixture);
    assert_false(test_exists(in_copy(&fixture, L"dir\\b.txt")));
    assert_non_null(wcsstr(fixture.snapshot->consistency, L"1 file or folder could not be read"));
}

static void a_file_that_becomes_unreadable_leaves_no_old_content(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "BRAVO");
    fail_at("copy-read", L"b.txt", HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION));
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_false(test_exists(in_copy(&fixture, L"dir\\b.txt")));
    assert_non_null(wcsstr(fixture.snapshot->consistency, L"1 file or folder could not be read"));
}

static void a_named_file_that_cannot_be_read_vetoes_the_commit(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.named_files, L"dir", L"b.*", false);
    fail_at("copy-open", L"b.txt", HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
    /* its writer may still let go of it in Freeze */
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture_commit(&fixture), VSS_E_PROVIDER_VETO);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
}

static void a_named_file_that_is_free_in_the_freeze_is_copied(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.named_files, L"dir", L"b.*", false);
    HANDLE file = CreateFileW(in_place(&fixture, L"dir\\b.txt"), GENERIC_READ | GENERIC_WRITE, 0,
        NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    CloseHandle(file);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void a_folder_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    fail_at("scan-folder", L"gone", E_ACCESSDENIED);
    fixture_make(&fixture);
    assert_non_null(wcsstr(fixture.snapshot->consistency, L"1 file or folder could not be read"));
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "alpha"));
}

static void a_folder_that_becomes_unreadable_keeps_its_copy(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    fail_at("scan-folder", L"gone", E_ACCESSDENIED);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"gone\\c.txt"), "charlie"));
}

static void a_volume_whose_root_cannot_be_read_fails(void **state)
{
    (void)state;
    failing_with = E_ACCESSDENIED;
    fail_at("scan-folder", NULL, E_ACCESSDENIED);
    assert_int_equal(fixture_prepare(&fixture), E_ACCESSDENIED);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
}

/* ---- cancelling ---- */

static HRESULT cancel_at(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, failing_operation) == 0)
        SetEvent(fixture.briefing.cancelled);
    return S_OK;
}

static void cancel_in(const char *operation, bool inside_freeze)
{
    fixture.briefing.cancelled = CreateEventW(NULL, TRUE, FALSE, NULL);
    assert_non_null(fixture.briefing.cancelled);
    failing_operation = operation;
    if (inside_freeze)
    {
        assert_int_equal(fixture_prepare(&fixture), S_OK);
        change_place();
        base_hooks.before_file_op = cancel_at;
        assert_int_equal(fixture_commit(&fixture), VSS_S_ASYNC_CANCELLED);
    }
    else
    {
        base_hooks.before_file_op = cancel_at;
        assert_int_equal(fixture_prepare(&fixture), VSS_S_ASYNC_CANCELLED);
    }
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
    CloseHandle(fixture.briefing.cancelled);
}

static void cancelling_the_scan_leaves_nothing(void **state)
{
    (void)state;
    cancel_in("scan-folder", false);
}

static void cancelling_between_open_and_read_leaves_nothing(void **state)
{
    (void)state;
    cancel_in("copy-create", false);
}

static void cancelling_inside_the_freeze_leaves_nothing(void **state)
{
    (void)state;
    cancel_in("copy-write", true);
}

static unsigned progress_calls;
static uint64_t progress_done;
static uint64_t progress_total;

static void note_progress(void *context, uint64_t done, uint64_t total)
{
    assert_ptr_equal(context, &fixture);
    assert_true(done >= progress_done && done <= total);
    progress_calls++;
    progress_done = done;
    progress_total = total;
}

static void progress_ends_at_the_total(void **state)
{
    (void)state;
    progress_calls = 0;
    progress_done = 0;
    fixture.briefing.progress = note_progress;
    fixture.briefing.progress_context = &fixture;
    fixture_make(&fixture);
    assert_true(progress_calls >= 5);
    assert_int_equal(progress_total,
        strlen("alpha") + strlen("bravo") + strlen("to be excluded") + strlen("charlie") +
            strlen("delta"));
    assert_int_equal(progress_done, progress_total);
}

/* ---- everything in turn ---- */

/* From the beginning to the end, or to the first failure; then nothing is left, or a whole copy. */
static HRESULT make_and_remove(void)
{
    HRESULT hr = fixture_prepare(&fixture);
    if (hr == S_OK)
    {
        change_place();
        hr = fixture_commit(&fixture);
    }
    if (hr == S_OK)
        hr = fixture_finish(&fixture);
    base_hooks.before_file_op = NULL;
    base_hooks.allow_alloc = NULL;
    if (hr == S_OK)
    {
        assert_int_equal(fixture_delete(&fixture), S_OK);
    }
    else if (fixture.work)
    {
        fixture_abort(&fixture);
    }
    assert_int_equal(count_in_stores(&fixture), 0);
    return hr;
}

static void renew_place(void)
{
    test_volume_remove(&fixture.place);
    test_volume_make(&fixture.place);
    volume_free(fixture.volume);
    fixture.volume = NULL;
    assert_int_equal(volume_open(fixture.place.name, &fixture.volume), S_OK);
    fill_place();
}

static void every_file_operation_that_fails_leaves_nothing(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"dir", L"log", false);
    unsigned failed = 0;
    for (unsigned which = 1;; which++)
    {
        fail_at(NULL, NULL, HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
        passes_left = which;
        /* a reader's failure is told, a writer's fails the copy: both are fine, rubbish is not */
        failed += make_and_remove() != S_OK;
        if (!failures)
            break;
        renew_place();
    }
    assert_true(failed > 10);
}

static void every_allocation_that_fails_leaves_nothing(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.named_files, L"", L"*.txt", true);
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"dir", L"log", false);
    HRESULT hr;
    bool hit;
    size_t which = 1;
    do
    {
        assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
        fail_alloc(which);
        hr = make_and_remove();
        hit = fail_alloc_hit;
        fail_alloc_hit = false;
        assert_true(hr == S_OK || hr == E_OUTOFMEMORY);
        renew_place();
        /* Each one of the first hundreds, then ever fewer: the work on files repeats itself. */
        which += 1 + which / 100;
    } while (hit);
    assert_int_equal(hr, S_OK);
}

#define clone_test(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        clone_test(too_little_room_fails_before_anything_is_copied),
        clone_test(a_disk_that_fills_up_is_insufficient_storage),
        clone_test(an_unnamed_file_that_cannot_be_read_is_told),
        clone_test(a_file_that_becomes_unreadable_leaves_no_old_content),
        clone_test(a_named_file_that_cannot_be_read_vetoes_the_commit),
        clone_test(a_named_file_that_is_free_in_the_freeze_is_copied),
        clone_test(a_folder_that_cannot_be_read_is_told),
        clone_test(a_folder_that_becomes_unreadable_keeps_its_copy),
        clone_test(a_volume_whose_root_cannot_be_read_fails),
        clone_test(cancelling_the_scan_leaves_nothing),
        clone_test(cancelling_between_open_and_read_leaves_nothing),
        clone_test(cancelling_inside_the_freeze_leaves_nothing),
        clone_test(progress_ends_at_the_total),
        clone_test(every_file_operation_that_fails_leaves_nothing),
        clone_test(every_allocation_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

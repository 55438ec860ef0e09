/* SPDX-License-Identifier: MIT
 *
 * A volume, a copy of it, and reverts by the clone provider's operations.
 */
#ifndef THAWLINE_TESTS_REVERT_FIXTURE_H
#define THAWLINE_TESTS_REVERT_FIXTURE_H

#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "provider/revert_note.h"

static struct clone_fixture fixture;
static WCHAR outside[TEST_PATH_UNITS];

static inline void fill_place(void)
{
    test_make_folder(in_place(&fixture, L"dir"));
    test_make_folder(in_place(&fixture, L"gone"));
    test_make_folder(in_place(&fixture, L"empty"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "bravo");
    test_write_text(in_place(&fixture, L"gone\\c.txt"), "charlie");
    test_write_text(in_place(&fixture, L"ro.txt"), "read-only");
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_READONLY);
    test_write_text(in_place(&fixture, L"top.txt"), "tango");
}

/* One of each kind of change, both collisions of kinds among them. */
static inline void change_place(void)
{
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    test_delete(in_place(&fixture, L"gone"));
    test_write_text(in_place(&fixture, L"gone"), "a file where a folder was");
    test_delete(in_place(&fixture, L"top.txt"));
    test_make_folder(in_place(&fixture, L"top.txt"));
    test_write_text(in_place(&fixture, L"top.txt\\x"), "a folder where a file was");
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), in_place(&fixture, L"dir\\z.txt")));
    test_make_folder(in_place(&fixture, L"new"));
    test_make_folder(in_place(&fixture, L"new\\inner"));
    test_write_text(in_place(&fixture, L"new\\inner\\e.txt"), "echo");
    test_set_attributes(in_place(&fixture, L"new\\inner\\e.txt"), FILE_ATTRIBUTE_READONLY);
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_NORMAL);
    test_write_text(in_place(&fixture, L"ro.txt"), "written");
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_READONLY);
    test_delete(in_place(&fixture, L"empty"));
}

static inline void let_delete(void)
{
    /* test_delete leaves read-only files where they are. */
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_NORMAL);
}

static inline int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    fill_place();
    swprintf(outside, TEST_PATH_UNITS, L"%ls-outside", fixture.place.backing);
    test_make_folder(outside);
    test_write_text(test_path(outside, L"file"), "outside");
    return 0;
}

static inline int open_with_copy(void **state)
{
    open_fixture(state);
    fixture_make(&fixture);
    return 0;
}

static inline int close_fixture(void **state)
{
    (void)state;
    memset(&base_hooks, 0, sizeof(base_hooks));
    if (fixture.work)
        fixture_abort(&fixture);
    else if (fixture.snapshot)
        fixture_delete(&fixture);
    if (test_exists(in_place(&fixture, L"ro.txt")))
        let_delete();
    test_delete(outside);
    fixture_close(&fixture);
    return 0;
}

/* Accepted: noted, and nothing changed. */
static inline HRESULT begin(bool force)
{
    return fixture.provider->ops->begin_revert(
        fixture.provider, fixture.snapshot, fixture.volume, force);
}

static inline HRESULT revert_by(bool force, bool *changed)
{
    *changed = false;
    HRESULT hr = begin(force);
    return FAILED(hr) ? hr
                      : fixture.provider->ops->revert(
                            fixture.provider, fixture.snapshot, fixture.volume, force, changed);
}

static inline HRESULT revert(bool *changed)
{
    return revert_by(true, changed);
}

static inline HRESULT resume(bool *changed)
{
    return fixture.provider->ops->resume_revert(fixture.provider, fixture.volume, changed);
}

static inline bool is_noted(void)
{
    struct revert_note note = {0};
    assert_int_equal(revert_note_find(fixture.volume, &note), S_OK);
    assert_false(note.running);
    return note.noted;
}

static inline void revert_well(void)
{
    bool changed = false;
    assert_int_equal(revert_by(false, &changed), S_OK);
    assert_false(is_noted());
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
}

/* Before anything was changed, and over. */
static inline void refused(HRESULT expected)
{
    bool changed = true;
    assert_int_equal(revert(&changed), expected);
    assert_false(changed);
    assert_false(is_noted());
}

/* ---- failures by operation ---- */

static const char *failing_operation; /* NULL: any */
static HRESULT failing_with;
static unsigned passes_left;
static unsigned failures;

static inline HRESULT fail_operation(const char *operation, const WCHAR *path)
{
    (void)path;
    if (failing_operation && strcmp(operation, failing_operation) != 0)
        return S_OK;
    if (passes_left && --passes_left)
        return S_OK;
    if (passes_left == 0 && failures)
        return S_OK;
    failures++;
    return failing_with;
}

static inline void fail_at(const char *operation, unsigned pass, HRESULT hr)
{
    failing_operation = operation;
    failing_with = hr;
    passes_left = pass;
    failures = 0;
    base_hooks.before_file_op = fail_operation;
}

/* As a process that dies: from the pass on nothing is done any more. */
static inline HRESULT fail_from_operation(const char *operation, const WCHAR *path)
{
    (void)operation;
    (void)path;
    if (passes_left > 1)
    {
        passes_left--;
        return S_OK;
    }
    failures++;
    return failing_with;
}

static inline void fail_from(unsigned pass, HRESULT hr)
{
    failing_with = hr;
    passes_left = pass;
    failures = 0;
    base_hooks.before_file_op = fail_from_operation;
}

#endif

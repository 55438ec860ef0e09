/* SPDX-License-Identifier: MIT
 *
 * os/file: the lock that shows that its owner lives, across processes.
 */
#include "unit/os/child.h"

#include "base/hooks.h"
#include "base/mem.h"
#include "os/file.h"

static WCHAR path[MAX_PATH];

static int name_file(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, path));
    assert_true(DeleteFileW(path));
    return 0;
}

/* Child: holds the lock until it is killed, or takes it and ends. */
static int hold(const WCHAR *file)
{
    struct file_lock *lock = NULL;
    if (file_lock_take(file, &lock) != S_OK)
    {
        child_say("refused");
        return 1;
    }
    child_say("taken");
    Sleep(INFINITE);
    return 0;
}

static int try(const WCHAR *file)
{
    struct file_lock *lock = NULL;
    HRESULT hr = file_lock_take(file, &lock);
    child_say(hr == S_OK ? "taken" : hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION) ? "held" : "?");
    file_lock_drop(lock, false);
    return 0;
}

static void assert_child_finds(const char *expected)
{
    char output[64];
    struct child child = child_start(NULL, "try", path);
    assert_int_equal(child_finish(&child, output, sizeof(output)), 0);
    assert_true(strncmp(output, expected, strlen(expected)) == 0);
}

static void lock_held_by_another_process_is_refused_until_it_is_killed(void **state)
{
    struct file_lock *lock = NULL;
    char line[64];
    (void)state;
    struct child child = child_start(NULL, "hold", path);
    child_read_line(&child, line, sizeof(line));
    assert_string_equal(line, "taken");
    assert_int_equal(file_lock_take(path, &lock), HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION));
    assert_null(lock);
    TerminateProcess(child.process, 9);
    assert_int_equal(child_finish(&child, line, sizeof(line)), 9);
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    file_lock_drop(lock, true);
}

static void whether_a_lock_is_held_is_told_without_taking_it(void **state)
{
    struct file_lock *lock = NULL;
    char line[64];
    bool held = true;
    (void)state;
    assert_int_equal(file_lock_is_held(path, &held), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_int_equal(GetFileAttributesW(path), INVALID_FILE_ATTRIBUTES);
    struct child child = child_start(NULL, "hold", path);
    child_read_line(&child, line, sizeof(line));
    assert_string_equal(line, "taken");
    held = false;
    assert_int_equal(file_lock_is_held(path, &held), S_OK);
    assert_true(held);
    TerminateProcess(child.process, 9);
    assert_int_equal(child_finish(&child, line, sizeof(line)), 9);
    assert_int_equal(file_lock_is_held(path, &held), S_OK);
    assert_false(held);
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    assert_int_equal(file_lock_is_held(path, &held), S_OK);
    assert_true(held);
    file_lock_drop(lock, true);
}

static void lock_held_here_is_refused_to_another_process_until_dropped(void **state)
{
    struct file_lock *lock = NULL;
    (void)state;
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    assert_child_finds("held");
    file_lock_drop(lock, false);
    assert_child_finds("taken");
    assert_true(DeleteFileW(path));
}

static void second_lock_in_one_process_is_refused(void **state)
{
    struct file_lock *first = NULL;
    struct file_lock *second = NULL;
    (void)state;
    assert_int_equal(file_lock_take(path, &first), S_OK);
    assert_int_equal(file_lock_take(path, &second), HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION));
    assert_null(second);
    file_lock_drop(first, true);
    file_lock_drop(NULL, true);
}

static void dropping_with_deletion_removes_the_file(void **state)
{
    struct file_lock *lock = NULL;
    (void)state;
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    file_lock_drop(lock, true);
    assert_int_equal(GetFileAttributesW(path), INVALID_FILE_ATTRIBUTES);
}

static void content_of_a_locked_file_can_be_read(void **state)
{
    struct file_lock *lock = NULL;
    void *bytes = NULL;
    size_t size = 0;
    (void)state;
    assert_int_equal(file_write_atomic(path, "owner", 5), S_OK);
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    assert_int_equal(file_read_all(path, 10, &bytes, &size), S_OK);
    assert_int_equal(size, 5);
    mem_free(bytes);
    file_lock_drop(lock, true);
}

static void a_file_with_two_names_is_not_locked(void **state)
{
    struct file_lock *lock = NULL;
    WCHAR other[MAX_PATH];
    (void)state;
    assert_int_equal(file_write_atomic(path, "owner", 5), S_OK);
    swprintf(other, MAX_PATH, L"%ls-2", path);
    assert_true(CreateHardLinkW(other, path, NULL));
    assert_int_equal(file_lock_take(path, &lock), HRESULT_FROM_WIN32(ERROR_TOO_MANY_LINKS));
    assert_null(lock);
    assert_true(DeleteFileW(other));
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    file_lock_drop(lock, true);
}

static void what_is_written_to_a_lock_takes_the_place_of_what_was_there(void **state)
{
    struct file_lock *lock = NULL;
    void *bytes = NULL;
    size_t size = 0;
    (void)state;
    assert_int_equal(file_write_atomic(path, "a former owner", 14), S_OK);
    assert_int_equal(file_lock_take(path, &lock), S_OK);
    assert_int_equal(file_lock_write(lock, "mine", 4), S_OK);
    assert_int_equal(file_read_all(path, 20, &bytes, &size), S_OK);
    assert_int_equal(size, 4);
    assert_memory_equal(bytes, "mine", 4);
    mem_free(bytes);
    file_lock_drop(lock, true);
}

static void lock_in_a_missing_folder_fails(void **state)
{
    struct file_lock *lock = NULL;
    (void)state;
    WCHAR *below = file_join(path, L"lock");
    assert_int_equal(file_lock_take(below, &lock), HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    assert_null(lock);
    mem_free(below);
}

static HRESULT refuse(const char *operation, const WCHAR *file)
{
    (void)file;
    return strcmp(operation, "lock") == 0 ? E_ACCESSDENIED : S_OK;
}

static void injected_failure_takes_no_lock(void **state)
{
    struct file_lock *lock = NULL;
    (void)state;
    base_hooks.before_file_op = refuse;
    HRESULT hr = file_lock_take(path, &lock);
    base_hooks.before_file_op = NULL;
    assert_int_equal(hr, E_ACCESSDENIED);
    assert_null(lock);
    assert_int_equal(GetFileAttributesW(path), INVALID_FILE_ATTRIBUTES);
}

int wmain(int argc, WCHAR **argv);

int wmain(int argc, WCHAR **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            lock_held_by_another_process_is_refused_until_it_is_killed, name_file),
        cmocka_unit_test_setup(
            lock_held_here_is_refused_to_another_process_until_dropped, name_file),
        cmocka_unit_test_setup(whether_a_lock_is_held_is_told_without_taking_it, name_file),
        cmocka_unit_test_setup(second_lock_in_one_process_is_refused, name_file),
        cmocka_unit_test_setup(dropping_with_deletion_removes_the_file, name_file),
        cmocka_unit_test_setup(content_of_a_locked_file_can_be_read, name_file),
        cmocka_unit_test_setup(a_file_with_two_names_is_not_locked, name_file),
        cmocka_unit_test_setup(
            what_is_written_to_a_lock_takes_the_place_of_what_was_there, name_file),
        cmocka_unit_test_setup(lock_in_a_missing_folder_fails, name_file),
        cmocka_unit_test_setup(injected_failure_takes_no_lock, name_file),
    };
    if (argc > 2)
        return wcscmp(argv[1], L"hold") == 0 ? hold(argv[2]) : try(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

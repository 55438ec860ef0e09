/* SPDX-License-Identifier: MIT
 *
 * os/settings: which source wins, and what values mean.
 */
#include "unit/os/child.h"

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "os/settings.h"

static const WCHAR *const names[] = {L"SCOPE", L"WINDOWS", L"NUMBER", L"WORD"};

/* No override, nothing in the environment. */
static int clear(void **state)
{
    (void)state;
    base_hooks.allow_alloc = NULL;
    settings_pretend_process(NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    {
        WCHAR variable[64] = L"THAWLINE_";
        lstrcatW(variable, names[i]);
        SetEnvironmentVariableW(variable, NULL);
        assert_int_equal(settings_set(names[i], NULL), S_OK);
    }
    return 0;
}

static void assert_setting(const WCHAR *name, const WCHAR *expected)
{
    WCHAR *value = settings_get(name);
    if (!str16_equal(value, expected))
        fail_msg("%ls is \"%ls\"", name, value ? value : L"(unset)");
    mem_free(value);
}

/* ---- sources ---- */

static void name_that_is_set_nowhere_is_null(void **state)
{
    WCHAR buffer[8] = L"before";
    (void)state;
    assert_setting(L"WORD", NULL);
    assert_int_equal(settings_read(L"WORD", buffer, 8), S_FALSE);
    assert_int_equal(buffer[0], 0);
}

static void api_wins_over_environment_until_it_is_taken_back(void **state)
{
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_WORD", L"environment");
    assert_setting(L"WORD", L"environment");
    unsigned generation = settings_generation();
    assert_int_equal(settings_set(L"WORD", L"first"), S_OK);
    assert_int_equal(settings_set(L"WORD", L"second"), S_OK);
    assert_true(settings_generation() != generation);
    assert_setting(L"WORD", L"second");
    assert_int_equal(settings_set(L"WORD", NULL), S_OK);
    assert_setting(L"WORD", L"environment");
    assert_int_equal(settings_set(L"WORD", NULL), S_OK);
}

static void empty_value_of_the_api_hides_the_environment(void **state)
{
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_WORD", L"environment");
    assert_int_equal(settings_set(L"WORD", L""), S_OK);
    assert_setting(L"WORD", NULL);
}

static void value_longer_than_the_buffer_is_refused_whole(void **state)
{
    WCHAR buffer[8] = L"before";
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_WORD", L"12345678");
    assert_int_equal(
        settings_read(L"WORD", buffer, 8), HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    assert_int_equal(buffer[0], 0);
    assert_int_equal(settings_set(L"WORD", L"1234567"), S_OK);
    assert_int_equal(
        settings_read(L"WORD", buffer, 7), HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    assert_int_equal(settings_read(L"WORD", buffer, 8), S_OK);
}

static void long_value_comes_whole(void **state)
{
    static WCHAR value[5000];
    (void)state;
    for (int i = 0; i < 4999; i++)
        value[i] = (WCHAR)(L'a' + i % 26);
    SetEnvironmentVariableW(L"THAWLINE_WORD", value);
    assert_setting(L"WORD", value);
}

static size_t allocations_before_failure;

static bool allow_some(size_t size)
{
    (void)size;
    return allocations_before_failure-- > 0;
}

static void exhausted_memory_changes_nothing(void **state)
{
    (void)state;
    long blocks = mem_live_blocks();
    assert_int_equal(settings_set(L"WORD", L"kept"), S_OK);
    HRESULT hr = E_OUTOFMEMORY;
    size_t failures = 0;
    for (; hr == E_OUTOFMEMORY; failures++)
    {
        allocations_before_failure = failures;
        base_hooks.allow_alloc = allow_some;
        hr = settings_set(L"WORD", L"new");
        base_hooks.allow_alloc = NULL;
        assert_setting(L"WORD", hr == S_OK ? L"new" : L"kept");
    }
    assert_true(failures > 1);
    assert_int_equal(settings_set(L"WORD", NULL), S_OK);
    assert_int_equal(mem_live_blocks(), blocks);
}

static void environment_is_only_for_those_who_may(void **state)
{
    /* wine, elevated, session, AllowEnvironment */
    static const struct
    {
        struct settings_process process;
        bool expected;
    } rows[] = {
        {{true, true, 0, 0}, true},    /* Wine has no rights to protect */
        {{false, false, 1, 0}, true},  /* a user's program */
        {{false, true, 1, 0}, false},  /* elevated */
        {{false, false, 0, 0}, false}, /* a service */
        {{false, true, 1, 1}, true},   /* ... when the machine's administrator allows it */
        {{false, false, 0, 1}, true},
        {{false, true, 1, 2}, false}, /* only 1 means yes */
    };
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_WORD", L"environment");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        settings_pretend_process(&rows[i].process);
        if (settings_environment_counts() != rows[i].expected)
            fail_msg("row %u", (unsigned)i);
        assert_setting(L"WORD", rows[i].expected ? L"environment" : NULL);
    }
    settings_pretend_process(NULL);
    assert_true(settings_environment_counts() || !settings_is_wine());
}

static void api_counts_where_the_environment_does_not(void **state)
{
    static const struct settings_process service = {.session = 0};
    (void)state;
    settings_pretend_process(&service);
    assert_int_equal(settings_set(L"WORD", L"api"), S_OK);
    assert_setting(L"WORD", L"api");
}

/* ---- the file ---- */

static void assert_in_file(const char *text, const WCHAR *expected)
{
    WCHAR buffer[16];
    HRESULT hr = settings_find_in_file(text, strlen(text), L"WORD", buffer, 16);
    if (hr != (expected ? S_OK : S_FALSE) || !str16_equal(buffer, expected ? expected : L""))
        fail_msg("\"%s\" gives 0x%08lX \"%ls\"", text, hr, buffer);
}

static void file_text_is_read_as_documented(void **state)
{
    (void)state;
    assert_in_file("", NULL);
    assert_in_file("word=x", NULL); /* in no section */
    assert_in_file("[other]\nword=x\n", NULL);
    assert_in_file("[thawline]\nword\n", NULL);
    assert_in_file("[thawline]\nword=\n", NULL);
    assert_in_file("[thawline]\n;word=x\n#word=x\n", NULL);
    assert_in_file("[thawline]\nwords=x\nwor=x\n", NULL);
    assert_in_file("[thawline]\nword=x", L"x");
    assert_in_file("[ ThawLine ]\r\n  Word \t=  a b  \r\n", L"a b");
    assert_in_file("\xEF\xBB\xBF[thawline]\nWORD=a=b\n", L"a=b");
    assert_in_file("[thawline]\n[other]\nword=x\n[thawline]\nword=y\n", L"y");
    assert_in_file("[thawline]\nword=gr\xC3\xBCn\n", L"gr\x00FCn");
    assert_in_file("[thawline\nword=x\n", L"x");
    assert_in_file("[\n[]\n[thawline]\nword=first\nword=second\n", L"first");
}

static void file_value_longer_than_the_buffer_is_refused(void **state)
{
    static const char text[] = "[thawline]\nword=1234\n";
    WCHAR buffer[5];
    (void)state;
    for (size_t units = 1; units < 5; units++)
        assert_int_equal(settings_find_in_file(text, sizeof(text) - 1, L"WORD", buffer, units),
            HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    assert_int_equal(settings_find_in_file(text, sizeof(text) - 1, L"WORD", buffer, 5), S_OK);
}

/* Child: prints what WORD is. */
static int print_word(void)
{
    WCHAR *value = settings_get(L"WORD");
    printf("%ls\n", value ? value : L"(unset)");
    mem_free(value);
    return 0;
}

static void write_file(const WCHAR *path, const char *text)
{
    DWORD written;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, text, (DWORD)strlen(text), &written, NULL));
    CloseHandle(file);
}

static void assert_child_prints(const WCHAR *program, const char *expected)
{
    char line[64];
    struct child child = child_start(program, "print", NULL);
    child_read_line(&child, line, sizeof(line));
    child_finish(&child, NULL, 0);
    assert_string_equal(line, expected);
}

static void file_beside_the_module_counts_and_environment_wins(void **state)
{
    WCHAR folder[MAX_PATH];
    WCHAR path[MAX_PATH + 32];
    WCHAR program[MAX_PATH + 32];
    WCHAR own[MAX_PATH];
    (void)state;
    /* A copy of this program in a folder of its own, so that no other test sees the file. */
    assert_true(GetTempPathW(MAX_PATH, path));
    assert_true(GetTempFileNameW(path, L"tl", 0, folder));
    assert_true(DeleteFileW(folder));
    assert_true(CreateDirectoryW(folder, NULL));
    GetModuleFileNameW(NULL, own, MAX_PATH);
    swprintf(program, MAX_PATH + 32, L"%ls\\child.exe", folder);
    assert_true(CopyFileW(own, program, TRUE));
    assert_child_prints(program, "(unset)");
    swprintf(path, MAX_PATH + 32, L"%ls\\thawline.ini", folder);
    write_file(path, "[thawline]\nword=file\n");
    assert_child_prints(program, "file");
    SetEnvironmentVariableW(L"THAWLINE_WORD", L"environment");
    assert_child_prints(program, "environment");
    assert_true(DeleteFileW(path));
    assert_true(DeleteFileW(program));
    assert_true(RemoveDirectoryW(folder));
}

/* ---- meanings ---- */

static void numbers_are_decimal_or_fall_back(void **state)
{
    static const struct
    {
        const WCHAR *text;
        DWORD expected;
    } rows[] = {
        {L"0", 0},
        {L"42", 42},
        {L"4294967295", 0xFFFFFFFF},
        {L"4294967296", 7},
        {L"-1", 7},
        {L"0x10", 7},
        {L"1 ", 7},
        {L"", 7},
        {L"99999999999999999999999999", 7},
    };
    (void)state;
    assert_int_equal(settings_get_number(L"NUMBER", 7), 7);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        assert_int_equal(settings_set(L"NUMBER", rows[i].text), S_OK);
        if (settings_get_number(L"NUMBER", 7) != rows[i].expected)
            fail_msg("\"%ls\"", rows[i].text);
    }
}

static void scope_is_default_or_valid_or_refused(void **state)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    (void)state;
    assert_int_equal(settings_scope(scope), S_OK);
    assert_true(str16_equal(scope, L"default"));
    assert_int_equal(settings_set(L"SCOPE", L"Az09_-"), S_OK);
    assert_int_equal(settings_scope(scope), S_OK);
    assert_true(str16_equal(scope, L"Az09_-"));
    assert_int_equal(settings_set(L"SCOPE", L"12345678901234567890123456789012"), S_OK);
    assert_int_equal(settings_scope(scope), S_OK);
    static const WCHAR *const invalid[] = {
        L"123456789012345678901234567890123",
        L"a b",
        L"..",
        L"a\\b",
        L"\x00E9",
        L"{",
        L"1234567890123456789012345678901234567890",
    };
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
    {
        assert_false(settings_scope_is_valid(invalid[i]));
        assert_int_equal(settings_set(L"SCOPE", invalid[i]), S_OK);
        assert_int_equal(settings_scope(scope), E_INVALIDARG);
    }
    assert_false(settings_scope_is_valid(L""));
    assert_false(settings_scope_is_valid(NULL));
}

static void profile_is_older_than_windows_7_only_by_these_names(void **state)
{
    static const WCHAR *const older[] = {L"2003", L"2008", L"XP", L"Vista"};
    static const WCHAR *const newer[] = {
        L"7", L"8", L"8.1", L"10", L"11", L"2008R2", L"2012", L"?"};
    (void)state;
    static const WCHAR *const oldest[] = {L"2003", L"XP", L"5.1", L"5.2"};
    assert_false(settings_before_windows_7());
    for (size_t i = 0; i < sizeof(oldest) / sizeof(oldest[0]); i++)
    {
        assert_int_equal(settings_set(L"WINDOWS", oldest[i]), S_OK);
        assert_int_equal(settings_windows(), WINDOWS_2003);
    }
    assert_int_equal(settings_set(L"WINDOWS", L"2008"), S_OK);
    assert_int_equal(settings_windows(), WINDOWS_2008);
    for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++)
    {
        assert_int_equal(settings_set(L"WINDOWS", older[i]), S_OK);
        assert_true(settings_before_windows_7());
    }
    for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
    {
        assert_int_equal(settings_set(L"WINDOWS", newer[i]), S_OK);
        assert_false(settings_before_windows_7());
    }
}

int main(int argc, char **argv)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, clear, clear)
    const struct CMUnitTest tests[] = {
        TEST(name_that_is_set_nowhere_is_null),
        TEST(api_wins_over_environment_until_it_is_taken_back),
        TEST(empty_value_of_the_api_hides_the_environment),
        TEST(value_longer_than_the_buffer_is_refused_whole),
        TEST(long_value_comes_whole),
        TEST(exhausted_memory_changes_nothing),
        TEST(environment_is_only_for_those_who_may),
        TEST(api_counts_where_the_environment_does_not),
        TEST(file_text_is_read_as_documented),
        TEST(file_value_longer_than_the_buffer_is_refused),
        TEST(file_beside_the_module_counts_and_environment_wins),
        TEST(numbers_are_decimal_or_fall_back),
        TEST(scope_is_default_or_valid_or_refused),
        TEST(profile_is_older_than_windows_7_only_by_these_names),
    };
    if (argc > 1 && strcmp(argv[1], "print") == 0)
        return print_word();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

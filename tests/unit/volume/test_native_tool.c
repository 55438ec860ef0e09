/* SPDX-License-Identifier: MIT
 *
 * Programs of the host: what they get, what they say, how they end. Under Wine; on Windows there is
 * no host, and that is what is said.
 */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "os/settings.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "volume/native_tool.h"

#define TIMED_OUT HRESULT_FROM_WIN32(ERROR_TIMEOUT)
#define NOT_FOUND HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)
#define PLENTY 30

#define run(answer, limit, ...)                                                                    \
    native_tool_run((const char *const[]){__VA_ARGS__, NULL}, limit, answer)

static void programs_are_found_where_systems_keep_them(void **state)
{
    (void)state;
    char *path = NULL;
    assert_int_equal(native_tool_find("env", &path), S_OK);
    assert_string_equal(path, "/usr/bin/env");
    mem_free(path);
    assert_int_equal(native_tool_find("no-such-program-anywhere", &path), S_FALSE);
}

static void arguments_arrive_as_they_are(void **state)
{
    struct native_answer answer;
    (void)state;
    assert_int_equal(run(&answer, PLENTY, "/usr/bin/printf", "%s|", "two words", "$HOME", "`id`",
                         "'\"\\", "", "*", "\xc3\xa4", ";"),
        S_OK);
    assert_string_equal(answer.said, "two words|$HOME|`id`|'\"\\||*|\xc3\xa4|;|");
    assert_int_equal(answer.exit_code, 0);
    native_answer_free(&answer);
}

/* Nothing of this process's environment, above all no PATH of its own. */
static void the_environment_is_not_the_callers(void **state)
{
    struct native_answer answer;
    (void)state;
    assert_true(SetEnvironmentVariableW(L"THAWLINE_PROBE", L"1"));
    assert_int_equal(run(&answer, PLENTY, "/usr/bin/env"), S_OK);
    assert_null(strstr(answer.said, "PROBE"));
    assert_null(strstr(answer.said, "WINE"));
    assert_null(strstr(answer.said, "HOME="));
    assert_non_null(strstr(answer.said, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"));
    native_answer_free(&answer);
    SetEnvironmentVariableW(L"THAWLINE_PROBE", NULL);
}

static void a_program_that_fails_tells_its_code_and_why(void **state)
{
    struct native_answer answer;
    (void)state;
    assert_int_equal(run(&answer, PLENTY, "/bin/ls", "/no/such/folder"), E_FAIL);
    assert_int_equal(answer.exit_code, 2);
    assert_non_null(strstr(answer.said, "/no/such/folder"));
    native_answer_free(&answer);
    assert_int_equal(run(&answer, PLENTY, "/bin/false"), E_FAIL);
    assert_int_equal(answer.exit_code, 1);
    assert_string_equal(answer.said, "");
    native_answer_free(&answer);
}

static void a_program_that_is_missing_is_not_looked_for_elsewhere(void **state)
{
    struct native_answer answer;
    (void)state;
    assert_int_equal(run(&answer, PLENTY, "/opt/no such folder/ls", "/"), NOT_FOUND);
    assert_int_equal(answer.exit_code, -1);
    native_answer_free(&answer);
}

static void a_program_without_end_is_ended(void **state)
{
    struct native_answer answer;
    (void)state;
    assert_int_equal(run(&answer, 1, "/bin/sleep", "299"), TIMED_OUT);
    assert_int_equal(answer.exit_code, -1);
    native_answer_free(&answer);
    /* None is left. */
    assert_int_equal(run(&answer, PLENTY, "/usr/bin/pgrep", "-x", "-f", "/bin/sleep 299"), E_FAIL);
    assert_int_equal(answer.exit_code, 1);
    native_answer_free(&answer);
}

static void there_is_nothing_to_read(void **state)
{
    struct native_answer answer;
    (void)state;
    assert_int_equal(run(&answer, PLENTY, "/bin/cat"), S_OK);
    assert_string_equal(answer.said, "");
    native_answer_free(&answer);
}

static HRESULT refuse_ls(const char *operation, const WCHAR *path)
{
    (void)path;
    return strcmp(operation, "run-ls") == 0 ? E_ACCESSDENIED : S_OK;
}

static void a_fault_rule_reaches_a_program_by_its_name(void **state)
{
    struct native_answer answer;
    (void)state;
    base_hooks.before_file_op = refuse_ls;
    assert_int_equal(run(&answer, PLENTY, "/bin/ls"), E_ACCESSDENIED);
    native_answer_free(&answer);
    assert_int_equal(run(&answer, PLENTY, "/bin/true"), S_OK);
    native_answer_free(&answer);
    base_hooks.before_file_op = NULL;
}

static void memory_that_runs_out_is_told(void **state)
{
    struct native_answer answer;
    (void)state;
    for (size_t k = 1;; k++)
    {
        fail_alloc(k);
        HRESULT hr = run(&answer, PLENTY, "/bin/true");
        bool failed = allow_allocs();
        native_answer_free(&answer);
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        if (!failed)
            return;
    }
}

static void without_a_host_nothing_runs(void **state)
{
    struct native_answer answer;
    char *path = NULL;
    (void)state;
    assert_int_equal(native_tool_find("env", &path), S_FALSE);
    assert_int_equal(run(&answer, PLENTY, "/bin/true"), HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
    native_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest with_host[] = {
        leak_test(programs_are_found_where_systems_keep_them),
        leak_test(arguments_arrive_as_they_are),
        leak_test(the_environment_is_not_the_callers),
        leak_test(a_program_that_fails_tells_its_code_and_why),
        leak_test(a_program_that_is_missing_is_not_looked_for_elsewhere),
        leak_test(a_program_without_end_is_ended),
        leak_test(there_is_nothing_to_read),
        leak_test(a_fault_rule_reaches_a_program_by_its_name),
        leak_test(memory_that_runs_out_is_told),
    };
    const struct CMUnitTest without_host[] = {
        leak_test(without_a_host_nothing_runs),
    };
    if (settings_is_wine())
        return cmocka_run_group_tests(with_host, NULL, NULL);
    return cmocka_run_group_tests(without_host, NULL, NULL);
}

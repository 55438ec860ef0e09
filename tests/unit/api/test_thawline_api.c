/* SPDX-License-Identifier: MIT
 *
 * api/thawline_api: which processes may be given faults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include <cmocka.h>

#include "thawline.h"

#include "diag/fault.h"
#include "os/settings.h"

static WCHAR last_error[2048];
static unsigned errors;

static void CALLBACK keep_error(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)level;
    errors++;
    lstrcpynW(last_error, line, ARRAYSIZE(last_error));
}

static int clear(void **state)
{
    (void)state;
    settings_pretend_process(NULL);
    errors = 0;
    last_error[0] = 0;
    assert_int_equal(ThawlineSetLogSink(keep_error, NULL, 1), S_OK);
    return ThawlineClearFaults();
}

static void faults_are_refused_to_elevated_programs_and_services(void **state)
{
    static const struct settings_process refused[] = {
        {.elevated = true, .session = 1},
        {.session = 0},
        {.elevated = true, .session = 1, .allow_environment = 2},
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(refused); i++)
    {
        settings_pretend_process(&refused[i]);
        assert_int_equal(ThawlineSetFault("catalog", NULL, E_FAIL, 1, 0, 0), E_ACCESSDENIED);
        assert_int_equal(errors, i + 1);
        assert_non_null(wcsstr(last_error, L"HKLM\\Software\\Thawline\\AllowEnvironment"));
        assert_non_null(wcsstr(last_error, L"E_ACCESSDENIED"));
        assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
    }
}

static void faults_are_taken_where_they_are_allowed(void **state)
{
    static const struct settings_process allowed[] = {
        {.wine = true, .elevated = true},
        {.session = 1},
        {.elevated = true, .session = 1, .allow_environment = 1},
        {.session = 0, .allow_environment = 1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(allowed); i++)
    {
        settings_pretend_process(&allowed[i]);
        assert_int_equal(ThawlineSetFault("catalog", NULL, E_FAIL, 1, 0, 0), S_OK);
        assert_int_equal(fault_at(FAULT_CATALOG, NULL), E_FAIL);
        assert_int_equal(ThawlineClearFaults(), S_OK);
    }
    assert_int_equal(errors, 0);
}

static void a_service_may_clear_what_was_set(void **state)
{
    static const struct settings_process service = {.session = 0};
    (void)state;
    assert_int_equal(ThawlineSetFault("catalog", NULL, E_FAIL, 1, 0, 0), S_OK);
    settings_pretend_process(&service);
    assert_int_equal(ThawlineClearFaults(), S_OK);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, clear, clear)
    const struct CMUnitTest tests[] = {
        TEST(faults_are_refused_to_elevated_programs_and_services),
        TEST(faults_are_taken_where_they_are_allowed),
        TEST(a_service_may_clear_what_was_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

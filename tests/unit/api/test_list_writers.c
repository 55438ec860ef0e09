/* SPDX-License-Identifier: MIT
 *
 * api/list_writers and bus/bus_list: the writers of this process. Those of others are in
 * scenario/test_cli_writers.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include <cmocka.h>

#include "thawline.h"

#include "os/settings.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static const VSS_ID first_class = {0x11111111, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
static const VSS_ID second_class = {0x22222222, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

static THAWLINE_WRITER start(
    const VSS_ID *class_id, const WCHAR *name, const WCHAR *instance_name, VSS_ID *instance_id)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks)};
    const THAWLINE_WRITER_INFO info = {
        .cbSize = sizeof(info),
        .WriterId = *class_id,
        .pwszName = name,
        .pwszInstanceName = instance_name,
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END,
    };
    THAWLINE_WRITER writer = NULL;
    assert_int_equal(ThawlineRegisterWriter(&info, &callbacks, NULL, &writer), S_OK);
    assert_int_equal(ThawlineGetWriterInstanceId(writer, instance_id), S_OK);
    return writer;
}

static void assert_is_nothing(const THAWLINE_WRITER_STATUS *writers, UINT count)
{
    assert_null(writers);
    assert_int_equal(count, 0);
}

static void without_writers_there_is_no_list(void **state)
{
    THAWLINE_WRITER_STATUS *writers = (THAWLINE_WRITER_STATUS *)1;
    UINT count = 7;
    (void)state;
    assert_int_equal(ThawlineListWriters(&writers, &count), S_OK);
    assert_is_nothing(writers, count);
    ThawlineFreeWriters(writers);
}

static void each_writer_tells_all_its_fields_in_the_order_of_subscription(void **state)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    VSS_ID instances[2];
    (void)state;
    THAWLINE_WRITER first = start(&first_class, L"First \x9b\n2J", L"", &instances[0]);
    THAWLINE_WRITER second = start(&second_class, L"Second", NULL, &instances[1]);
    assert_int_equal(ThawlineListWriters(&writers, &count), S_OK);
    assert_int_equal(count, 2);
    assert_memory_equal(&writers[0].WriterId, &first_class, sizeof(VSS_ID));
    assert_memory_equal(&writers[1].WriterId, &second_class, sizeof(VSS_ID));
    for (UINT i = 0; i < count; i++)
    {
        assert_memory_equal(&writers[i].InstanceId, &instances[i], sizeof(VSS_ID));
        assert_int_equal(writers[i].State, VSS_WS_STABLE);
        assert_int_equal(writers[i].hrFailure, S_OK);
        assert_int_equal(writers[i].dwProcessId, GetCurrentProcessId());
        assert_int_equal(writers[i].uBits, 8 * sizeof(void *));
    }
    assert_int_equal(wcscmp(writers[0].pwszName, L"First \x9b\n2J"), 0);
    assert_int_equal(wcscmp(writers[0].pwszInstanceName, L""), 0);
    assert_int_equal(wcscmp(writers[1].pwszName, L"Second"), 0);
    assert_null(writers[1].pwszInstanceName);
    ThawlineFreeWriters(writers);
    assert_int_equal(ThawlineUnregisterWriter(first), S_OK);
    assert_int_equal(ThawlineUnregisterWriter(second), S_OK);
}

/* What was listed is the caller's, however long the writers live. */
static void a_list_outlives_its_writers(void **state)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    VSS_ID instance;
    (void)state;
    THAWLINE_WRITER writer = start(&first_class, L"First", NULL, &instance);
    assert_int_equal(ThawlineListWriters(&writers, &count), S_OK);
    assert_int_equal(ThawlineUnregisterWriter(writer), S_OK);
    assert_int_equal(count, 1);
    assert_int_equal(wcscmp(writers->pwszName, L"First"), 0);
    ThawlineFreeWriters(writers);
}

static void bad_arguments_and_bad_scopes_are_invalid(void **state)
{
    THAWLINE_WRITER_STATUS *writers = (THAWLINE_WRITER_STATUS *)1;
    UINT count = 7;
    (void)state;
    assert_int_equal(ThawlineListWriters(NULL, &count), E_INVALIDARG);
    assert_int_equal(count, 0);
    assert_int_equal(ThawlineListWriters(&writers, NULL), E_INVALIDARG);
    assert_null(writers);
    count = 7;
    writers = (THAWLINE_WRITER_STATUS *)1;
    assert_int_equal(settings_set(L"SCOPE", L"no scope"), S_OK);
    assert_int_equal(ThawlineListWriters(&writers, &count), E_INVALIDARG);
    assert_int_equal(settings_set(L"SCOPE", NULL), S_OK);
    assert_is_nothing(writers, count);
}

static void another_scope_has_other_writers(void **state)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    VSS_ID instance;
    (void)state;
    THAWLINE_WRITER writer = start(&first_class, L"First", NULL, &instance);
    assert_int_equal(ThawlineSetOption(L"SCOPE", L"list-writers-elsewhere"), S_OK);
    assert_int_equal(ThawlineListWriters(&writers, &count), S_OK);
    assert_is_nothing(writers, count);
    assert_int_equal(ThawlineSetOption(L"SCOPE", NULL), S_OK);
    assert_int_equal(ThawlineUnregisterWriter(writer), S_OK);
}

static void without_memory_there_is_no_list(void **state)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    VSS_ID instance;
    size_t which = 1;
    (void)state;
    THAWLINE_WRITER writer = start(&first_class, L"First", L"only", &instance);
    while (fail_alloc(which), ThawlineListWriters(&writers, &count) == E_OUTOFMEMORY)
    {
        allow_allocs();
        assert_is_nothing(writers, count);
        which++;
    }
    allow_allocs();
    assert_int_equal(count, 1);
    assert_true(which > 3);
    ThawlineFreeWriters(writers);
    assert_int_equal(ThawlineUnregisterWriter(writer), S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(without_writers_there_is_no_list),
        leak_test(each_writer_tells_all_its_fields_in_the_order_of_subscription),
        leak_test(a_list_outlives_its_writers),
        leak_test(bad_arguments_and_bad_scopes_are_invalid),
        leak_test(another_scope_has_other_writers),
        leak_test(without_memory_there_is_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

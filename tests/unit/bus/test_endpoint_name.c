/* SPDX-License-Identifier: MIT
 *
 * bus/endpoint_name.h: endpoints are found by their events, in their own scope, while they are
 * there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>

#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/endpoint_name.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static WCHAR scope[32];

static int set_up(void **state)
{
    static int number;
    swprintf(scope, 32, L"names-%lu-%d", (unsigned long)GetCurrentProcessId(), number++);
    return note_live_blocks(state);
}

static HANDLE announce(const WCHAR *in, GUID *id)
{
    WCHAR name[ENDPOINT_NAME_UNITS];
    assert_int_equal(CoCreateGuid(id), S_OK);
    endpoint_event_name(in, id, name);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, name);
    assert_non_null(event);
    assert_int_not_equal(GetLastError(), ERROR_ALREADY_EXISTS);
    return event;
}

static bool is_listed(const struct vec *ids, const GUID *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (guid_equal(ids->items[i], id))
            return true;
    return false;
}

static void an_endpoint_is_listed_while_its_event_is_there(void **state)
{
    (void)state;
    GUID first;
    GUID second;
    struct vec ids = {0};
    HANDLE one = announce(scope, &first);
    HANDLE two = announce(scope, &second);
    assert_int_equal(endpoint_list(scope, &ids), S_OK);
    assert_int_equal(ids.count, 2);
    assert_true(is_listed(&ids, &first));
    assert_true(is_listed(&ids, &second));
    vec_free(&ids, mem_free);
    CloseHandle(one);
    assert_int_equal(endpoint_list(scope, &ids), S_OK);
    assert_int_equal(ids.count, 1);
    assert_true(is_listed(&ids, &second));
    vec_free(&ids, mem_free);
    CloseHandle(two);
    assert_int_equal(endpoint_list(scope, &ids), S_OK);
    assert_int_equal(ids.count, 0);
    vec_free(&ids, mem_free);
}

/* A scope whose name begins another's, and names that only look like an endpoint's. */
static void other_scopes_and_names_are_passed_over(void **state)
{
    (void)state;
    GUID id;
    WCHAR longer[40];
    WCHAR name[ENDPOINT_NAME_UNITS + 8];
    struct vec ids = {0};
    swprintf(longer, 40, L"%lsx", scope);
    HANDLE other = announce(longer, &id);
    swprintf(name, ENDPOINT_NAME_UNITS, L"Global\\Thawline.%ls.not a guid", scope);
    HANDLE bad = CreateEventW(NULL, TRUE, FALSE, name);
    endpoint_event_name(scope, &id, name);
    wcscat(name, L"x");
    HANDLE too_long = CreateEventW(NULL, TRUE, FALSE, name);
    assert_int_equal(endpoint_list(scope, &ids), S_OK);
    assert_int_equal(ids.count, 0);
    assert_int_equal(endpoint_list(longer, &ids), S_OK);
    assert_int_equal(ids.count, 1);
    vec_free(&ids, mem_free);
    CloseHandle(other);
    CloseHandle(bad);
    CloseHandle(too_long);
}

static void a_thousand_and_twenty_four_are_considered(void **state)
{
    (void)state;
    static HANDLE events[1100];
    GUID id;
    struct vec ids = {0};
    for (size_t i = 0; i < 1100; i++)
        events[i] = announce(scope, &id);
    assert_int_equal(endpoint_list(scope, &ids), S_OK);
    assert_int_equal(ids.count, 1024);
    vec_free(&ids, mem_free);
    for (size_t i = 0; i < 1100; i++)
        CloseHandle(events[i]);
}

/* Objects of others come and go until the event is set. */
static DWORD WINAPI disturb(void *stop)
{
    for (unsigned i = 0; WaitForSingleObject(stop, 0) == WAIT_TIMEOUT; i++)
    {
        WCHAR name[64];
        HANDLE events[16];
        for (unsigned j = 0; j < 16; j++)
        {
            swprintf(name, 64, L"Global\\%u-%ls-%u", i * 16 + j, scope, j);
            events[j] = CreateEventW(NULL, TRUE, FALSE, name);
        }
        for (unsigned j = 0; j < 16; j++)
            CloseHandle(events[j]);
    }
    return 0;
}

static void each_is_listed_once_while_other_objects_come_and_go(void **state)
{
    (void)state;
    GUID endpoints[64];
    HANDLE events[64];
    HANDLE stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (size_t i = 0; i < 64; i++)
        events[i] = announce(scope, &endpoints[i]);
    HANDLE thread = CreateThread(NULL, 0, disturb, stop, 0, NULL);
    for (int look = 0; look < 100; look++)
    {
        struct vec ids = {0};
        assert_int_equal(endpoint_list(scope, &ids), S_OK);
        assert_int_equal(ids.count, 64);
        for (size_t i = 0; i < 64; i++)
            assert_true(is_listed(&ids, &endpoints[i]));
        vec_free(&ids, mem_free);
    }
    SetEvent(stop);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(stop);
    for (size_t i = 0; i < 64; i++)
        CloseHandle(events[i]);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    GUID id;
    HANDLE event = announce(scope, &id);
    for (size_t which = 1; which <= 2; which++)
    {
        struct vec ids = {0};
        fail_alloc(which);
        assert_int_equal(endpoint_list(scope, &ids), E_OUTOFMEMORY);
        assert_true(allow_allocs());
        vec_free(&ids, mem_free);
    }
    CloseHandle(event);
}

static void the_longest_scope_fits(void **state)
{
    (void)state;
    static const WCHAR longest[] = L"abcdefghijklmnopqrstuvwxyz012345";
    static const GUID id = {0x12345678, 0x9abc, 0xdef0, {1, 2, 3, 4, 5, 6, 7, 8}};
    WCHAR name[ENDPOINT_NAME_UNITS];
    endpoint_pipe_name(longest, &id, name);
    assert_int_equal(wcscmp(name,
                         L"\\\\.\\pipe\\Thawline.abcdefghijklmnopqrstuvwxyz012345."
                         L"12345678-9abc-def0-0102-030405060708"),
        0);
    endpoint_event_name(longest, &id, name);
    assert_int_equal(wcscmp(name,
                         L"Global\\Thawline.abcdefghijklmnopqrstuvwxyz012345."
                         L"12345678-9abc-def0-0102-030405060708"),
        0);
}

#define NAME_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, check_live_blocks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NAME_TEST(an_endpoint_is_listed_while_its_event_is_there),
        NAME_TEST(other_scopes_and_names_are_passed_over),
        NAME_TEST(a_thousand_and_twenty_four_are_considered),
        NAME_TEST(each_is_listed_once_while_other_objects_come_and_go),
        NAME_TEST(without_memory_it_says_so),
        NAME_TEST(the_longest_scope_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

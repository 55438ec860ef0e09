/* SPDX-License-Identifier: MIT
 *
 * Which writers a requestor hears of after any order of Enable and Disable. Expected values from
 * requestor 2.3.
 */
#include <cmocka.h>

#include <string.h>

#include "bus/bus_filter.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static const GUID a = {0xA, 0, 0, {0}};
static const GUID b = {0xB, 0, 0, {0}};
static const GUID c = {0xC, 0, 0, {0}};
static const GUID instance_1 = {1, 0, 0, {0}};
static const GUID instance_2 = {2, 0, 0, {0}};

static const GUID *class_of(char letter)
{
    return letter == 'a' ? &a : letter == 'b' ? &b : &c;
}

/* `calls`: "+ab" enables a and b, "-a" disables a; in their order. */
static void apply(struct bus_filter *filter, const char *calls)
{
    while (*calls)
    {
        char verb = *calls++;
        GUID classes[3];
        size_t count = 0;
        while (*calls && *calls != '+' && *calls != '-')
            classes[count++] = *class_of(*calls++);
        if (verb == '+')
            assert_int_equal(bus_filter_enable_classes(filter, classes, count), S_OK);
        else
            assert_int_equal(bus_filter_disable_classes(filter, classes, count), S_OK);
    }
}

static void classes_are_on_as_the_calls_say(void **state)
{
    (void)state;
    static const struct
    {
        const char *calls;
        const char *on;
    } rows[] = {
        {"", "abc"},
        {"-a", "bc"},
        {"-a-b", "c"},
        {"-a-a", "bc"},
        {"+a", "a"},
        {"+a+b", "ab"},
        {"-a+a", "a"}, /* the first Enable throws away earlier Disables */
        {"-a+b", "b"},
        {"-ab+ab", "ab"},
        {"+ab-a", "b"}, /* a Disable after an Enable takes from the list */
        {"+a-b", "a"},
        {"+ab-a+a", "ab"},
        {"+a-a", ""},
        {"+a-a+b", "b"}, /* later Enables add */
        {"-", "abc"},
        {"+", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct bus_filter filter = {0};
        apply(&filter, rows[i].calls);
        for (const char *letter = "abc"; *letter; letter++)
        {
            bool on = bus_filter_lets_through(&filter, class_of(*letter), &instance_1);
            if (on != (strchr(rows[i].on, *letter) != NULL))
                print_error("\"%s\": class %c\n", rows[i].calls, *letter);
            assert_int_equal(on, strchr(rows[i].on, *letter) != NULL);
        }
        bus_filter_free(&filter);
    }
}

static void a_disabled_instance_is_off_whatever_its_class_says(void **state)
{
    (void)state;
    struct bus_filter filter = {0};
    assert_int_equal(bus_filter_disable_instances(&filter, &instance_1, 1), S_OK);
    assert_false(bus_filter_lets_through(&filter, &a, &instance_1));
    assert_true(bus_filter_lets_through(&filter, &a, &instance_2));
    apply(&filter, "+a");
    assert_false(bus_filter_lets_through(&filter, &a, &instance_1));
    assert_int_equal(bus_filter_disable_instances(&filter, &instance_2, 1), S_OK);
    assert_false(bus_filter_lets_through(&filter, &a, &instance_1));
    assert_false(bus_filter_lets_through(&filter, &a, &instance_2));
    bus_filter_free(&filter);
}

static void without_memory_the_rules_stay_as_they_were(void **state)
{
    (void)state;
    struct bus_filter filter = {0};
    apply(&filter, "-a");
    fail_alloc(1);
    assert_int_equal(bus_filter_enable_classes(&filter, &b, 1), E_OUTOFMEMORY);
    fail_alloc(1);
    assert_int_equal(bus_filter_disable_classes(&filter, &b, 1), E_OUTOFMEMORY);
    fail_alloc(1);
    assert_int_equal(bus_filter_disable_instances(&filter, &instance_1, 1), E_OUTOFMEMORY);
    allow_allocs();
    assert_false(bus_filter_lets_through(&filter, &a, &instance_1));
    assert_true(bus_filter_lets_through(&filter, &b, &instance_1));
    bus_filter_free(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(classes_are_on_as_the_calls_say),
        leak_test(a_disabled_instance_is_off_whatever_its_class_says),
        leak_test(without_memory_the_rules_stay_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

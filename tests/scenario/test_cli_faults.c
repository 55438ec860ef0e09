/* SPDX-License-Identifier: MIT
 *
 * thawline faults: the list, its JSON, and the check of a file of rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"

static void points_and_effects_are_listed(void **state)
{
    static const char *const said[] = {"  writer.handler    EVENT, EVENT:WRITER or EVENT:{ID}",
        "  ipc.frame         KIND or KIND:WRITER", "  disk-full         there is no space left",
        "  crash             the process ends at once"};
    struct cli_process cli;
    (void)state;
    assert_int_equal(cli_run(&cli, L"faults"), 0);
    for (size_t i = 0; i < ARRAYSIZE(said); i++)
        assert_says(&cli, out, said[i]);
    cli_free(&cli);
}

static void the_list_is_json_too(void **state)
{
    struct cli_process cli;
    (void)state;
    assert_int_equal(cli_run(&cli, L"faults --json"), 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"name\":\"writer.found\"");
    assert_says(&cli, out, "\"effects\":[\"delay\",\"crash\",\"drop\"]");
    assert_says(&cli, out, "\"word\":\"hang\"");
    cli_free(&cli);
}

static void write_rules(const WCHAR *name, const char *text)
{
    WCHAR path[SAMPLE_PATH];
    sample_path(name, path);
    sample_write(path, text, strlen(text));
}

static void a_file_of_rules_is_checked(void **state)
{
    WCHAR path[SAMPLE_PATH];
    (void)state;
    write_rules(L"good.faults", "writer.event Freeze timeout\nalloc * crash 7 1\n# the end\n");
    sample_path(L"good.faults", path);
    cli_expect(0, "2 rules, all well-formed", L"faults \"%ls\"", path);
    /* Nothing of it happened to the program itself. */
    write_rules(L"one.faults", "alloc * E_OUTOFMEMORY\n");
    sample_path(L"one.faults", path);
    cli_expect(0, "1 rule, all well-formed", L"faults \"%ls\"", path);
    write_rules(L"bad.faults", "alloc * crash\nwriter.evnet Freeze timeout\n");
    sample_path(L"bad.faults", path);
    cli_expect(1, "the nearest name is \"writer.event\"", L"faults \"%ls\"", path);
    sample_path(L"none.faults", path);
    cli_expect(1, "can't be read", L"faults \"%ls\"", path);
}

static void wrong_use_is_one_line(void **state)
{
    (void)state;
    cli_expect(2, "name one file of rules", L"faults a b");
    cli_expect(2, "name one file of rules", L"faults a --json");
    cli_expect(2, "did you mean --json?", L"faults --jsn");
    cli_expect(2, "did you mean `thawline faults`?", L"fault");
    cli_expect(0, "chance=PERCENT", L"faults --help");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_and_effects_are_listed),
        cmocka_unit_test(the_list_is_json_too),
        cmocka_unit_test(a_file_of_rules_is_checked),
        cmocka_unit_test(wrong_use_is_one_line),
    };
    return cmocka_run_group_tests_name("thawline faults", tests, NULL, NULL);
}

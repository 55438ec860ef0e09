/* SPDX-License-Identifier: MIT
 *
 * `thawline list shadows` and `thawline delete`, on persistent shadow copies that this test makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>
#include <objbase.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"
#include "support/backup.h"

struct shadow
{
    VSS_ID set_id;
    VSS_ID id;
    char id_text[40];
    char set_text[40];
};

static void to_text(const GUID *id, char *text)
{
    WCHAR wide[40];

    StringFromGUID2(id, wide, 40);
    snprintf(text, 40, "%ls", wide);
}

/* One that outlives its requestor. */
static struct shadow make_shadow(void)
{
    static const VSS_ID any_provider;
    struct shadow shadow;
    WCHAR volume[] = L"C:\\";
    IVssBackupComponents *components;
    IVssAsync *async;

    assert_hr(CreateVssBackupComponents(&components), S_OK);
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(components, VSS_CTX_NAS_ROLLBACK), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(components, &shadow.set_id), S_OK);
    assert_hr(
        IVssBackupComponents_AddToSnapshotSet(components, volume, any_provider, &shadow.id), S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    IVssBackupComponents_Release(components);
    to_text(&shadow.id, shadow.id_text);
    to_text(&shadow.set_id, shadow.set_text);
    return shadow;
}

static WCHAR source[SAMPLE_PATH];

static int set_up(void **state)
{
    (void)state;
    sample_path(L"source", source);
    sample_make(source);
    return CoInitializeEx(NULL, COINIT_MULTITHREADED) >= 0 &&
            ThawlineSetOption(L"CLONE_ROOTS", source) == S_OK
        ? 0
        : -1;
}

static int delete_all(void **state)
{
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"delete --all --force");
    cli_free(&cli);
    return 0;
}

static void assert_list(const char *part)
{
    struct cli_process cli;

    cli_run(&cli, L"list shadows");
    assert_exit(&cli, 0);
    assert_says(&cli, out, part);
    cli_free(&cli);
}

static void what_exists_is_listed(void **state)
{
    struct shadow shadow;
    struct cli_process cli;

    (void)state;
    assert_list("There are no shadow copies.");
    shadow = make_shadow();
    cli_run(&cli, L"list shadows");
    assert_exit(&cli, 0);
    assert_says(&cli, out, shadow.id_text);
    assert_says(&cli, out, shadow.set_text);
    assert_says(&cli, out, "\\\\?\\Volume{");
    assert_says(&cli, out, "persistent, no auto-release, no writers");
    assert_says(&cli, out, "{B5946137-7B9F-4925-AF80-51ABD60B20D5}");
    cli_free(&cli);
}

static void json_lists_all_fields(void **state)
{
    struct shadow shadow = make_shadow();
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"list shadows --json");
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, shadow.id_text);
    assert_says(&cli, out, "\"count_in_set\":1");
    assert_says(&cli, out, "\"exposed_name\":null");
    cli_free(&cli);
}

static void one_is_deleted_by_its_id(void **state)
{
    struct shadow first = make_shadow();
    struct shadow second = make_shadow();
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"delete %hs", first.id_text);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "Deleted 1 shadow copies.");
    cli_free(&cli);
    cli_run(&cli, L"list shadows");
    assert_says(&cli, out, second.id_text);
    assert_null(strstr(cli.out.text, first.id_text));
    cli_free(&cli);
}

static void a_set_is_deleted_by_its_id_without_braces(void **state)
{
    struct shadow shadow = make_shadow();
    struct cli_process cli;

    (void)state;
    shadow.set_text[37] = 0;
    cli_run(&cli, L"delete --set %hs --json", shadow.set_text + 1);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "{\"deleted\":1,\"failed\":0}");
    cli_free(&cli);
    assert_list("There are no shadow copies.");
}

static void all_are_deleted(void **state)
{
    struct cli_process cli;

    (void)state;
    make_shadow();
    make_shadow();
    cli_run(&cli, L"delete --all");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "Deleted 2 shadow copies.");
    cli_free(&cli);
    assert_list("There are no shadow copies.");
}

static void an_unknown_id_is_named_and_the_exit_code_is_1(void **state)
{
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"delete {12345678-1234-1234-1234-123456789ABC}");
    assert_exit(&cli, 1);
    assert_says(&cli, err, "{12345678-1234-1234-1234-123456789ABC}");
    assert_says(&cli, err, "VSS_E_OBJECT_NOT_FOUND");
    cli_free(&cli);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_exists_is_listed, delete_all),
        cmocka_unit_test_teardown(json_lists_all_fields, delete_all),
        cmocka_unit_test_teardown(one_is_deleted_by_its_id, delete_all),
        cmocka_unit_test_teardown(a_set_is_deleted_by_its_id_without_braces, delete_all),
        cmocka_unit_test_teardown(all_are_deleted, delete_all),
        cmocka_unit_test_teardown(an_unknown_id_is_named_and_the_exit_code_is_1, delete_all),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}

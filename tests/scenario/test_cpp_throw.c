/* SPDX-License-Identifier: MIT
 *
 * A compiled C++ exception that leaves a handler ends the writer's own process and nothing else:
 * the status tells, and other writers are served (writer-provider 3.3, 3.8). The live provider
 * serves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/scripted_writer.h"

/* As the program has it. */
static const VSS_ID throwing = {0x7a0e7a0e, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};
/* Of abort(), which an uncaught exception calls. */
#define ABORTED 3

static void check_thrower(struct backup *backup)
{
    UINT count = 0;
    assert_hr(IVssBackupComponents_GetWriterStatusCount(backup->components, &count), S_OK);
    assert_int_equal(count, 2);
    for (UINT i = 0; i < count; i++)
    {
        VSS_ID instance;
        VSS_ID id;
        BSTR name = NULL;
        VSS_WRITER_STATE stands = VSS_WS_UNKNOWN;
        HRESULT failure = S_OK;
        BOOL threw;
        assert_hr(IVssBackupComponents_GetWriterStatus(
                      backup->components, i, &instance, &id, &name, &stands, &failure),
            S_OK);
        SysFreeString(name);
        threw = IsEqualGUID(&id, &throwing);
        assert_hr(failure, threw ? VSS_E_WRITER_NOT_RESPONDING : S_OK);
        assert_int_equal(
            stands, threw ? VSS_WS_FAILED_AT_FREEZE : VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    }
}

static void a_throw_in_freeze_ends_its_own_process_and_the_backup_goes_on(void **state)
{
    (void)state;
    static struct cli_process program;
    static struct scripted_writer other;
    struct backup backup = {0};
    other = (struct scripted_writer){
        .name = L"other", .id = {0x7a0f7a0f, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}}};
    scripted_writer_start(&other);
    cli_start(&program, L"throwing_writer.exe", L"", 0);
    assert_true(cli_wait_for(&program.out, "subscribed"));
    backup_until_prepared(&backup);
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&backup);
    check_thrower(&backup);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_release(&backup);
    cli_finish(&program);
    assert_exit(&program, ABORTED);
    cli_free(&program);
    assert_string_equal(scripted_writer_events(&other),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown");
    scripted_writer_stop(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_throw_in_freeze_ends_its_own_process_and_the_backup_goes_on),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C in `thawline restore`: the writers that were asked are told of the end, nothing more is
 * written, and the next run restores the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "cli/cancel.h"
#include "support/sample_tree.h"
#include "support/scripted_writer.h"
#include "unit/cli/cli_inside.h"

static WCHAR source[SAMPLE_PATH], copy[SAMPLE_PATH], reference[SAMPLE_PATH];
static struct scripted_writer writer;
static VSS_FILE_RESTORE_STATUS status; /* what PostRestore saw */

static void describe(struct scripted_writer *self, IVssCreateWriterMetadataEx *metadata)
{
    (void)self;
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", source, L"*", TRUE, NULL, 0xF0F);
}

static void press_ctrl_c(struct scripted_writer *self, const THAWLINE_EVENT *event, void *context)
{
    (void)self;
    (void)event;
    (void)context;
    cancel_request();
}

static void see_status(struct scripted_writer *self, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = NULL;

    (void)self;
    (void)context;
    if (FAILED(event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component)))
        return;
    IVssComponent_GetFileRestoreStatus(component, &status);
    IVssComponent_Release(component);
}

static int set_up(void **state)
{
    (void)state;
    sample_path(L"source", source);
    sample_path(L"copy", copy);
    sample_path(L"reference", reference);
    sample_make(source);
    writer = (struct scripted_writer){.name = L"writer",
        .id = {0xabababab, 0x1111, 0x4111, {0x8b, 1, 1, 1, 1, 1, 1, 1}},
        .components = 1,
        .describe = describe};
    writer.at[ON_POST_RESTORE].action = see_status;
    scripted_writer_start(&writer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&writer);
    sample_remove(source);
    sample_remove(copy);
    sample_remove(reference);
    return 0;
}

static void run(const struct verb *verb, int code, const WCHAR *format, const WCHAR *second)
{
    struct cli_inside cli;

    cli_inside_start(&cli, verb, format, verb == &verb_backup ? source : copy, second);
    cli_inside_finish(&cli);
    assert_exit(&cli, code);
    cli_inside_free(&cli);
}

static void ctrl_c_lets_the_writers_go_on_and_writes_nothing_more(void **state)
{
    (void)state;
    run(&verb_backup, 0, L"%ls %ls --quiet", copy);
    assert_true(MoveFileW(source, reference));
    memset((void *)writer.count, 0, sizeof(writer.count));
    writer.at[ON_PRE_RESTORE].action = press_ctrl_c;
    run(&verb_restore, 130, L"%ls\\backup-components.xml %ls", copy);
    assert_string_equal(scripted_writer_events(&writer), "PreRestore PostRestore");
    assert_int_equal(status, VSS_RS_NONE);
    assert_false(sample_exists(source));
    writer.at[ON_PRE_RESTORE].action = NULL;
    run(&verb_restore, 0, L"%ls\\backup-components.xml %ls --quiet", copy);
    assert_int_equal(status, VSS_RS_ALL);
    sample_assert_same(reference, source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            ctrl_c_lets_the_writers_go_on_and_writes_nothing_more, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

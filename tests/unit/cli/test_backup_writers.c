/* SPDX-License-Identifier: MIT
 *
 * `thawline backup` and writers: who is frozen, what the summary and the exit code say, what
 * Ctrl-C does to them.
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
#include "unit/cli/cli_inside.h"

#define EVENTS_SIZE 256

/* A writer with the components `all` (source) and, below it, `part` (source\folder); in one test
   also `elsewhere` (source\..). */
struct writer
{
    THAWLINE_WRITER handle;
    BOOL reaches_out; /* has `elsewhere` */
    BOOL vetoes_freeze;
    BOOL cancels_freeze;      /* presses Ctrl-C in it */
    char events[EVENTS_SIZE]; /* in order, in words */
};

static const VSS_ID writer_id = {0x77aa0001, 0x2222, 0x4333, {0x84, 5, 6, 7, 8, 9, 10, 11}};

static struct writer writer;
static WCHAR source[SAMPLE_PATH], destination[SAMPLE_PATH], outside[SAMPLE_PATH];

static void note(const char *event)
{
    strncat(writer.events, event, EVENTS_SIZE - strlen(writer.events) - 2);
    strcat(writer.events, " ");
}

static HRESULT add_group(IVssCreateWriterMetadataEx *metadata, const WCHAR *logical_path,
    const WCHAR *name, const WCHAR *folder)
{
    HRESULT hr = metadata->lpVtbl->AddComponent(
        metadata, VSS_CT_FILEGROUP, logical_path, name, NULL, NULL, 0, FALSE, TRUE, TRUE, TRUE, 0);

    if (SUCCEEDED(hr))
        hr = metadata->lpVtbl->AddFilesToFileGroup(metadata, logical_path, name, folder, L"*", TRUE,
            NULL, VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED);
    return hr;
}

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    WCHAR folder[SAMPLE_PATH];
    HRESULT hr;

    (void)context;
    (void)event;
    _snwprintf(folder, SAMPLE_PATH, L"%ls\\folder", source);
    hr = add_group(metadata, NULL, L"all", source);
    if (SUCCEEDED(hr))
        hr = add_group(metadata, L"all", L"part", folder);
    if (SUCCEEDED(hr) && writer.reaches_out)
        hr = add_group(metadata, NULL, L"elsewhere", outside);
    return SUCCEEDED(hr);
}

static BOOL CALLBACK on_prepare(void *context, const THAWLINE_EVENT *event)
{
    (void)context;
    note(event->bComponentsSelected ? "PrepareBackup(components)" : "PrepareBackup(all)");
    return TRUE;
}

static BOOL CALLBACK on_freeze(void *context, const THAWLINE_EVENT *event)
{
    (void)context;
    (void)event;
    note("Freeze");
    if (writer.cancels_freeze)
        cancel_request();
    if (writer.vetoes_freeze)
        ThawlineSetWriterFailure(
            writer.handle, VSS_E_WRITERERROR_OUTOFRESOURCES, E_OUTOFMEMORY, L"no room for the log");
    return !writer.vetoes_freeze;
}

#define NOTING_HANDLER(function, word)                                                             \
    static BOOL CALLBACK function(void *context, const THAWLINE_EVENT *event)                      \
    {                                                                                              \
        (void)context;                                                                             \
        (void)event;                                                                               \
        note(word);                                                                                \
        return TRUE;                                                                               \
    }

NOTING_HANDLER(on_thaw, "Thaw")
NOTING_HANDLER(on_abort, "Abort")

/* Whether the components it was asked for were backed up, in the writer's own eyes. */
static BOOL CALLBACK on_complete(void *context, const THAWLINE_EVENT *event)
{
    IVssComponent *component = NULL;
    boolean succeeded = FALSE;
    UINT count = 0;

    (void)context;
    if (event->pComponents)
        IVssWriterComponents_GetComponentCount(event->pComponents, &count);
    if (count == 1 &&
        SUCCEEDED(IVssWriterComponents_GetComponent(event->pComponents, 0, &component)))
    {
        IVssComponent_GetBackupSucceeded(component, &succeeded);
        IVssComponent_Release(component);
    }
    note(count == 1 ? (succeeded ? "Complete(good)" : "Complete(bad)")
            : count ? "Complete(many)"
                    : "Complete");
    return TRUE;
}

static int set_up(void **state)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {
        .cbSize = sizeof(callbacks),
        .pfnIdentify = on_identify,
        .pfnPrepareBackup = on_prepare,
        .pfnFreeze = on_freeze,
        .pfnThaw = on_thaw,
        .pfnAbort = on_abort,
        .pfnBackupComplete = on_complete,
    };
    static const THAWLINE_WRITER_INFO info = {
        .cbSize = sizeof(info),
        .WriterId = writer_id,
        .pwszName = L"Cellar \x202e"
                    L"Books",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END,
    };

    (void)state;
    memset(&writer, 0, sizeof(writer));
    sample_path(L"source", source);
    sample_path(L"outside", outside);
    sample_path(L"destination", destination);
    sample_make(source);
    return ThawlineRegisterWriter(&info, &callbacks, NULL, &writer.handle) == S_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ThawlineUnregisterWriter(writer.handle);
    sample_remove(source);
    sample_remove(destination);
    return 0;
}

static void a_writer_whose_component_lies_in_the_source_takes_part(void **state)
{
    struct cli_inside cli;

    (void)state;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --json", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    assert_says(&cli, "\"component_mode\":true");
    /* One component: what lies below it goes with it. */
    assert_says(&cli, "\"logical_path\":null,\"name\":\"all\",\"succeeded\":true}]");
    assert_says(&cli, "\"writers_frozen\":1,\"writers_failed\":0");
    assert_string_equal(writer.events, "PrepareBackup(components) Freeze Thaw Complete(good) ");
    cli_inside_free(&cli);
}

static void of_a_component_tree_only_what_lies_in_the_source_is_taken(void **state)
{
    struct cli_inside cli;

    (void)state;
    cli_inside_start(&cli, &verb_backup, L"%ls\\folder %ls --json", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    /* `part` lies in it, but `all` is touched as well: freezing everybody loses nothing. */
    assert_says(&cli, "\"component_mode\":false");
    assert_says(&cli, "because the sources hold only a part of all of Cellar");
    assert_string_equal(writer.events, "PrepareBackup(all) Freeze Thaw Complete ");
    cli_inside_free(&cli);
}

static void a_component_elsewhere_does_not_matter(void **state)
{
    struct cli_inside cli;

    (void)state;
    writer.reaches_out = TRUE;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --json", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    assert_says(&cli, "\"component_mode\":true");
    assert_says(&cli, "\"name\":\"all\",\"succeeded\":true}]");
    cli_inside_free(&cli);
}

static void with_components_off_every_writer_is_frozen(void **state)
{
    struct cli_inside cli;

    (void)state;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --json --components off", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    assert_says(&cli, "\"component_mode\":false");
    assert_string_equal(writer.events, "PrepareBackup(all) Freeze Thaw Complete ");
    cli_inside_free(&cli);
}

static void without_writers_nobody_is_asked(void **state)
{
    struct cli_inside cli;

    (void)state;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --no-writers --quiet", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    assert_string_equal(writer.events, "");
    cli_inside_free(&cli);
}

static void a_veto_is_told_with_the_writers_own_words_and_the_exit_code_is_3(void **state)
{
    struct cli_inside cli;

    (void)state;
    writer.vetoes_freeze = TRUE;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 3);
    assert_says(&cli, "failed at freeze");
    assert_says(&cli, "VSS_E_WRITERERROR_OUTOFRESOURCES");
    assert_says(&cli, "no room for the log");
    assert_says(&cli, "what a failed writer keeps may be inconsistent");
    /* The writer's name is shown; it does not turn the line around. */
    assert_says(&cli, "writer Cellar \\u202eBooks: ");
    assert_non_null(strstr(writer.events, "Freeze Abort"));
    cli_inside_free(&cli);
}

static void a_file_that_cannot_be_read_makes_its_component_fail(void **state)
{
    WCHAR path[SAMPLE_PATH];
    struct cli_inside cli;
    HANDLE held;

    (void)state;
    _snwprintf(path, SAMPLE_PATH, L"%ls\\page.bin", source);
    held = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(held != INVALID_HANDLE_VALUE);
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --provider live --json", source, destination);
    cli_inside_finish(&cli);
    CloseHandle(held);
    assert_exit(&cli, 3);
    assert_says(&cli, "\"name\":\"all\",\"succeeded\":false}]");
    assert_non_null(strstr(writer.events, "Complete(bad)"));
    cli_inside_free(&cli);
}

static void ctrl_c_in_the_freeze_aborts_and_leaves_nothing(void **state)
{
    struct cli_inside cli;

    (void)state;
    writer.cancels_freeze = TRUE;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 130);
    /* Cancelling takes a moment; the freeze may be over by then. What follows is the end of the
       backup either way. */
    if (strcmp(writer.events, "PrepareBackup(components) Freeze Abort "))
        assert_string_equal(writer.events, "PrepareBackup(components) Freeze Thaw ");
    /* Nothing was copied, so the destination was taken away again. */
    assert_false(sample_exists(destination));
    cli_inside_free(&cli);
    cli_inside_start(&cli, &verb_list, L"shadows");
    cli_inside_finish(&cli);
    assert_says(&cli, "There are no shadow copies.");
    cli_inside_free(&cli);
    writer.cancels_freeze = FALSE;
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --verify", source, destination);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    cli_inside_free(&cli);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_writer_whose_component_lies_in_the_source_takes_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            of_a_component_tree_only_what_lies_in_the_source_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_component_elsewhere_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            with_components_off_every_writer_is_frozen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_writers_nobody_is_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_veto_is_told_with_the_writers_own_words_and_the_exit_code_is_3, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_file_that_cannot_be_read_makes_its_component_fail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            ctrl_c_in_the_freeze_aborts_and_leaves_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

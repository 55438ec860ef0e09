/* SPDX-License-Identifier: MIT
 *
 * PreRestore and PostRestore: who gets them, what goes into the document and comes out of it, and
 * what they answer (requestor 2.8, 6.1, 6.5, 1.9 item 25). A backup of two writers comes before;
 * the writers that restore it are other instances of the same classes.
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

#include "support/restore.h"
#include "support/scripted_writer.h"

static const VSS_ID writer_a = {0xa1a1a1a1, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID writer_b = {0xb2b2b2b2, 0x2222, 0x4222, {0x82, 2, 2, 2, 2, 2, 2, 2}};

static const VSS_ID writer_twin = {0xc3c3c3c3, 0x3333, 0x4333, {0x83, 3, 3, 3, 3, 3, 3, 3}};

/* The states of vss.h that the spec names for these events (writer-provider 3.8). */
#define STABLE 1
#define FAILED_AT_PRE_RESTORE 13
#define FAILED_AT_POST_RESTORE 14

struct fixture
{
    struct scripted_writer a;
    struct scripted_writer b;
    BSTR saved; /* the Backup Components Document of the backup */
    struct backup restore;
    LONG blocks;
};

static void back_up(struct fixture *fixture)
{
    struct backup backup;
    backup_begin(&backup, TRUE);
    backup_add_component(&backup, fixture->a.instance_id, writer_a, L"data0");
    backup_add_component(&backup, fixture->a.instance_id, writer_a, L"data1");
    backup_add_component(&backup, fixture->b.instance_id, writer_b, L"data0");
    backup_start_set(&backup);
    backup_prepare(&backup);
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SaveAsXML(backup.components, &fixture->saved), S_OK);
    backup_release(&backup);
}

static void start_writers(struct fixture *fixture)
{
    fixture->a = (struct scripted_writer){.name = L"writer a", .id = writer_a, .components = 2};
    fixture->b = (struct scripted_writer){.name = L"writer b", .id = writer_b, .components = 1};
    scripted_writer_start(&fixture->a);
    scripted_writer_start(&fixture->b);
}

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    assert_hr(ThawlineSetOption(L"PROVIDER", L"live"), S_OK);
    fixture->blocks = ThawlineGetLiveBlocks();
    start_writers(fixture);
    back_up(fixture);
    scripted_writer_stop(&fixture->a);
    scripted_writer_stop(&fixture->b);
    /* The applications were started anew. */
    start_writers(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->restore);
    scripted_writer_stop(&fixture->a);
    scripted_writer_stop(&fixture->b);
    SysFreeString(fixture->saved);
    LONG blocks = ThawlineGetLiveBlocks() - fixture->blocks;
    test_free(fixture);
    if (blocks)
        print_error("%ld blocks are left\n", (long)blocks);
    return blocks ? -1 : 0;
}

static void only_writers_with_a_selected_component_are_called(void **state)
{
    struct fixture *fixture = *state;
    restore_begin(&fixture->restore, fixture->saved);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data1", TRUE), S_OK);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_string_equal(scripted_writer_events(&fixture->a), "PreRestore PostRestore");
    assert_string_equal(scripted_writer_events(&fixture->b), "");
    assert_true(fixture->a.had_components[ON_PRE_RESTORE]);
    assert_true(fixture->a.had_components[ON_POST_RESTORE]);
    assert_true(IsEqualGUID(
        &fixture->a.session_id[ON_PRE_RESTORE], &fixture->a.session_id[ON_POST_RESTORE]));
    /* A restore has neither Abort nor BackupShutdown. */
    backup_release(&fixture->restore);
    assert_string_equal(scripted_writer_events(&fixture->a), "PreRestore PostRestore");
}

/* What a handler saw and did; the test thread reads it afterwards. */
struct seen
{
    HRESULT results[8];
    UINT components;
    boolean selected[2];
};

static void look_and_answer(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    struct seen *seen = context;
    (void)writer;
    seen->results[0] = event->pComponents->lpVtbl->GetComponentCount(
        event->pComponents, &seen->components);
    for (UINT i = 0; i < seen->components && i < 2; i++)
    {
        IVssComponent *component = NULL;
        event->pComponents->lpVtbl->GetComponent(event->pComponents, i, &component);
        component->lpVtbl->IsSelectedForRestore(component, &seen->selected[i]);
        if (seen->selected[i])
        {
            seen->results[1] = component->lpVtbl->SetRestoreTarget(component, VSS_RT_ALTERNATE);
            seen->results[2] = component->lpVtbl->SetRestoreMetadata(component, L"meta");
            seen->results[3] = component->lpVtbl->SetPreRestoreFailureMsg(component, L"message");
        }
        component->lpVtbl->Release(component);
    }
}

static void what_a_writer_says_in_prerestore_is_in_the_document(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {.components = 99};
    VSS_RESTORE_TARGET target;
    BSTR text = NULL;
    fixture->a.at[ON_PRE_RESTORE].action = look_and_answer;
    fixture->a.at[ON_PRE_RESTORE].context = &seen;
    restore_begin(&fixture->restore, fixture->saved);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), S_OK);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data1", TRUE), S_OK);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", FALSE), S_OK);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_int_equal(seen.components, 2);
    assert_false(seen.selected[0]);
    assert_true(seen.selected[1]);
    for (size_t i = 0; i < 4; i++)
        assert_hr(seen.results[i], S_OK);

    IVssComponent *component = restore_find(&fixture->restore, writer_a, L"data1");
    assert_hr(component->lpVtbl->GetRestoreTarget(component, &target), S_OK);
    assert_int_equal(target, VSS_RT_ALTERNATE);
    assert_hr(component->lpVtbl->GetRestoreMetadata(component, &text), S_OK);
    assert_int_equal(lstrcmpW(text, L"meta"), 0);
    SysFreeString(text);
    assert_hr(component->lpVtbl->GetPreRestoreFailureMsg(component, &text), S_OK);
    assert_int_equal(lstrcmpW(text, L"message"), 0);
    SysFreeString(text);
    component->lpVtbl->Release(component);
    component = restore_find(&fixture->restore, writer_b, L"data0");
    assert_hr(component->lpVtbl->GetPreRestoreFailureMsg(component, &text), S_FALSE);
    component->lpVtbl->Release(component);
}

/* What a writer's metadata says of its part in a restore, and what the requestor then reports. */
static const struct involvement
{
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM involvement;
    VSS_FILE_RESTORE_STATUS status;
    const char *events;
} involvements[] = {
    {VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_WRE_NEVER, VSS_RS_FAILED, ""},
    {VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_WRE_ALWAYS, VSS_RS_ALL, "PreRestore PostRestore"},
    {VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_WRE_IF_REPLACE_FAILS, VSS_RS_FAILED,
        "PreRestore PostRestore"},
    {VSS_RME_RESTORE_IF_NOT_THERE, VSS_WRE_IF_REPLACE_FAILS, VSS_RS_FAILED,
        "PreRestore PostRestore"},
    {VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_WRE_IF_REPLACE_FAILS, VSS_RS_ALL, "PreRestore"},
    {VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_WRE_IF_REPLACE_FAILS, VSS_RS_UNDEFINED, "PreRestore"},
    {VSS_RME_CUSTOM, VSS_WRE_IF_REPLACE_FAILS, VSS_RS_FAILED, "PreRestore"},
};

static const struct involvement *involved;

static void say_involvement(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    (void)writer;
    metadata->lpVtbl->SetRestoreMethod(
        metadata, involved->method, NULL, NULL, involved->involvement, FALSE);
}

static void a_writer_gets_the_events_that_its_metadata_asks_for(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAYSIZE(involvements); i++)
    {
        involved = &involvements[i];
        scripted_writer_stop(&fixture->a);
        fixture->a = (struct scripted_writer){
            .name = L"writer a", .id = writer_a, .components = 2, .describe = say_involvement};
        scripted_writer_start(&fixture->a);
        restore_begin(&fixture->restore, fixture->saved);
        assert_hr(restore_select(&fixture->restore, writer_a, L"data1", TRUE), S_OK);
        assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
        if (involved->status != VSS_RS_UNDEFINED)
            assert_hr(IVssBackupComponents_SetFileRestoreStatus(fixture->restore.components,
                          writer_a, VSS_CT_FILEGROUP, L"group", L"data1", involved->status),
                S_OK);
        assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
        if (strcmp(scripted_writer_events(&fixture->a), involved->events))
            fail_msg("row %u: %s", (unsigned)i, scripted_writer_events(&fixture->a));
        backup_release(&fixture->restore);
    }
}

static void a_veto_shows_in_the_status_and_postrestore_still_comes(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE found;
    fixture->a.at[ON_PRE_RESTORE].veto = TRUE;
    fixture->b.at[ON_POST_RESTORE].veto = TRUE;
    fixture->b.at[ON_POST_RESTORE].failure = VSS_E_WRITERERROR_RETRYABLE;
    restore_begin(&fixture->restore, fixture->saved);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), S_OK);
    assert_hr(restore_select(&fixture->restore, writer_b, L"data0", TRUE), S_OK);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture->restore);
    assert_hr(backup_writer_status(&fixture->restore, fixture->a.instance_id, &found),
        VSS_E_WRITERERROR_NONRETRYABLE);
    assert_int_equal(found, FAILED_AT_PRE_RESTORE);
    assert_hr(backup_writer_status(&fixture->restore, fixture->b.instance_id, &found), S_OK);
    assert_int_equal(found, STABLE);
    assert_hr(IVssBackupComponents_FreeWriterStatus(fixture->restore.components), S_OK);
    assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_string_equal(scripted_writer_events(&fixture->a), "PreRestore PostRestore");
    backup_gather_status(&fixture->restore);
    assert_hr(backup_writer_status(&fixture->restore, fixture->b.instance_id, &found),
        VSS_E_WRITERERROR_RETRYABLE);
    assert_int_equal(found, FAILED_AT_POST_RESTORE);
}

/* A requestor may learn who runs by their status alone. Asking again later is no new beginning:
   what the writers were told stays told. */
static void the_status_can_stand_for_the_metadata(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE found;
    backup_create(&fixture->restore);
    assert_hr(
        IVssBackupComponents_InitializeForRestore(fixture->restore.components, fixture->saved),
        S_OK);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), VSS_E_OBJECT_NOT_FOUND);
    backup_gather_status(&fixture->restore);
    backup_gather_status(&fixture->restore);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), S_OK);
    assert_hr(restore_select(&fixture->restore, writer_b, L"data0", TRUE), S_OK);
    fixture->a.at[ON_PRE_RESTORE].veto = TRUE;
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture->restore);
    assert_hr(backup_writer_status(&fixture->restore, fixture->a.instance_id, &found),
        VSS_E_WRITERERROR_NONRETRYABLE);
    assert_int_equal(found, FAILED_AT_PRE_RESTORE);
    assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_string_equal(scripted_writer_events(&fixture->a), "PreRestore PostRestore");
    assert_string_equal(scripted_writer_events(&fixture->b), "PreRestore PostRestore");
}

static void a_writer_that_left_between_makes_postrestore_fail(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE found;
    restore_begin(&fixture->restore, fixture->saved);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), S_OK);
    assert_hr(restore_select(&fixture->restore, writer_b, L"data0", TRUE), S_OK);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    VSS_ID gone = fixture->a.instance_id;
    scripted_writer_stop(&fixture->a);
    /* The new instance gets nothing. */
    fixture->a = (struct scripted_writer){.name = L"writer a", .id = writer_a, .components = 2};
    scripted_writer_start(&fixture->a);
    assert_hr(restore_post(&fixture->restore), VSS_E_UNEXPECTED_WRITER_ERROR);
    assert_string_equal(scripted_writer_events(&fixture->a), "");
    assert_string_equal(scripted_writer_events(&fixture->b), "PreRestore PostRestore");
    backup_gather_status(&fixture->restore);
    assert_hr(backup_writer_status(&fixture->restore, gone, &found), VSS_E_WRITER_NOT_RESPONDING);
    /* It is over all the same: those who heard it do not hear it twice. */
    assert_hr(restore_post(&fixture->restore), VSS_E_BAD_STATE);
}

static void selecting_needs_a_component_and_a_writer_that_runs(void **state)
{
    struct fixture *fixture = *state;
    static const VSS_ID nobody = {0xcccccccc, 0x3333, 0x4333, {0x83}};
    restore_begin(&fixture->restore, fixture->saved);
    IVssBackupComponents *bc = fixture->restore.components;
    assert_hr(
        restore_select(&fixture->restore, writer_a, L"no such", TRUE), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(restore_select(&fixture->restore, nobody, L"data0", TRUE), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(restore_select(&fixture->restore, writer_a, NULL, TRUE), E_INVALIDARG);
    assert_hr(IVssBackupComponents_SetSelectedForRestore(
                  bc, writer_a, (VSS_COMPONENT_TYPE)9, L"group", L"data0", TRUE),
        E_INVALIDARG);
    scripted_writer_stop(&fixture->b);
    backup_release(&fixture->restore);
    restore_begin(&fixture->restore, fixture->saved);
    assert_hr(restore_select(&fixture->restore, writer_b, L"data0", TRUE), VSS_E_OBJECT_NOT_FOUND);
    scripted_writer_start(&fixture->b);
}

static void one_instance_of_a_class_is_called_and_one_can_be_asked_for(void **state)
{
    struct fixture *fixture = *state;
    struct scripted_writer second = {.name = L"writer a", .id = writer_a, .components = 2};
    IVssBackupComponentsEx *ex = NULL;
    scripted_writer_start(&second);
    restore_begin(&fixture->restore, fixture->saved);
    IVssBackupComponents *bc = fixture->restore.components;
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), S_OK);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture->a.count[ON_PRE_RESTORE] + second.count[ON_PRE_RESTORE], 1);
    backup_release(&fixture->restore);

    fixture->a.count[ON_PRE_RESTORE] = second.count[ON_PRE_RESTORE] = 0;
    restore_begin(&fixture->restore, fixture->saved);
    bc = fixture->restore.components;
    assert_hr(
        IVssBackupComponents_QueryInterface(bc, &IID_IVssBackupComponentsEx, (void **)&ex), S_OK);
    assert_hr(ex->lpVtbl->SetSelectedForRestoreEx(
                  ex, writer_a, VSS_CT_FILEGROUP, L"group", L"data0", TRUE, second.instance_id),
        S_OK);
    assert_hr(ex->lpVtbl->SetSelectedForRestoreEx(
                  ex, writer_a, VSS_CT_FILEGROUP, L"group", L"data0", TRUE, fixture->b.instance_id),
        VSS_E_OBJECT_NOT_FOUND);
    ex->lpVtbl->Release(ex);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_int_equal(second.count[ON_PRE_RESTORE], 1);
    assert_int_equal(fixture->a.count[ON_PRE_RESTORE], 0);
    backup_release(&fixture->restore);
    scripted_writer_stop(&second);
}

/* Instance ids change with each start, names do not: the part goes to its namesake, whichever was
   found first. */
static void a_part_goes_to_the_instance_of_the_same_name(void **state)
{
    struct fixture *fixture = *state;
    static const WCHAR *const names[] = {L"first", L"second"};
    struct backup backup;
    static struct scripted_writer writers[2]; /* a failed test leaves them running */
    for (size_t backed_up = 0; backed_up < 2; backed_up++)
    {
        BSTR saved = NULL;
        memset(writers, 0, sizeof(writers));
        for (size_t i = 0; i < 2; i++)
        {
            writers[i].name = L"twin";
            writers[i].instance_name = names[i];
            writers[i].id = writer_twin;
            writers[i].components = 1;
            scripted_writer_start(&writers[i]);
        }
        backup_begin(&backup, TRUE);
        backup_add_component(&backup, writers[backed_up].instance_id, writer_twin, L"data0");
        backup_start_set(&backup);
        backup_prepare(&backup);
        assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
        assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
        assert_hr(IVssBackupComponents_SaveAsXML(backup.components, &saved), S_OK);
        backup_release(&backup);
        for (size_t i = 0; i < 2; i++)
        {
            scripted_writer_stop(&writers[i]);
            scripted_writer_start(&writers[i]);
        }
        restore_begin(&fixture->restore, saved);
        assert_hr(restore_select(&fixture->restore, writer_twin, L"data0", TRUE), S_OK);
        assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
        assert_int_equal(writers[backed_up].count[ON_PRE_RESTORE], 1);
        assert_int_equal(writers[1 - backed_up].count[ON_PRE_RESTORE], 0);
        backup_release(&fixture->restore);
        for (size_t i = 0; i < 2; i++)
            scripted_writer_stop(&writers[i]);
        SysFreeString(saved);
    }
}

static void out_of_order_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    restore_begin(&fixture->restore, fixture->saved);
    IVssBackupComponents *bc = fixture->restore.components;
    assert_hr(IVssBackupComponents_PreRestore(bc, NULL), E_INVALIDARG);
    assert_hr(IVssBackupComponents_PostRestore(bc, NULL), E_INVALIDARG);
    assert_hr(restore_post(&fixture->restore), VSS_E_BAD_STATE);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), S_OK);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_hr(restore_pre(&fixture->restore), VSS_E_BAD_STATE);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", FALSE), VSS_E_BAD_STATE);
    assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_hr(restore_post(&fixture->restore), VSS_E_BAD_STATE);
    backup_release(&fixture->restore);
    backup_begin(&fixture->restore, TRUE);
    assert_hr(restore_pre(&fixture->restore), VSS_E_BAD_STATE);
    assert_hr(restore_select(&fixture->restore, writer_a, L"data0", TRUE), VSS_E_BAD_STATE);
}

#define RESTORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESTORE_TEST(only_writers_with_a_selected_component_are_called),
        RESTORE_TEST(what_a_writer_says_in_prerestore_is_in_the_document),
        RESTORE_TEST(a_writer_gets_the_events_that_its_metadata_asks_for),
        RESTORE_TEST(a_veto_shows_in_the_status_and_postrestore_still_comes),
        RESTORE_TEST(the_status_can_stand_for_the_metadata),
        RESTORE_TEST(a_writer_that_left_between_makes_postrestore_fail),
        RESTORE_TEST(selecting_needs_a_component_and_a_writer_that_runs),
        RESTORE_TEST(one_instance_of_a_class_is_called_and_one_can_be_asked_for),
        RESTORE_TEST(a_part_goes_to_the_instance_of_the_same_name),
        RESTORE_TEST(out_of_order_it_is_a_bad_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * What a requestor asks of writers before a restore and reports during it: what each method
 * refuses, and that writers and the saved document hold what it took (requestor 1.7, 2.7, 2.10,
 * 6.4; checklist 87-91).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/restore.h"
#include "support/scripted_writer.h"

static const VSS_ID writer_id = {0xa7a7a7a7, 0x1111, 0x4111, {0x87, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID foreign_id = {0xeeeeeeee, 0xeeee, 0xeeee, {0xee, 0xee, 1, 2, 3, 4, 5, 6}};

#define FOLDER L"C:\\thawline-wishes"
#define TARGET L"D:\\elsewhere"

static volatile LONG errors_logged;

static void CALLBACK count_errors(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)line;
    if (level == 1)
        InterlockedIncrement(&errors_logged);
}

/* A refused call: the code, and one sentence. */
#define assert_refused(call, expected)                                                             \
    do                                                                                             \
    {                                                                                              \
        LONG logged_ = errors_logged;                                                              \
        assert_hr(call, expected);                                                                 \
        assert_int_equal(errors_logged - logged_, 1);                                              \
    } while (0)

/* ---- What a component says ---- */

struct seen
{
    HRESULT additional_hr;
    boolean additional;
    boolean authoritative;
    VSS_ROLLFORWARD_TYPE roll_forward;
    VSS_FILE_RESTORE_STATUS status;
    WCHAR options[64];
    WCHAR restore_name[64];
    WCHAR point[64];
    UINT subcomponents, targets, mappings;
    WCHAR sub_path[64], sub_name[64];
    boolean repair;
    WCHAR target[3][64], mapping[3][64]; /* path, filespec, destination */
    boolean target_recursive, mapping_recursive;
    WCHAR ranges[64];
};

static void keep(WCHAR *to, BSTR text)
{
    lstrcpynW(to, text ? text : L"(none)", 64);
    SysFreeString(text);
}

static void look_at_files(IVssWMFiledesc *file, WCHAR texts[3][64], boolean *recursive)
{
    BSTR text = NULL;
    IVssWMFiledesc_GetPath(file, &text);
    keep(texts[0], text);
    IVssWMFiledesc_GetFilespec(file, &text);
    keep(texts[1], text);
    IVssWMFiledesc_GetAlternateLocation(file, &text);
    keep(texts[2], text);
    IVssWMFiledesc_GetRecursive(file, recursive);
    IVssWMFiledesc_Release(file);
}

static void look_at_lists(IVssComponent *component, struct seen *seen)
{
    IVssWMFiledesc *file = NULL;
    BSTR parts[4] = {NULL};
    IVssComponent_GetRestoreSubcomponentCount(component, &seen->subcomponents);
    if (seen->subcomponents)
    {
        IVssComponent_GetRestoreSubcomponent(component, 0, &parts[0], &parts[1], &seen->repair);
        keep(seen->sub_path, parts[0]);
        keep(seen->sub_name, parts[1]);
    }
    IVssComponent_GetNewTargetCount(component, &seen->targets);
    if (seen->targets && SUCCEEDED(IVssComponent_GetNewTarget(component, 0, &file)))
        look_at_files(file, seen->target, &seen->target_recursive);
    IVssComponent_GetAlternateLocationMappingCount(component, &seen->mappings);
    if (seen->mappings && SUCCEEDED(IVssComponent_GetAlternateLocationMapping(component, 0, &file)))
        look_at_files(file, seen->mapping, &seen->mapping_recursive);
    if (SUCCEEDED(
            IVssComponent_GetPartialFile(component, 0, &parts[0], &parts[1], &parts[2], &parts[3])))
    {
        keep(seen->ranges, parts[2]);
        SysFreeString(parts[0]);
        SysFreeString(parts[1]);
        SysFreeString(parts[3]);
    }
}

static void look(IVssComponent *component, struct seen *seen)
{
    IVssComponentEx *extended = NULL;
    BSTR text = NULL;
    seen->additional_hr = IVssComponent_GetAdditionalRestores(component, &seen->additional);
    IVssComponent_GetFileRestoreStatus(component, &seen->status);
    IVssComponent_GetRestoreOptions(component, &text);
    keep(seen->options, text);
    look_at_lists(component, seen);
    IVssComponent_QueryInterface(component, &IID_IVssComponentEx, (void **)&extended);
    IVssComponentEx_GetAuthoritativeRestore(extended, &seen->authoritative);
    IVssComponentEx_GetRollForward(extended, &seen->roll_forward, &text);
    keep(seen->point, text);
    IVssComponentEx_GetRestoreName(extended, &text);
    keep(seen->restore_name, text);
    IVssComponentEx_Release(extended);
}

static void look_in_handler(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = NULL;
    (void)writer;
    if (FAILED(event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component)))
        return;
    look(component, context);
    IVssComponent_Release(component);
}

/* ---- The fixture: a backup of group\data0 and group\data1 came before ---- */

struct fixture
{
    struct scripted_writer writer;
    BSTR saved;
    struct backup restore;
    IVssBackupComponentsEx3 *bc; /* the restore's, not a reference */
    LONG blocks;
};

/* group\data0 has a file set, and so has a component beneath it. */
static void describe(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    (void)writer;
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", FOLDER, L"*.dat", FALSE, NULL, 0xF0F);
    metadata->lpVtbl->AddComponent(metadata, VSS_CT_DATABASE, L"group\\data0", L"below", NULL, NULL,
        0, FALSE, FALSE, FALSE, TRUE, 0);
    metadata->lpVtbl->AddDatabaseLogFiles(
        metadata, L"group\\data0", L"below", FOLDER L"\\log\\", L"log?.*", 0xF0F);
    /* Beneath names that only begin like data0's, and like its path. */
    metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group\\data01", L"near", NULL,
        NULL, 0, FALSE, FALSE, FALSE, TRUE, 0);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group\\data01", L"near", FOLDER L"\\near", L"*", FALSE, NULL, 0xF0F);
    metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group2\\data0", L"far", NULL, NULL,
        0, FALSE, FALSE, FALSE, TRUE, 0);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group2\\data0", L"far", FOLDER L"\\far", L"*", FALSE, NULL, 0xF0F);
}

static void add_partial_file(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = NULL;
    (void)writer;
    (void)context;
    event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component);
    IVssComponent_AddPartialFile(component, FOLDER, L"big.dat", L"C:\\ranges.bin", NULL);
    IVssComponent_Release(component);
}

static void back_up(struct fixture *fixture)
{
    struct backup backup;
    backup_begin(&backup, TRUE);
    backup_add_component(&backup, fixture->writer.instance_id, writer_id, L"data0");
    backup_add_component(&backup, fixture->writer.instance_id, writer_id, L"data1");
    backup_start_set(&backup);
    backup_prepare(&backup);
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SaveAsXML(backup.components, &fixture->saved), S_OK);
    backup_release(&backup);
}

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    assert_hr(ThawlineSetOption(L"PROVIDER", L"live"), S_OK);
    fixture->blocks = ThawlineGetLiveBlocks();
    fixture->writer = (struct scripted_writer){
        .name = L"writer", .id = writer_id, .components = 2, .describe = describe};
    fixture->writer.at[ON_POST_SNAPSHOT].action = add_partial_file;
    scripted_writer_start(&fixture->writer);
    back_up(fixture);
    ThawlineSetLogSink(count_errors, NULL, 1);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->restore);
    ThawlineSetLogSink(NULL, NULL, 0);
    scripted_writer_stop(&fixture->writer);
    SysFreeString(fixture->saved);
    LONG blocks = ThawlineGetLiveBlocks() - fixture->blocks;
    test_free(fixture);
    if (blocks)
        print_error("%ld blocks are left\n", (long)blocks);
    return blocks ? -1 : 0;
}

/* All five interfaces are one object and one table (requestor 0.4). */
static IVssBackupComponentsEx3 *as_ex3(struct backup *session)
{
    return (IVssBackupComponentsEx3 *)session->components;
}

static void begin(struct fixture *fixture)
{
    restore_begin(&fixture->restore, fixture->saved);
    fixture->bc = as_ex3(&fixture->restore);
}

static void begin_selected(struct fixture *fixture)
{
    begin(fixture);
    assert_hr(restore_select(&fixture->restore, writer_id, L"data0", TRUE), S_OK);
}

/* ---- What all of them refuse ---- */

struct who
{
    VSS_ID writer;
    VSS_COMPONENT_TYPE type;
    const WCHAR *path;
    const WCHAR *name;
};

#define WHO(who) (who)->writer, (who)->type, (who)->path, (who)->name

static HRESULT set_options(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetRestoreOptions(bc, WHO(who), L"\"a\"=\"b\"");
}

static HRESULT set_additional(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetAdditionalRestores(bc, WHO(who), TRUE);
}

static HRESULT add_mapping(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->AddAlternativeLocationMapping(bc, WHO(who), FOLDER, L"*.dat", FALSE, TARGET);
}

static HRESULT add_target(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->AddNewTarget(bc, WHO(who), FOLDER, L"*.dat", FALSE, TARGET);
}

static HRESULT add_subcomponent(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->AddRestoreSubcomponent(bc, WHO(who), L"group\\data0", L"below", FALSE);
}

static HRESULT set_status(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetFileRestoreStatus(bc, WHO(who), VSS_RS_ALL);
}

static HRESULT set_ranges(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetRangesFilePath(bc, WHO(who), 0, L"D:\\ranges.bin");
}

static HRESULT set_authoritative(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetAuthoritativeRestore(bc, WHO(who), TRUE);
}

static HRESULT set_roll_forward(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetRollForward(bc, WHO(who), VSS_RF_PARTIAL, L"point 7");
}

static HRESULT set_name(IVssBackupComponentsEx3 *bc, const struct who *who)
{
    return bc->lpVtbl->SetRestoreName(bc, WHO(who), L"new name");
}

static const struct method
{
    const char *name;
    HRESULT (*call)(IVssBackupComponentsEx3 *bc, const struct who *who);
    bool before_pre_restore;
    bool after_pre_restore;
} methods[] = {
    {"SetRestoreOptions", set_options, true, false},
    {"SetAdditionalRestores", set_additional, true, true},
    {"AddAlternativeLocationMapping", add_mapping, true, true},
    {"AddNewTarget", add_target, true, true},
    {"AddRestoreSubcomponent", add_subcomponent, true, false},
    {"SetFileRestoreStatus", set_status, false, true},
    {"SetRangesFilePath", set_ranges, true, true},
    {"SetAuthoritativeRestore", set_authoritative, true, false},
    {"SetRollForward", set_roll_forward, true, false},
    {"SetRestoreName", set_name, true, false},
};

static const struct who data0 = {{0xa7a7a7a7, 0x1111, 0x4111, {0x87, 1, 1, 1, 1, 1, 1, 1}},
    VSS_CT_FILEGROUP, L"group", L"data0"};

/* Each refusal is one sentence in the log, too. */
static void check(const struct method *method, IVssBackupComponentsEx3 *bc, const struct who *who,
    HRESULT expected, const char *when)
{
    LONG logged = errors_logged;
    HRESULT hr = method->call(bc, who);
    if (hr != expected || errors_logged - logged != (FAILED(expected) ? 1 : 0))
        fail_msg("%s %s: %s, expected %s; %ld lines in the log", method->name, when,
            ThawlineGetResultName(hr), ThawlineGetResultName(expected),
            (long)(errors_logged - logged));
}

static void check_all(
    struct fixture *fixture, const struct who *who, HRESULT expected, const char *when)
{
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        if (methods[i].before_pre_restore)
            check(&methods[i], fixture->bc, who, expected, when);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        if (methods[i].after_pre_restore)
            check(&methods[i], fixture->bc, who, expected, when);
    backup_release(&fixture->restore);
}

static void arguments_that_name_no_component_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        const char *when;
        VSS_COMPONENT_TYPE type;
        const WCHAR *path;
        const WCHAR *name;
        bool foreign;
        HRESULT expected;
    } cases[] = {
        {"without a name", VSS_CT_FILEGROUP, L"group", NULL, false, E_INVALIDARG},
        {"of no type", VSS_CT_UNDEFINED, L"group", L"data0", false, E_INVALIDARG},
        {"of a wild type", (VSS_COMPONENT_TYPE)9, L"group", L"data0", false, E_INVALIDARG},
        {"of another type", VSS_CT_DATABASE, L"group", L"data0", false, VSS_E_OBJECT_NOT_FOUND},
        {"of another name", VSS_CT_FILEGROUP, L"group", L"data7", false, VSS_E_OBJECT_NOT_FOUND},
        {"of an empty name", VSS_CT_FILEGROUP, L"group", L"", false, VSS_E_OBJECT_NOT_FOUND},
        {"without its path", VSS_CT_FILEGROUP, NULL, L"data0", false, VSS_E_OBJECT_NOT_FOUND},
        {"of another class", VSS_CT_FILEGROUP, L"group", L"data0", true, VSS_E_OBJECT_NOT_FOUND},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++)
    {
        struct who who = {
            cases[i].foreign ? foreign_id : writer_id, cases[i].type, cases[i].path, cases[i].name};
        begin_selected(fixture);
        check_all(fixture, &who, cases[i].expected, cases[i].when);
    }
    begin_selected(fixture);
    check_all(fixture, &data0, S_OK, "of the right component");
}

static void each_has_its_phases(void **state)
{
    struct fixture *fixture = *state;
    struct backup other;
    backup_create(&other);
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        check(&methods[i], as_ex3(&other), &data0, VSS_E_BAD_STATE, "before initialisation");
    backup_release(&other);
    backup_begin(&other, TRUE);
    backup_add_component(&other, fixture->writer.instance_id, writer_id, L"data0");
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        check(&methods[i], as_ex3(&other), &data0, VSS_E_BAD_STATE, "in a backup");
    backup_release(&other);
    begin_selected(fixture);
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        check(&methods[i], fixture->bc, &data0,
            methods[i].before_pre_restore ? S_OK : VSS_E_BAD_STATE, "before PreRestore");
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        check(&methods[i], fixture->bc, &data0,
            methods[i].after_pre_restore ? S_OK : VSS_E_BAD_STATE, "after PreRestore");
    assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        check(&methods[i], fixture->bc, &data0, VSS_E_BAD_STATE, "after PostRestore");
}

/* ---- What each refuses ---- */

#define DATA0 writer_id, VSS_CT_FILEGROUP, L"group", L"data0"

static void texts_must_be_there_and_fit_a_document(void **state)
{
    struct fixture *fixture = *state;
    static const WCHAR wild[] = L"a\x0001z";
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    assert_refused(bc->lpVtbl->SetRestoreOptions(bc, DATA0, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRestoreOptions(bc, DATA0, wild), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRestoreName(bc, DATA0, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRestoreName(bc, DATA0, wild), E_INVALIDARG);
    assert_refused(
        bc->lpVtbl->AddRestoreSubcomponent(bc, DATA0, NULL, L"below", FALSE), E_INVALIDARG);
    assert_refused(
        bc->lpVtbl->AddRestoreSubcomponent(bc, DATA0, L"group\\data0", NULL, FALSE), E_INVALIDARG);
    assert_refused(
        bc->lpVtbl->AddRestoreSubcomponent(bc, DATA0, wild, L"below", FALSE), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRangesFilePath(bc, DATA0, 0, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRangesFilePath(bc, DATA0, 0, L""), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRangesFilePath(bc, DATA0, 0, wild), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRollForward(bc, DATA0, VSS_RF_PARTIAL, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRollForward(bc, DATA0, VSS_RF_PARTIAL, wild), E_INVALIDARG);
    /* A document that holds none of it. */
    BSTR xml = NULL;
    assert_hr(IVssBackupComponents_SaveAsXML(fixture->restore.components, &xml), S_OK);
    SysFreeString(xml);
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const LONG roll_forwards[] = {-1, 0, 4, 0x7fffffff};
    static const LONG statuses[] = {-1, 0, 4, 0x7fffffff};
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    for (size_t i = 0; i < ARRAYSIZE(roll_forwards); i++)
        assert_refused(
            bc->lpVtbl->SetRollForward(bc, DATA0, (VSS_ROLLFORWARD_TYPE)roll_forwards[i], L"point"),
            E_INVALIDARG);
    assert_refused(bc->lpVtbl->SetRangesFilePath(bc, DATA0, 1, L"D:\\r"), VSS_E_OBJECT_NOT_FOUND);
    assert_refused(
        bc->lpVtbl->SetRangesFilePath(bc, DATA0, 0xffffffff, L"D:\\r"), VSS_E_OBJECT_NOT_FOUND);
    assert_refused(bc->lpVtbl->SetRangesFilePath(
                       bc, writer_id, VSS_CT_FILEGROUP, L"group", L"data1", 0, L"D:\\r"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    for (size_t i = 0; i < ARRAYSIZE(statuses); i++)
        assert_refused(
            bc->lpVtbl->SetFileRestoreStatus(bc, DATA0, (VSS_FILE_RESTORE_STATUS)statuses[i]),
            E_INVALIDARG);
}

struct file_set
{
    const WCHAR *path;
    const WCHAR *filespec;
    boolean recursive;
    const WCHAR *destination;
    HRESULT expected;
};

static void file_sets_are_those_of_the_component_and_of_what_lies_beneath(void **state)
{
    struct fixture *fixture = *state;
    static const struct file_set sets[] = {
        {NULL, L"*.dat", FALSE, TARGET, E_INVALIDARG},
        {FOLDER, NULL, FALSE, TARGET, E_INVALIDARG},
        {FOLDER, L"*.dat", FALSE, NULL, E_INVALIDARG},
        {L"", L"*.dat", FALSE, TARGET, E_INVALIDARG},
        {FOLDER, L"", FALSE, TARGET, E_INVALIDARG},
        {FOLDER, L"*.dat", FALSE, L"", E_INVALIDARG},
        {L"C:\\thawline-*", L"*.dat", FALSE, TARGET, E_INVALIDARG},
        {FOLDER, L"log\\*.dat", FALSE, TARGET, E_INVALIDARG},
        {FOLDER, L"*.dat", FALSE, L"D:\\\xffff", E_INVALIDARG},
        {FOLDER, L"*.dat", TRUE, TARGET, VSS_E_OBJECT_NOT_FOUND},
        {FOLDER, L"*.da", FALSE, TARGET, VSS_E_OBJECT_NOT_FOUND},
        {FOLDER L"\\log", L"log?.*", FALSE, TARGET, VSS_E_OBJECT_NOT_FOUND},
        {FOLDER L"\\near", L"*", FALSE, TARGET, VSS_E_OBJECT_NOT_FOUND},
        {FOLDER L"\\far", L"*", FALSE, TARGET, VSS_E_OBJECT_NOT_FOUND},
        {FOLDER, L"*.dat", FALSE, TARGET, S_OK},
        {FOLDER L"\\log\\", L"log?.*", FALSE, TARGET, S_OK},
    };
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    for (size_t i = 0; i < ARRAYSIZE(sets); i++)
    {
        const struct file_set *set = &sets[i];
        LONG logged = errors_logged;
        assert_hr(bc->lpVtbl->AddNewTarget(
                      bc, DATA0, set->path, set->filespec, set->recursive, set->destination),
            set->expected);
        assert_hr(bc->lpVtbl->AddAlternativeLocationMapping(
                      bc, DATA0, set->path, set->filespec, set->recursive, set->destination),
            set->expected);
        assert_int_equal(errors_logged - logged, FAILED(set->expected) ? 2 : 0);
    }
    /* Of data0, not of its neighbour. */
    assert_refused(bc->lpVtbl->AddNewTarget(bc, writer_id, VSS_CT_FILEGROUP, L"group", L"data1",
                       FOLDER, L"*.dat", FALSE, TARGET),
        VSS_E_OBJECT_NOT_FOUND);
    /* A new target is a full path; a mapping's may have variables, as its writer wrote it. */
    assert_refused(
        bc->lpVtbl->AddNewTarget(bc, DATA0, FOLDER, L"*.dat", FALSE, L"elsewhere"), E_INVALIDARG);
    assert_refused(
        bc->lpVtbl->AddNewTarget(bc, DATA0, FOLDER, L"*.dat", FALSE, L"D:elsewhere"), E_INVALIDARG);
    assert_hr(
        bc->lpVtbl->AddNewTarget(bc, DATA0, FOLDER, L"*.dat", FALSE, L"\\\\server\\share\\folder"),
        S_OK);
    assert_hr(bc->lpVtbl->AddAlternativeLocationMapping(
                  bc, DATA0, FOLDER, L"*.dat", FALSE, L"%PUBLIC%\\elsewhere"),
        S_OK);
}

static void a_subcomponent_needs_its_ancestor_selected(void **state)
{
    struct fixture *fixture = *state;
    UINT writers = 0;
    begin(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    assert_refused(add_subcomponent(bc, &data0), VSS_E_BAD_STATE);
    assert_hr(restore_select(&fixture->restore, writer_id, L"data0", TRUE), S_OK);
    assert_hr(add_subcomponent(bc, &data0), S_OK);
    assert_hr(restore_select(&fixture->restore, writer_id, L"data0", FALSE), S_OK);
    assert_refused(add_subcomponent(bc, &data0), VSS_E_BAD_STATE);
    /* It has no entry of its own. */
    IVssWriterComponentsExt *part = NULL;
    assert_hr(bc->lpVtbl->GetWriterComponentsCount(bc, &writers), S_OK);
    assert_int_equal(writers, 1);
    assert_hr(bc->lpVtbl->GetWriterComponents(bc, 0, &part), S_OK);
    UINT components = 0;
    assert_hr(part->lpVtbl->GetComponentCount(part, &components), S_OK);
    assert_int_equal(components, 2);
    IUnknown_Release((IUnknown *)((void **)part + 1));
}

static void a_recovery_set_needs_a_hardware_provider(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = (IVssAsync *)1;
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    assert_refused(bc->lpVtbl->AddSnapshotToRecoverySet(bc, GUID_NULL, 0, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->AddSnapshotToRecoverySet(bc, foreign_id, 1, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->AddSnapshotToRecoverySet(bc, foreign_id, 0, NULL), VSS_E_BAD_STATE);
    assert_refused(bc->lpVtbl->RecoverSet(bc, 0, NULL), E_INVALIDARG);
    assert_refused(bc->lpVtbl->RecoverSet(bc, 0x400, &async), E_INVALIDARG);
    assert_null(async);
    async = (IVssAsync *)1;
    assert_refused(bc->lpVtbl->RecoverSet(bc, 0x300, &async), VSS_E_BAD_STATE);
    assert_null(async);
}

static void without_metadata_options_and_file_sets_are_taken_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    backup_create(&fixture->restore);
    IVssBackupComponentsEx3 *bc = as_ex3(&fixture->restore);
    assert_hr(bc->lpVtbl->InitializeForRestore(bc, fixture->saved), S_OK);
    assert_hr(set_options(bc, &data0), S_OK);
    assert_hr(bc->lpVtbl->AddNewTarget(bc, DATA0, L"Q:\\any", L"*", TRUE, TARGET), S_OK);
    /* The question mark of this prefix is no wildcard. */
    assert_hr(bc->lpVtbl->AddAlternativeLocationMapping(
                  bc, DATA0, L"\\\\?\\Volume{x}\\any", L"*", TRUE, TARGET),
        S_OK);
    assert_refused(bc->lpVtbl->AddAlternativeLocationMapping(
                       bc, DATA0, L"\\\\?\\Volume{x}\\a?y", L"*", TRUE, TARGET),
        E_INVALIDARG);
}

/* ---- What becomes of it ---- */

static void say_all(IVssBackupComponentsEx3 *bc)
{
    assert_hr(bc->lpVtbl->SetRestoreOptions(bc, DATA0, L"replaced"), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
        if (methods[i].before_pre_restore)
            assert_hr(methods[i].call(bc, &data0), S_OK);
}

static void assert_all_seen(const struct seen *seen)
{
    assert_hr(seen->additional_hr, S_OK);
    assert_true(seen->additional);
    assert_true(seen->authoritative);
    assert_int_equal(seen->roll_forward, VSS_RF_PARTIAL);
    assert_int_equal(lstrcmpW(seen->point, L"point 7"), 0);
    assert_int_equal(lstrcmpW(seen->options, L"\"a\"=\"b\""), 0);
    assert_int_equal(lstrcmpW(seen->restore_name, L"new name"), 0);
    assert_int_equal(seen->subcomponents, 1);
    assert_int_equal(lstrcmpW(seen->sub_path, L"group\\data0"), 0);
    assert_int_equal(lstrcmpW(seen->sub_name, L"below"), 0);
    assert_false(seen->repair);
    assert_int_equal(seen->targets, 1);
    assert_int_equal(lstrcmpW(seen->target[0], FOLDER), 0);
    assert_int_equal(lstrcmpW(seen->target[1], L"*.dat"), 0);
    assert_int_equal(lstrcmpW(seen->target[2], TARGET), 0);
    assert_false(seen->target_recursive);
    assert_int_equal(lstrcmpW(seen->mapping[0], FOLDER), 0);
    assert_int_equal(lstrcmpW(seen->mapping[1], L"*.dat"), 0);
    assert_int_equal(lstrcmpW(seen->mapping[2], TARGET), 0);
    assert_false(seen->mapping_recursive);
    assert_int_equal(lstrcmpW(seen->ranges, L"D:\\ranges.bin"), 0);
}

static void writers_and_the_document_hold_what_was_said(void **state)
{
    struct fixture *fixture = *state;
    struct seen pre = {0};
    struct seen post = {0};
    struct seen saved = {0};
    fixture->writer.at[ON_PRE_RESTORE].action = look_in_handler;
    fixture->writer.at[ON_PRE_RESTORE].context = &pre;
    fixture->writer.at[ON_POST_RESTORE].action = look_in_handler;
    fixture->writer.at[ON_POST_RESTORE].context = &post;
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    say_all(bc);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_all_seen(&pre);
    assert_int_equal(pre.mappings, 1);
    assert_int_equal(pre.status, VSS_RS_NONE);
    /* Files are restored now; what that brings is for PostRestore. */
    assert_hr(bc->lpVtbl->AddAlternativeLocationMapping(
                  bc, DATA0, FOLDER L"\\log\\", L"log?.*", FALSE, L"D:\\logs"),
        S_OK);
    assert_hr(bc->lpVtbl->SetFileRestoreStatus(bc, DATA0, VSS_RS_ALL), S_OK);
    assert_hr(bc->lpVtbl->SetFileRestoreStatus(bc, DATA0, VSS_RS_FAILED), S_OK);
    assert_hr(restore_post(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_all_seen(&post);
    assert_int_equal(post.mappings, 2);
    assert_int_equal(post.status, VSS_RS_FAILED);
    /* Saved, and loaded by another object. */
    BSTR xml = NULL;
    assert_hr(IVssBackupComponents_SaveAsXML(fixture->restore.components, &xml), S_OK);
    backup_release(&fixture->restore);
    restore_begin(&fixture->restore, xml);
    SysFreeString(xml);
    IVssComponent *component = restore_find(&fixture->restore, writer_id, L"data0");
    look(component, &saved);
    IVssComponent_Release(component);
    assert_all_seen(&saved);
    assert_int_equal(saved.mappings, 2);
    assert_int_equal(saved.status, VSS_RS_FAILED);
}

static void what_was_not_said_has_its_default(void **state)
{
    struct fixture *fixture = *state;
    struct seen pre = {0};
    fixture->writer.at[ON_PRE_RESTORE].action = look_in_handler;
    fixture->writer.at[ON_PRE_RESTORE].context = &pre;
    begin_selected(fixture);
    assert_hr(restore_pre(&fixture->restore), VSS_S_ASYNC_FINISHED);
    assert_hr(pre.additional_hr, S_FALSE);
    assert_false(pre.additional);
    assert_false(pre.authoritative);
    assert_int_equal(pre.roll_forward, VSS_RF_UNDEFINED);
    assert_int_equal(lstrcmpW(pre.point, L"(none)"), 0);
    assert_int_equal(lstrcmpW(pre.options, L"(none)"), 0);
    assert_int_equal(lstrcmpW(pre.restore_name, L"(none)"), 0);
    assert_int_equal(pre.subcomponents + pre.targets + pre.mappings, 0);
    assert_int_equal(pre.status, VSS_RS_NONE);
    assert_int_equal(lstrcmpW(pre.ranges, L"C:\\ranges.bin"), 0);
}

/* One-byte booleans: what stands above the low byte is garbage (requestor 0.4). */
static void only_the_low_byte_of_a_boolean_counts(void **state)
{
    struct fixture *fixture = *state;
    typedef HRESULT(STDMETHODCALLTYPE * wide)(IVssBackupComponentsEx3 * bc, VSS_ID id,
        VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name, DWORD value);
    struct seen seen = {0};
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    wide additional = (wide)(void *)bc->lpVtbl->SetAdditionalRestores;
    wide authoritative = (wide)(void *)bc->lpVtbl->SetAuthoritativeRestore;
    assert_hr(additional(bc, DATA0, 0xFFFFFF00), S_OK);
    assert_hr(authoritative(bc, DATA0, 0xFFFFFF00), S_OK);
    IVssComponent *component = restore_find(&fixture->restore, writer_id, L"data0");
    look(component, &seen);
    assert_hr(seen.additional_hr, S_OK);
    assert_false(seen.additional);
    assert_false(seen.authoritative);
    assert_hr(additional(bc, DATA0, 0x00000101), S_OK);
    assert_hr(authoritative(bc, DATA0, 0x00000101), S_OK);
    look(component, &seen);
    assert_true(seen.additional);
    assert_true(seen.authoritative);
    IVssComponent_Release(component);
}

/* A point belongs to VSS_RF_PARTIAL, and goes with it. */
static void a_roll_forward_can_be_changed(void **state)
{
    struct fixture *fixture = *state;
    struct seen seen = {0};
    begin_selected(fixture);
    IVssBackupComponentsEx3 *bc = fixture->bc;
    assert_hr(set_roll_forward(bc, &data0), S_OK);
    assert_hr(bc->lpVtbl->SetRollForward(bc, DATA0, VSS_RF_ALL, NULL), S_OK);
    IVssComponent *component = restore_find(&fixture->restore, writer_id, L"data0");
    look(component, &seen);
    assert_int_equal(seen.roll_forward, VSS_RF_ALL);
    assert_int_equal(lstrcmpW(seen.point, L"(none)"), 0);
    assert_hr(bc->lpVtbl->SetRollForward(bc, DATA0, VSS_RF_NONE, L"ignored"), S_OK);
    look(component, &seen);
    assert_int_equal(seen.roll_forward, VSS_RF_NONE);
    IVssComponent_Release(component);
    BSTR xml = NULL;
    assert_hr(IVssBackupComponents_SaveAsXML(fixture->restore.components, &xml), S_OK);
    assert_null(wcsstr(xml, L"ignored"));
    assert_null(wcsstr(xml, L"point 7"));
    SysFreeString(xml);
}

#define WISH_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WISH_TEST(arguments_that_name_no_component_are_refused),
        WISH_TEST(each_has_its_phases),
        WISH_TEST(texts_must_be_there_and_fit_a_document),
        WISH_TEST(numbers_out_of_range_are_refused),
        WISH_TEST(file_sets_are_those_of_the_component_and_of_what_lies_beneath),
        WISH_TEST(a_subcomponent_needs_its_ancestor_selected),
        WISH_TEST(a_recovery_set_needs_a_hardware_provider),
        WISH_TEST(without_metadata_options_and_file_sets_are_taken_as_they_are),
        WISH_TEST(writers_and_the_document_hold_what_was_said),
        WISH_TEST(what_was_not_said_has_its_default),
        WISH_TEST(only_the_low_byte_of_a_boolean_counts),
        WISH_TEST(a_roll_forward_can_be_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

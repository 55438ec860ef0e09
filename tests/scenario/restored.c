/* SPDX-License-Identifier: MIT
 *
 * A folder and a writer that are restored. See restored.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "scenario/restored.h"

static const VSS_ID writer_id = {0xa9a9a9a9, 0x1111, 0x4111, {0x89, 1, 1, 1, 1, 1, 1, 1}};

struct restored restored;

/* ---- The writer ---- */

static void describe(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    WCHAR one[SAMPLE_PATH], two[SAMPLE_PATH], below[SAMPLE_PATH];

    (void)writer;
    _snwprintf(one, SAMPLE_PATH, L"%ls\\one", restored.source);
    _snwprintf(two, SAMPLE_PATH, L"%ls\\two\\", restored.source);
    _snwprintf(below, SAMPLE_PATH, L"%ls\\two\\below", restored.source);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", one, L"*", TRUE, NULL, 0xF0F);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data1", two, L"*.txt", FALSE, NULL, 0xF0F);
    metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group\\data1", L"below", NULL,
        NULL, 0, FALSE, FALSE, FALSE, TRUE, 0);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group\\data1", L"below", below, L"*.*", TRUE, NULL, 0xF0F);
    if (restored.method)
        metadata->lpVtbl->SetRestoreMethod(
            metadata, restored.method, restored.service, NULL, VSS_WRE_ALWAYS, FALSE);
    if (*restored.mapping)
        metadata->lpVtbl->AddAlternateLocationMapping(metadata, one, L"*", TRUE, restored.mapping);
    if (restored.schema)
        metadata->lpVtbl->SetBackupSchema(metadata, restored.schema);
}

static void see_component(IVssComponent *component, BSTR name)
{
    IVssWMFiledesc *file = NULL;
    BSTR target = NULL;

    if (wcscmp(name, L"data1") == 0)
    {
        IVssComponent_GetRestoreSubcomponentCount(component, &restored.subcomponents);
        return;
    }
    IVssComponent_GetFileRestoreStatus(component, &restored.status);
    IVssComponent_GetAlternateLocationMappingCount(component, &restored.mappings);
    IVssComponent_GetNewTargetCount(component, &restored.targets);
    if (!restored.targets || FAILED(IVssComponent_GetNewTarget(component, 0, &file)))
        return;
    if (IVssWMFiledesc_GetAlternateLocation(file, &target) == S_OK)
        lstrcpynW(restored.target, target, SAMPLE_PATH);
    SysFreeString(target);
    IVssWMFiledesc_Release(file);
}

static void see(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    UINT count = 0;

    (void)writer;
    (void)context;
    event->pComponents->lpVtbl->GetComponentCount(event->pComponents, &count);
    for (UINT i = 0; i < count; i++)
    {
        IVssComponent *component = NULL;
        BSTR name = NULL;

        event->pComponents->lpVtbl->GetComponent(event->pComponents, i, &component);
        IVssComponent_GetComponentName(component, &name);
        see_component(component, name);
        SysFreeString(name);
        IVssComponent_Release(component);
    }
}

void restored_start_writer(void)
{
    restored.writer = (struct scripted_writer){
        .name = L"Ledger", .id = writer_id, .components = 2, .describe = describe};
    restored.writer.at[ON_POST_RESTORE].action = see;
    scripted_writer_start(&restored.writer);
}

void restored_forget_events(void)
{
    memset((void *)restored.writer.count, 0, sizeof(restored.writer.count));
}

/* ---- The fixture ---- */

int restored_set_up(void **state)
{
    (void)state;
    restored = (struct restored){0};
    sample_path(L"source", restored.source);
    sample_path(L"copy", restored.copy);
    sample_path(L"reference", restored.reference);
    sample_path(L"other", restored.other);
    sample_make(in(restored.source, L"one"));
    sample_write(in(restored.source, L"two\\a.txt"), "a", 1);
    sample_write(in(restored.source, L"two\\no.bin"), "no component's", 14);
    sample_write(in(restored.source, L"two\\below\\b.txt"), "bb", 2);
    test_set_age(in(restored.source, L"two\\a.txt"), 100000);
    test_set_age(in(restored.source, L"two\\below"), 200000);
    return 0;
}

int restored_tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&restored.writer);
    sample_remove(restored.source);
    sample_remove(restored.copy);
    sample_remove(restored.reference);
    sample_remove(restored.other);
    return 0;
}

void restored_back_up(void)
{
    cli_expect(0, NULL, L"backup %ls %ls --quiet", restored.source, restored.copy);
    restored_forget_events();
}

void restored_lose_source(void)
{
    assert_true(MoveFileW(restored.source, restored.reference));
}

void restored_restore(struct cli_process *cli, const WCHAR *options)
{
    cli_run(cli, RESTORE L"%ls", restored.copy, restored.copy, options);
}

void restored_assert_whole(void)
{
    if (test_compare_trees(restored.reference, restored.source, NULL))
        fail_msg("the source is not what it was");
}

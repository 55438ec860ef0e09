/* SPDX-License-Identifier: MIT
 *
 * The examples writer_c and writer_cxx, which are made with vsswriter.h: both, of this and of the
 * other bitness, take part in one backup and one restore, hold still from Freeze to Thaw, and end
 * when they are told to. The live provider serves.
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

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/scripted_writer.h"

#define EXAMPLES 2

/* As the examples have them. */
static const VSS_ID classes[EXAMPLES] = {
    {0x5b1f7c52, 0x7a0e, 0x4c3b, {0x9f, 0x5d, 0x2a, 0x64, 0xd0, 0xc1, 0xe8, 0x01}},
    {0x5b1f7c52, 0x7a0e, 0x4c3b, {0x9f, 0x5d, 0x2a, 0x64, 0xd0, 0xc1, 0xe8, 0x02}},
};
static const WCHAR *const programs[EXAMPLES] = {L"writer_c.exe", L"writer_cxx.exe"};

/* Whose bitness is the other one. */
struct cast
{
    bool other[EXAMPLES];
};

static struct cli_process examples[EXAMPLES];
static WCHAR folders[EXAMPLES][MAX_PATH];
static struct backup backup;
/* Freezes after the examples. */
static struct scripted_writer last;

static void type_to_both(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    (void)writer;
    (void)event;
    for (int i = 0; i < EXAMPLES; i++)
        cli_type(&examples[i], context);
}

static void start_example(int i, bool other)
{
    WCHAR arguments[MAX_PATH + 2];
    WCHAR folder[MAX_PATH];
    WCHAR program[2 * MAX_PATH];
    DWORD length = GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", folder, MAX_PATH);
    assert_in_range(length, 1, MAX_PATH - 1);
    _snwprintf(arguments, ARRAYSIZE(arguments), L"\"%ls\"", folders[i]);
    _snwprintf(program, ARRAYSIZE(program), L"%ls\\%ls", folder, programs[i]);
    cli_start(&examples[i], other ? program : programs[i], arguments, 0);
    assert_true(cli_wait_for(&examples[i].out, "subscribed"));
}

static int set_up(void **state)
{
    const struct cast *cast = *state;
    static unsigned casts;
    WCHAR temp[MAX_PATH];
    casts++;
    assert_in_range(GetTempPathW(MAX_PATH, temp), 1, MAX_PATH - 40);
    for (int i = 0; i < EXAMPLES; i++)
    {
        _snwprintf(folders[i], MAX_PATH, L"%lsexample-%lu-%u-%d", temp, GetCurrentProcessId(),
            casts, i);
        assert_true(CreateDirectoryW(folders[i], NULL));
        start_example(i, cast->other[i]);
    }
    last = (struct scripted_writer){.name = L"last",
        .id = {0xe0e1e0e1, 0x1111, 0x4111, {0x61, 1, 1, 1, 1, 1, 1, 1}},
        .level = VSS_APP_SYSTEM,
        .components = 1};
    last.at[ON_FREEZE].action = type_to_both;
    last.at[ON_FREEZE].context = "typed while frozen\n";
    scripted_writer_start(&last);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backup_release(&backup);
    scripted_writer_stop(&last);
    for (int i = 0; i < EXAMPLES; i++)
        cli_free(&examples[i]);
    return 0;
}

static VSS_ID instance_of(const VSS_ID *class_id)
{
    UINT count = 0;
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(backup.components, &count), S_OK);
    for (UINT i = 0; i < count; i++)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;
        VSS_ID writer;
        VSS_USAGE_TYPE usage;
        VSS_SOURCE_TYPE source;
        BSTR name = NULL;
        assert_hr(
            IVssBackupComponents_GetWriterMetadata(backup.components, i, &instance, &metadata),
            S_OK);
        assert_hr(IVssExamineWriterMetadata_GetIdentity(
                      metadata, &instance, &writer, &name, &usage, &source),
            S_OK);
        SysFreeString(name);
        IVssExamineWriterMetadata_Release(metadata);
        if (IsEqualGUID(&writer, class_id))
            return instance;
    }
    fail_msg("the example is not found among %u writers", count);
    return GUID_NULL;
}

static void add_component(const VSS_ID *class_id)
{
    assert_hr(IVssBackupComponents_AddComponent(backup.components, instance_of(class_id), *class_id,
                  VSS_CT_FILEGROUP, NULL, L"data"),
        S_OK);
}

static void back_up(BSTR *saved)
{
    backup_begin(&backup, TRUE);
    for (int i = 0; i < EXAMPLES; i++)
        add_component(&classes[i]);
    backup_add_component(&backup, last.instance_id, last.id, L"data0");
    backup_start_set(&backup);
    backup_prepare(&backup);
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SaveAsXML(backup.components, saved), S_OK);
    backup_release(&backup);
}

static void restore(BSTR saved)
{
    IVssAsync *async = NULL;
    backup_create(&backup);
    assert_hr(IVssBackupComponents_InitializeForRestore(backup.components, saved), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(backup.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    for (int i = 0; i < EXAMPLES; i++)
        assert_hr(IVssBackupComponents_SetSelectedForRestore(
                      backup.components, classes[i], VSS_CT_FILEGROUP, NULL, L"data", TRUE),
            S_OK);
    assert_hr(IVssBackupComponents_PreRestore(backup.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_PostRestore(backup.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    backup_release(&backup);
}

/* What was typed, which must be what lies in the file. */
static void assert_file_is(int example, const char *expected)
{
    WCHAR path[MAX_PATH + 16];
    char text[64] = "";
    _snwprintf(path, ARRAYSIZE(path), L"%ls\\data.txt", folders[example]);
    FILE *file = _wfopen(path, L"rb");
    assert_non_null(file);
    fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    assert_string_equal(text, expected);
}

/* The events alone: Identify comes whenever somebody asks, and the application writes on its own
   thread. */
static void assert_events(const struct cli_process *example, const char *expected)
{
    char said[1024] = "";
    size_t used = 0;
    const char *line = example->out.text;
    while (*line && used < sizeof(said))
    {
        size_t length = strcspn(line, "\r\n");
        if (length && strncmp(line, "Identify", length) && strncmp(line, "written", length))
            used += (size_t)snprintf(
                said + used, sizeof(said) - used, "%s%.*s", used ? "; " : "", (int)length, line);
        line += length + strspn(line + length, "\r\n");
    }
    assert_string_equal(said, expected);
}

static void both_examples_take_part_in_a_backup_and_a_restore(void **state)
{
    (void)state;
    BSTR saved = NULL;
    back_up(&saved);
    restore(saved);
    SysFreeString(saved);
    assert_int_equal(last.count[ON_FREEZE], 1);
    for (int i = 0; i < EXAMPLES; i++)
    {
        assert_true(cli_wait_for(&examples[i].out, "written"));
        cli_finish(&examples[i]);
        assert_exit(&examples[i], 0);
        assert_file_is(i, "typed while frozen\n");
        assert_true(strstr(examples[i].out.text, "written") > strstr(examples[i].out.text, "Thaw"));
        assert_events(&examples[i],
            "subscribed; PrepareBackup with components; PrepareSnapshot; Freeze; Thaw; "
            "PostSnapshot; BackupComplete; BackupShutdown; PreRestore; PostRestore");
    }
}

int main(void)
{
    static const struct cast casts[] = {
        {{false, false}}, {{false, true}}, {{true, false}}, {{true, true}}};
#define SCENARIO(name_, index_)                                                                    \
    {                                                                                              \
        name_ ": both_examples_take_part_in_a_backup_and_a_restore",                               \
            both_examples_take_part_in_a_backup_and_a_restore, set_up, tear_down,                  \
            (void *)&casts[index_]                                                                 \
    }
    const struct CMUnitTest tests[] = {
        SCENARIO("of this bitness", 0),
        SCENARIO("C++ of the other", 1),
        SCENARIO("C of the other", 2),
        SCENARIO("both of the other", 3),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT
 *
 * Writers that files describe: what they tell, fail, delete, name and check, and the mistakes in
 * files. The requestor is the test; the live provider serves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "cli/script_config.h"
#include "cli/script_writer.h"
#include "support/backup.h"
#include "support/restore.h"
#include "support/sample_tree.h"

#define FAILED_AT_FREEZE 9
#define FAILED_AT_POST_SNAPSHOT 11

static const GUID class_id = {0x5c215c21, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};

static struct
{
    WCHAR file[SAMPLE_PATH];   /* the writer's */
    WCHAR folder[SAMPLE_PATH]; /* its data */
    struct script_config *config;
    struct script_writer *writer;
    struct backup backup;
    struct backup restore;
    VSS_ID instance;
} fixture;

static int set_up(void **state)
{
    (void)state;
    memset(&fixture, 0, sizeof(fixture));
    sample_path(L"writer.xml", fixture.file);
    sample_path(L"data", fixture.folder);
    sample_remove(fixture.folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backup_release(&fixture.backup);
    backup_release(&fixture.restore);
    if (fixture.writer)
        script_writer_stop(fixture.writer);
    script_config_free(fixture.config);
    return 0;
}

/* `pattern` with the data's folder in place of each $. */
static void write_config(const char *pattern)
{
    char text[8192];
    char *at = text;

    for (; *pattern; pattern++)
        at += *pattern == '$' ? sprintf(at, "%ls", fixture.folder) : sprintf(at, "%c", *pattern);
    sample_write(fixture.file, text, (size_t)(at - text));
}

static void put(const WCHAR *name, const char *content)
{
    WCHAR path[SAMPLE_PATH];
    swprintf(path, SAMPLE_PATH, L"%ls\\%ls", fixture.folder, name);
    sample_write(path, content, strlen(content));
}

static bool is_there(const WCHAR *name)
{
    WCHAR path[SAMPLE_PATH];
    swprintf(path, SAMPLE_PATH, L"%ls\\%ls", fixture.folder, name);
    return sample_exists(path);
}

static void start(const char *pattern)
{
    write_config(pattern);
    fixture.config = script_config_read(fixture.file);
    assert_non_null(fixture.config);
    fixture.writer = script_writer_start(fixture.config, &class_id, L"writer");
    assert_non_null(fixture.writer);
}

static unsigned stop(void)
{
    unsigned wrong = script_writer_stop(fixture.writer);
    fixture.writer = NULL;
    return wrong;
}

/* What it tells; the caller releases it. NULL: it isn't there. */
static IVssExamineWriterMetadata *find_metadata(void)
{
    UINT count = 0;
    IVssExamineWriterMetadata *metadata = NULL;
    assert_hr(
        IVssBackupComponents_GetWriterMetadataCount(fixture.backup.components, &count), S_OK);
    if (count)
        assert_hr(IVssBackupComponents_GetWriterMetadata(
                      fixture.backup.components, 0, &fixture.instance, &metadata),
            S_OK);
    return metadata;
}

/* A backup up to its shadow copy, of these components (NULL ends). */
static void back_up(const WCHAR *name, const WCHAR *other)
{
    backup_begin(&fixture.backup, TRUE);
    IVssExamineWriterMetadata_Release(find_metadata());
    backup_add_component(&fixture.backup, fixture.instance, class_id, name);
    if (other)
        backup_add_component(&fixture.backup, fixture.instance, class_id, other);
    backup_start_set(&fixture.backup);
    backup_prepare(&fixture.backup);
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
}

static void finish_backup(BSTR *saved)
{
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    if (saved)
        assert_hr(IVssBackupComponents_SaveAsXML(fixture.backup.components, saved), S_OK);
    backup_release(&fixture.backup);
}

#define WRITER "<TestWriter usage='USER_DATA' "
#define METHOD                                                                                     \
    "<RestoreMethod method='RESTORE_IF_CAN_REPLACE' writerRestore='always' rebootRequired='no'/>"
#define GROUP "<Component componentType='filegroup' logicalPath='group' componentName='"
#define ALL_FILES "<ComponentFile path='$' filespec='*.txt' recursive='no'/>"

/* ---- What it tells ---- */

static void components_are_told_as_described(void **state)
{
    UINT files = 0, excluded = 0, components = 0, mappings = 0;
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM writer_restore;
    boolean reboot;
    BSTR service = NULL, procedure = NULL;
    IVssWMComponent *component = NULL;
    PVSSCOMPONENTINFO info = NULL;
    DWORD schema = 0;
    (void)state;
    start(WRITER "supportsDifferential='yes' supportsNewTarget='no'>"
                 "<RestoreMethod method='RESTORE_IF_CAN_BE_REPLACED' writerRestore='always'"
                 " rebootRequired='yes'>"
                 "<AlternateLocationMapping path='$' filespec='*.txt' recursive='no'"
                 " alternatePath='$\\other'/></RestoreMethod>"
                 "<ExcludeFile path='$' filespec='not*' recursive='yes'/>"
                 "<Component componentType='database' logicalPath='a\\b' componentName='c'"
                 " selectable='no'>"
                 "<ComponentFile path='$' filespec='*' recursive='no' fullBackupRequired='no'/>"
                 "<Dependency writerId='{01234567-89ab-cdef-0123-456789abcdef}'"
                 " logicalPath='there' componentName='it'/></Component></TestWriter>");
    backup_begin(&fixture.backup, FALSE);
    IVssExamineWriterMetadata *metadata = find_metadata();
    assert_non_null(metadata);
    assert_hr(IVssExamineWriterMetadata_GetFileCounts(metadata, &files, &excluded, &components),
        S_OK);
    assert_int_equal(excluded, 1);
    assert_int_equal(components, 1);
    assert_hr(IVssExamineWriterMetadata_GetRestoreMethod(
                  metadata, &method, &service, &procedure, &writer_restore, &reboot, &mappings),
        S_OK);
    assert_int_equal(method, VSS_RME_RESTORE_IF_CAN_REPLACE);
    assert_int_equal(writer_restore, VSS_WRE_ALWAYS);
    assert_true(reboot);
    assert_int_equal(mappings, 1);
    assert_hr(IVssExamineWriterMetadata_GetBackupSchema(metadata, &schema), S_OK);
    assert_int_equal(schema, VSS_BS_DIFFERENTIAL);
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetComponentInfo(component, (PVSSCOMPONENTINFO *)&info), S_OK);
    assert_int_equal(info->type, VSS_CT_DATABASE);
    assert_true(wcscmp(info->bstrLogicalPath, L"a\\b") == 0);
    assert_true(wcscmp(info->bstrComponentName, L"c") == 0);
    assert_false(info->bSelectable);
    assert_int_equal(info->cDatabases, 1);
    assert_int_equal(info->cDependencies, 1);
    IVssWMComponent_FreeComponentInfo(component, info);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadata_Release(metadata);
    SysFreeString(service);
    SysFreeString(procedure);
    assert_int_equal(stop(), 0);
}

/* ---- Events that fail ---- */

static void check_status(int state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    backup_gather_status(&fixture.backup);
    assert_hr(backup_writer_status(&fixture.backup, fixture.instance, &actual), failure);
    assert_int_equal(actual, state);
}

static bool is_retryable(HRESULT hr)
{
    return hr == VSS_E_WRITERERROR_RETRYABLE || hr == VSS_E_WRITERERROR_TIMEOUT ||
        hr == VSS_E_WRITERERROR_OUTOFRESOURCES || hr == VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT;
}

static void an_event_fails_as_often_as_the_file_says(void **state)
{
    (void)state;
    start(WRITER ">" METHOD GROUP "all'>" ALL_FILES "</Component>"
                 "<FailEvent writerEvent='Freeze' retryable='yes' numFailures='2'/></TestWriter>");
    for (int i = 0; i < 3; i++)
    {
        VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
        back_up(L"all", NULL);
        backup_gather_status(&fixture.backup);
        HRESULT failure = backup_writer_status(&fixture.backup, fixture.instance, &actual);
        assert_int_equal(actual == (VSS_WRITER_STATE)FAILED_AT_FREEZE, i < 2);
        assert_int_equal(is_retryable(failure), i < 2);
        backup_release(&fixture.backup);
    }
    assert_int_equal(stop(), 0);
}

static void an_event_fails_for_ever_without_a_number(void **state)
{
    (void)state;
    start(WRITER ">" METHOD GROUP "all'>" ALL_FILES "</Component>"
                 "<FailEvent writerEvent='PostSnapshot' retryable='no'/></TestWriter>");
    for (int i = 0; i < 3; i++)
    {
        back_up(L"all", NULL);
        check_status(FAILED_AT_POST_SNAPSHOT, VSS_E_WRITERERROR_NONRETRYABLE);
        backup_release(&fixture.backup);
    }
}

static void a_writer_that_fails_identify_is_not_reported(void **state)
{
    (void)state;
    start(WRITER ">" METHOD "<FailEvent writerEvent='Identify' retryable='no' numFailures='1'/>"
                 "</TestWriter>");
    backup_begin(&fixture.backup, FALSE);
    assert_null(find_metadata());
    backup_release(&fixture.backup);
    backup_begin(&fixture.backup, FALSE);
    IVssExamineWriterMetadata *metadata = find_metadata();
    assert_non_null(metadata);
    IVssExamineWriterMetadata_Release(metadata);
}

/* ---- Files ---- */

static void files_are_deleted_and_checked_after_the_restore(void **state)
{
    static const struct
    {
        const char *one;
        const char *two;
        const char *excluded;
        unsigned wrong;
    } rows[] = {
        {"one", "two", NULL, 0},
        {"one", NULL, NULL, 1},
        {"one", "twx", NULL, 1},
        {"one", "two", "x", 1},
        {NULL, "two and more", "x", 3},
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        BSTR saved = NULL;
        put(L"one.txt", "one");
        put(L"two.txt", "two");
        put(L"not.txt", "excluded");
        start(WRITER "deleteFiles='yes' checkIncludes='yes' checkExcludes='yes'>" METHOD
                     "<ExcludeFile path='$' filespec='not*' recursive='no'/>" GROUP "all'"
                     " selectableForRestore='yes'>" ALL_FILES "</Component></TestWriter>");
        back_up(L"all", NULL);
        assert_false(is_there(L"one.txt") || is_there(L"two.txt") || is_there(L"not.txt"));
        finish_backup(&saved);
        restore_begin(&fixture.restore, saved);
        SysFreeString(saved);
        assert_hr(restore_select(&fixture.restore, class_id, L"all", TRUE), S_OK);
        assert_hr(restore_pre(&fixture.restore), VSS_S_ASYNC_FINISHED);
        if (rows[i].one)
            put(L"one.txt", rows[i].one);
        if (rows[i].two)
            put(L"two.txt", rows[i].two);
        if (rows[i].excluded)
            put(L"not.txt", rows[i].excluded);
        assert_hr(restore_post(&fixture.restore), VSS_S_ASYNC_FINISHED);
        backup_release(&fixture.restore);
        assert_int_equal(stop(), rows[i].wrong);
        script_config_free(fixture.config);
        fixture.config = NULL;
        sample_remove(fixture.folder);
    }
}

static void spit_files_are_made_before_the_shadow_copy(void **state)
{
    (void)state;
    put(L"one.txt", "one");
    start(WRITER "deleteFiles='yes'>" METHOD GROUP "all'>"
                 "<ComponentFile path='$' filespec='*.txt' recursive='no'"
                 " alternatePath='$\\spit'/></Component>"
                 "<FailEvent writerEvent='PostSnapshot' retryable='no' numFailures='1'/>"
                 "</TestWriter>");
    back_up(L"all", NULL);
    /* PostSnapshot has failed before it could delete anything. */
    assert_true(is_there(L"spit\\one.txt"));
    assert_false(is_there(L"one.txt"));
    backup_release(&fixture.backup);
    back_up(L"all", NULL);
    assert_false(is_there(L"spit\\one.txt"));
    assert_int_equal(stop(), 0);
}

static void partial_and_differenced_files_are_named(void **state)
{
    BSTR path = NULL, name = NULL, ranges = NULL, metadata = NULL;
    UINT count = 0;
    FILETIME since;
    SYSTEMTIME time, local;
    BOOL recursive = TRUE;
    (void)state;
    put(L"one.txt", "one");
    put(L"partial.txt", "0123456789");
    start(WRITER "deletePartialFiles='yes' checkIncludes='yes'>" METHOD GROUP "all'>" ALL_FILES
                 "<PartialFile path='$' filespec='partial.txt' ranges='0:5,8:2'/>"
                 "<DifferencedFile path='$' filespec='*.log' year='2007' month='1' day='22'"
                 " hour='12' minute='44' second='17'/></Component></TestWriter>");
    back_up(L"all", NULL);
    assert_true(is_there(L"one.txt"));
    assert_false(is_there(L"partial.txt"));
    IVssComponent *component = backup_find_component(&fixture.backup, fixture.instance);
    assert_hr(IVssComponent_GetPartialFileCount(component, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssComponent_GetPartialFile(component, 0, &path, &name, &ranges, &metadata), S_OK);
    assert_true(wcscmp(name, L"partial.txt") == 0);
    assert_true(wcscmp(ranges, L"0:5,8:2") == 0);
    SysFreeString(path);
    SysFreeString(name);
    SysFreeString(ranges);
    SysFreeString(metadata);
    assert_hr(IVssComponent_GetDifferencedFilesCount(component, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssComponent_GetDifferencedFile(
                  component, 0, &path, &name, &recursive, &ranges, &since),
        S_OK);
    assert_true(wcscmp(name, L"*.log") == 0);
    assert_true(FileTimeToSystemTime(&since, &time));
    assert_true(SystemTimeToTzSpecificLocalTime(NULL, &time, &local));
    assert_int_equal(local.wYear * 10000 + local.wMonth * 100 + local.wDay, 20070122);
    assert_int_equal(local.wHour * 10000 + local.wMinute * 100 + local.wSecond, 124417);
    SysFreeString(path);
    SysFreeString(name);
    SysFreeString(ranges);
    IVssComponent_Release(component);
}

/* ---- Mistakes ---- */

static void a_mistake_in_the_file_is_found(void **state)
{
    static const char *const files[] = {
        "",
        "<TestWriter",
        "<Writer usage='USER_DATA'/>",
        "<TestWriter/>",
        "<TestWriter usage='USERDATA'/>",
        WRITER "verbosity='loud'/>",
        WRITER "deleteFile='yes'/>",
        WRITER "deleteFiles='true'/>",
        WRITER "><Component/></TestWriter>",
        WRITER "><ComponentFile path='a' filespec='b'/></TestWriter>",
        WRITER "><Restore/></TestWriter>",
        WRITER "><RestoreMethod method='SOMETIMES' writerRestore='always'/></TestWriter>",
        WRITER "><FailEvent writerEvent='Melt'/></TestWriter>",
        WRITER "><FailEvent writerEvent='Thaw' numFailures='-1'/></TestWriter>",
        WRITER "><FailEvent writerEvent='Thaw' numFailures='two'/></TestWriter>",
        WRITER ">" GROUP "c'><PartialFile path='a' filespec='b' ranges='5'/></Component>"
               "</TestWriter>",
        WRITER ">" GROUP "c'><Dependency writerId='none' componentName='b'/></Component>"
               "</TestWriter>",
        "<!DOCTYPE x [<!ENTITY a 'USER_DATA'>]>" WRITER "/>",
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(files); i++)
    {
        write_config(files[i]);
        if (script_config_read(fixture.file))
            fail_msg("accepted: %s", files[i]);
    }
    assert_true(DeleteFileW(fixture.file));
    assert_null(script_config_read(fixture.file));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mistake_in_the_file_is_found),
        TEST(components_are_told_as_described),
        TEST(an_event_fails_as_often_as_the_file_says),
        TEST(an_event_fails_for_ever_without_a_number),
        TEST(a_writer_that_fails_identify_is_not_reported),
        TEST(files_are_deleted_and_checked_after_the_restore),
        TEST(spit_files_are_made_before_the_shadow_copy),
        TEST(partial_and_differenced_files_are_named),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("script writer", tests, NULL, NULL);
}

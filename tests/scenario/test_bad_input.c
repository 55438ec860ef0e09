/* SPDX-License-Identifier: MIT
 *
 * Bad input at the public API: the documented HRESULT, exactly one sentence in the error log,
 * nothing leaked, and the object as usable as before (requestor 0.3, 1.2, 2.1-2.6).
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

#include "support/backup.h"
#include "support/scripted_writer.h"

static const VSS_ID writer_id = {0xd1d1d1d1, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID foreign_id = {0xeeeeeeee, 0xeeee, 0xeeee, {0xee, 0xee, 1, 2, 3, 4, 5, 6}};

static volatile LONG errors_logged;

static WCHAR last_error[2048]; /* written by calls of the test's own thread only */

static void CALLBACK count_errors(void *context, int level, const WCHAR *line)
{
    (void)context;
    if (level != 1)
        return;
    InterlockedIncrement(&errors_logged);
    lstrcpynW(last_error, line, ARRAYSIZE(last_error));
}

/* A refused call: the code, and one sentence. */
#define assert_refused(call, expected)                                                             \
    do                                                                                             \
    {                                                                                              \
        LONG logged_ = errors_logged;                                                              \
        assert_hr(call, expected);                                                                 \
        assert_int_equal(errors_logged - logged_, 1);                                              \
    } while (0)

struct fixture
{
    struct scripted_writer writer;
    struct backup backup;
    LONG blocks;
    LONG objects;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->writer.name = L"writer";
    fixture->writer.id = writer_id;
    fixture->writer.components = 2;
    scripted_writer_start(&fixture->writer);
    /* A writer that has answered Identify once remembers what it said. */
    backup_begin(&fixture->backup, FALSE);
    backup_release(&fixture->backup);
    ThawlineSetLogSink(count_errors, NULL, 1);
    fixture->blocks = ThawlineGetLiveBlocks();
    fixture->objects = ThawlineGetLiveObjects();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->backup);
    assert_int_equal(ThawlineGetLiveObjects(), fixture->objects);
    assert_int_equal(ThawlineGetLiveBlocks(), fixture->blocks);
    ThawlineSetLogSink(NULL, NULL, 0);
    scripted_writer_stop(&fixture->writer);
    test_free(fixture);
    return 0;
}

static void creation_without_a_pointer_is_invalid(void **state)
{
    (void)state;
    assert_refused(CreateVssBackupComponentsInternal(NULL), E_INVALIDARG);
}

static void null_pointers_are_invalid_arguments(void **state)
{
    struct fixture *fixture = *state;
    VSS_ID id;
    BSTR name;
    VSS_WRITER_STATE writer_state;
    HRESULT failure;
    LONG count;
    BOOL supported;
    IVssExamineWriterMetadata *metadata;
    WCHAR c[] = L"C:\\";
    backup_begin(&fixture->backup, TRUE);
    backup_gather_status(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_refused(IVssBackupComponents_GetWriterComponentsCount(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_GetWriterComponents(bc, 0, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_GatherWriterMetadata(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_GetWriterMetadataCount(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_GetWriterMetadata(bc, 0, NULL, &metadata), E_INVALIDARG);
    assert_null(metadata);
    assert_refused(IVssBackupComponents_GetWriterMetadata(bc, 0, &id, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_PrepareForBackup(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_GatherWriterStatus(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_GetWriterStatusCount(bc, NULL), E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_GetWriterStatus(bc, 0, NULL, &id, &name, &writer_state, &failure),
        E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_GetWriterStatus(bc, 0, &id, NULL, &name, &writer_state, &failure),
        E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_GetWriterStatus(bc, 0, &id, &id, NULL, &writer_state, &failure),
        E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_GetWriterStatus(bc, 0, &id, &id, &name, NULL, &failure), E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_GetWriterStatus(bc, 0, &id, &id, &name, &writer_state, NULL),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_SaveAsXML(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_BackupComplete(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_StartSnapshotSet(bc, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_AddToSnapshotSet(bc, NULL, GUID_NULL, &id), E_INVALIDARG);
    assert_refused(IVssBackupComponents_AddToSnapshotSet(bc, c, GUID_NULL, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_DoSnapshotSet(bc, NULL), E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_DeleteSnapshots(bc, foreign_id, VSS_OBJECT_SNAPSHOT, FALSE, NULL, &id),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_DeleteSnapshots(
                       bc, foreign_id, VSS_OBJECT_SNAPSHOT, FALSE, &count, NULL),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_GetSnapshotProperties(bc, foreign_id, NULL), E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, NULL),
        E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_IsVolumeSupported(bc, GUID_NULL, NULL, &supported), E_INVALIDARG);
    assert_refused(IVssBackupComponents_IsVolumeSupported(bc, GUID_NULL, c, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_DisableWriterClasses(bc, NULL, 1), E_INVALIDARG);
    assert_refused(IVssBackupComponents_EnableWriterClasses(bc, NULL, 1), E_INVALIDARG);
    assert_refused(IVssBackupComponents_DisableWriterInstances(bc, NULL, 1), E_INVALIDARG);
    assert_refused(IVssBackupComponents_AddComponent(
                       bc, fixture->writer.instance_id, writer_id, VSS_CT_FILEGROUP, NULL, NULL),
        E_INVALIDARG);
    assert_hr(IVssBackupComponents_AddComponent(
                  bc, fixture->writer.instance_id, writer_id, VSS_CT_FILEGROUP, L"group", L"data0"),
        S_OK);
}

static void enumerations_out_of_range_are_invalid_arguments(void **state)
{
    struct fixture *fixture = *state;
    IVssEnumObject *list;
    VSS_ID id;
    LONG count;
    backup_begin(&fixture->backup, TRUE);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_refused(IVssBackupComponents_SetBackupState(bc, TRUE, FALSE, VSS_BT_UNDEFINED, FALSE),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_SetBackupState(bc, TRUE, FALSE, (VSS_BACKUP_TYPE)99, FALSE),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_SetContext(bc, 0x1234567), E_INVALIDARG);
    assert_refused(IVssBackupComponents_SetContext(
                       bc, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_DIFFERENTIAL | VSS_VOLSNAP_ATTR_PLEX),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_SetContext(
                       bc, VSS_CTX_CLIENT_ACCESSIBLE | VSS_VOLSNAP_ATTR_TRANSPORTABLE),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_AddComponent(bc, fixture->writer.instance_id, writer_id,
                       (VSS_COMPONENT_TYPE)3, L"group", L"data0"),
        E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_Query(bc, foreign_id, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        E_INVALIDARG);
    assert_null(list);
    assert_refused(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_SNAPSHOT, VSS_OBJECT_SNAPSHOT, &list),
        E_INVALIDARG);
    assert_refused(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT_SET, &list),
        E_INVALIDARG);
    assert_refused(IVssBackupComponents_DeleteSnapshots(
                       bc, foreign_id, VSS_OBJECT_PROVIDER, FALSE, &count, &id),
        E_INVALIDARG);
    assert_hr(IVssBackupComponents_SetContext(bc, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_NOT_TRANSACTED),
        S_OK);
}

static void unknown_ids_are_not_found(void **state)
{
    struct fixture *fixture = *state;
    VSS_SNAPSHOT_PROP prop;
    LONG count;
    VSS_ID id;
    backup_begin(&fixture->backup, TRUE);
    IVssBackupComponents *bc = fixture->backup.components;
    VSS_ID instance = fixture->writer.instance_id;
    assert_refused(IVssBackupComponents_AddComponent(
                       bc, foreign_id, writer_id, VSS_CT_FILEGROUP, L"group", L"data0"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_refused(IVssBackupComponents_AddComponent(
                       bc, instance, foreign_id, VSS_CT_FILEGROUP, L"group", L"data0"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_refused(IVssBackupComponents_AddComponent(
                       bc, instance, writer_id, VSS_CT_FILEGROUP, L"group", L"no such"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_refused(IVssBackupComponents_AddComponent(
                       bc, instance, writer_id, VSS_CT_DATABASE, L"group", L"data0"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssBackupComponents_AddComponent(
                  bc, instance, writer_id, VSS_CT_FILEGROUP, L"group", L"data0"),
        S_OK);
    assert_refused(IVssBackupComponents_AddComponent(
                       bc, instance, writer_id, VSS_CT_FILEGROUP, L"group", L"data0"),
        VSS_E_OBJECT_ALREADY_EXISTS);
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(bc, foreign_id, &prop), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssBackupComponents_DeleteSnapshots(
                  bc, foreign_id, VSS_OBJECT_SNAPSHOT_SET, FALSE, &count, &id),
        VSS_E_OBJECT_NOT_FOUND);
}

static void paths_of_40000_characters_are_refused(void **state)
{
    struct fixture *fixture = *state;
    WCHAR *path = test_calloc(40002, sizeof(WCHAR));
    BOOL supported = TRUE;
    VSS_ID id;
    path[0] = L'C';
    path[1] = L':';
    path[2] = L'\\';
    for (int i = 3; i < 40000; i++)
        path[i] = L'a';
    path[40000] = L'\\';
    backup_begin(&fixture->backup, TRUE);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_refused(
        IVssBackupComponents_IsVolumeSupported(bc, GUID_NULL, path, &supported), E_INVALIDARG);
    assert_false(supported);
    assert_refused(IVssBackupComponents_AddComponent(bc, fixture->writer.instance_id, writer_id,
                       VSS_CT_FILEGROUP, path, L"data0"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssBackupComponents_StartSnapshotSet(bc, &id), S_OK);
    assert_refused(IVssBackupComponents_AddToSnapshotSet(bc, path, GUID_NULL, &id), E_INVALIDARG);
    test_free(path);
}

/* A Backup Components Document with `body` inside the root. */
static BSTR document(const WCHAR *before, const WCHAR *body)
{
    static const WCHAR root[] =
        L"<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\" "
        L"bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\" "
        L"partialFileSupport=\"no\">";
    static const WCHAR end[] = L"</BACKUP_COMPONENTS>";
    size_t length = wcslen(before) + wcslen(root) + wcslen(body) + wcslen(end);
    BSTR text = SysAllocStringLen(NULL, (UINT)length);
    assert_non_null(text);
    wcscpy(text, before);
    wcscat(text, root);
    wcscat(text, body);
    wcscat(text, end);
    return text;
}

static void refuse_document(struct fixture *fixture, BSTR text)
{
    IVssExamineWriterMetadata *metadata = (IVssExamineWriterMetadata *)(UINT_PTR)1;
    backup_create(&fixture->backup);
    assert_refused(IVssBackupComponents_InitializeForRestore(fixture->backup.components, text),
        VSS_E_INVALID_XML_DOCUMENT);
    assert_refused(IVssBackupComponents_InitializeForBackup(fixture->backup.components, text),
        VSS_E_INVALID_XML_DOCUMENT);
    assert_refused(
        CreateVssExamineWriterMetadataInternal(text, &metadata), VSS_E_INVALID_XML_DOCUMENT);
    assert_null(metadata);
    /* Nothing is lost: the object can still be initialised. */
    assert_hr(IVssBackupComponents_InitializeForBackup(fixture->backup.components, NULL), S_OK);
    backup_release(&fixture->backup);
    SysFreeString(text);
}

static BSTR nested(size_t levels)
{
    WCHAR *body = test_calloc(levels * 7 + 1, sizeof(WCHAR));
    for (size_t i = 0; i < levels; i++)
    {
        memcpy(body + i * 3, L"<a>", 3 * sizeof(WCHAR));
        memcpy(body + levels * 3 + i * 4, L"</a>", 4 * sizeof(WCHAR));
    }
    BSTR text = document(L"", body);
    test_free(body);
    return text;
}

static void damaged_documents_are_invalid_and_the_object_can_be_initialised(void **state)
{
    struct fixture *fixture = *state;
    BSTR whole = document(L"", L"");
    BSTR truncated = SysAllocStringLen(whole, SysStringLen(whole) - 5);
    backup_create(&fixture->backup);
    assert_hr(IVssBackupComponents_InitializeForRestore(fixture->backup.components, whole), S_OK);
    backup_release(&fixture->backup);
    SysFreeString(whole);

    refuse_document(fixture, truncated);
    refuse_document(fixture, SysAllocString(L"no XML at all"));
    refuse_document(fixture, SysAllocString(L"<OTHER xmlns=\"x-schema:#VssComponentMetadata\"/>"));
    refuse_document(fixture, document(L"<!DOCTYPE BACKUP_COMPONENTS [<!ENTITY a \"b\">]>", L""));
    refuse_document(fixture, nested(100000));
    /* Eight-bit text where UTF-16 belongs, of an odd number of bytes. */
    refuse_document(fixture, SysAllocStringByteLen("<BACKUP_COMPONENTS version='1.2'/>  ", 35));
    refuse_document(
        fixture, document(L"", L"<WRITER_COMPONENTS instanceId=\"no guid\" writerId=\"\"/>"));
}

static void assert_said(const WCHAR *what)
{
    if (!wcsstr(last_error, what))
        fail_msg("\"%ls\" is not in \"%ls\"", what, last_error);
}

/* All three ways to load say `what`; takes over the text. */
static void assert_reason(struct fixture *fixture, BSTR text, const WCHAR *what)
{
    IVssExamineWriterMetadata *metadata = NULL;
    backup_create(&fixture->backup);
    assert_refused(IVssBackupComponents_InitializeForRestore(fixture->backup.components, text),
        VSS_E_INVALID_XML_DOCUMENT);
    assert_said(what);
    assert_refused(IVssBackupComponents_InitializeForBackup(fixture->backup.components, text),
        VSS_E_INVALID_XML_DOCUMENT);
    assert_said(what);
    assert_refused(
        CreateVssExamineWriterMetadataInternal(text, &metadata), VSS_E_INVALID_XML_DOCUMENT);
    /* For it the root is another one; what is no XML at all is found before. */
    assert_said(what);
    backup_release(&fixture->backup);
    SysFreeString(text);
}

static void the_sentence_about_a_damaged_document_names_reason_and_line(void **state)
{
    struct fixture *fixture = *state;
    BSTR whole = document(L"\n\n", L"\n");
    assert_reason(fixture, SysAllocStringLen(whole, SysStringLen(whole) - 20),
        L"line 4, column 1: the text ends too early");
    SysFreeString(whole);
    assert_reason(fixture, document(L"\n<!DOCTYPE BACKUP_COMPONENTS [<!ENTITY a \"b\">]>\n", L""),
        L"line 2, column ");
    assert_said(L": it has a DTD, which is not allowed");
    assert_reason(fixture, nested(100000), L": elements are nested deeper than 256");
    assert_reason(fixture, SysAllocStringByteLen("<BACKUP_COMPONENTS version='1.2'/>  ", 36),
        L"line 1, column 1: it is not UTF-16 but eight-bit text");
    assert_reason(
        fixture, document(L"", L"\n\xD800"), L"line 2, column 1: it is not UTF-16: half of a");
    assert_reason(fixture, SysAllocString(L"<A>\n</B>"), L"line 2, column 3: mismatched tag");
    assert_reason(
        fixture, SysAllocString(L"\n<OTHER/>"), L"line 2, column 1: the root element is not ");
}

static void a_restore_without_a_document_is_invalid(void **state)
{
    struct fixture *fixture = *state;
    BSTR empty = SysAllocString(L"");
    backup_create(&fixture->backup);
    assert_refused(
        IVssBackupComponents_InitializeForRestore(fixture->backup.components, NULL), E_INVALIDARG);
    assert_refused(IVssBackupComponents_InitializeForRestore(fixture->backup.components, empty),
        VSS_E_INVALID_XML_DOCUMENT);
    assert_hr(IVssBackupComponents_InitializeForBackup(fixture->backup.components, empty), S_OK);
    assert_refused(IVssBackupComponents_InitializeForBackup(fixture->backup.components, NULL),
        VSS_E_BAD_STATE);
    assert_refused(IVssBackupComponents_InitializeForRestore(fixture->backup.components, empty),
        VSS_E_BAD_STATE);
    SysFreeString(empty);
}

static void indices_past_the_end_are_not_found(void **state)
{
    struct fixture *fixture = *state;
    IVssExamineWriterMetadata *metadata = NULL;
    IVssWriterComponentsExt *writer = NULL;
    VSS_ID id;
    VSS_ID other;
    BSTR name = NULL;
    VSS_WRITER_STATE writer_state;
    HRESULT failure;
    UINT count = 0;
    backup_begin(&fixture->backup, TRUE);
    backup_gather_status(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(bc, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(
        IVssBackupComponents_GetWriterMetadata(bc, 1, &id, &metadata), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(
        IVssBackupComponents_GetWriterStatus(bc, 1, &id, &other, &name, &writer_state, &failure),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssBackupComponents_GetWriterComponents(bc, 0, &writer), VSS_E_OBJECT_NOT_FOUND);
    assert_null(metadata);
    assert_null(writer);
    assert_null(name);
}

static void scope_names_that_could_be_paths_are_refused(void **state)
{
    (void)state;
    assert_refused(ThawlineSetOption(L"SCOPE", L"..\\evil"), E_INVALIDARG);
    assert_refused(ThawlineSetOption(L"SCOPE", L""), E_INVALIDARG);
    assert_refused(ThawlineSetOption(L"SCOPE", L"123456789012345678901234567890123"), E_INVALIDARG);
    assert_refused(ThawlineSetOption(L"NO_SUCH_SETTING", L"1"), E_INVALIDARG);
    assert_refused(ThawlineSetOption(NULL, L"1"), E_INVALIDARG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(creation_without_a_pointer_is_invalid),
        TEST(null_pointers_are_invalid_arguments),
        TEST(enumerations_out_of_range_are_invalid_arguments),
        TEST(unknown_ids_are_not_found),
        TEST(paths_of_40000_characters_are_refused),
        TEST(damaged_documents_are_invalid_and_the_object_can_be_initialised),
        TEST(the_sentence_about_a_damaged_document_names_reason_and_line),
        TEST(a_restore_without_a_document_is_invalid),
        TEST(indices_past_the_end_are_not_found),
        TEST(scope_names_that_could_be_paths_are_refused),
    };
    ThawlineSetOption(L"PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("bad input", tests, NULL, NULL);
}
